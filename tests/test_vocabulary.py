"""Visible texts use the words of a deep-learning textbook: those listed here may not come back."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What each stands for: image; activation; penalty; active and inactive; sample; corrupt, restore; trained; next to;
# compared with; integer; backpropagation; not valid; computing; queued; training is paused or finished.
UNWANTED = re.compile(
    r"\bpictures?\b|\bbends?\b|\bprices?\b|\bunits? speaks?\b|\bsilent\b|\bdreams?\b|\bdamage\b|\bmend(s|ed)?\b"
    r"|\blearnt\b|\bbeside\b|\bwhole numbers?\b|\bback-propagation\b|\bcannot be used\b|\bworking out\b|\bin line\b"
    r"|\btraining rests\b|\bTrain anew\b|\bits numbers\b",
    re.IGNORECASE,
)
PYTHON = [
    *ROOT.glob("pages/*.py"),
    *ROOT.glob("aelib/ui/**/*.py"),
    *ROOT.glob("aelib/spec/**/*.py"),
    *ROOT.glob("aelib/experiments/**/*.py"),
    ROOT / "aelib" / "host" / "settings.py",
    ROOT / "app.py",
]
HTML = list(ROOT.glob("aelib/ui/**/*.html"))


def texts(source: str) -> list[str]:
    """All strings of a module that hold several words, without docstrings."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [str(node.value) for node in strings if id(node) not in docstrings and " " in str(node.value).strip()]


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: str(file.relative_to(ROOT)))
def test_texts_of_pages_use_the_fields_words(file: Path) -> None:
    # What a programmer reads, in the message of a ValueError, may speak of anything.
    said = [text for text in texts(file.read_text("utf-8")) if "uint8" not in text and "[N, " not in text]
    assert [(text, found[0]) for text in said if (found := UNWANTED.search(text))] == []


@pytest.mark.parametrize("file", HTML, ids=lambda file: file.name)
def test_texts_of_components_use_the_fields_words(file: Path) -> None:
    html = file.read_text("utf-8")
    said = re.findall(r">([^<>]+)<", html) + re.findall(r'(?:title|aria-label|placeholder)="([^"]*)"', html)
    assert [(text, found[0]) for text in said if (found := UNWANTED.search(text))] == []


def test_the_readme_uses_the_fields_words() -> None:
    words = (ROOT / "README.md").read_text("utf-8")
    assert [found[0] for found in UNWANTED.finditer(words)] == []

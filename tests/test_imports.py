"""Imports point one way: pages → ui, cli → workshop, export, experiments → runs → cluster → analysis → train → nn →
datasets → host → spec."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    ("app", "pages", "__main__"),
    ("ui", "cli"),
    ("example", "workshop", "export", "experiments"),
    ("runs",),
    ("cluster",),
    ("analysis",),
    ("train",),
    ("nn",),
    ("datasets",),
    ("host",),
    ("spec",),
)
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}


@cache
def files() -> list[Path]:
    found = [*(ROOT / "aelib").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    assert len(found) > 30
    return found


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path) -> Iterator[tuple[str, bool]]:
    """(module, is it imported inside a function) for every import, whatever block it stands in."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            assert node.module is not None
            if node.module == "aelib":
                for alias in node.names:
                    yield f"aelib.{alias.name}", id(node) in inside
            else:
                yield node.module, id(node) in inside


def part_of(module: str) -> str | None:
    """The part of the house that a module belongs to: "aelib.runs.store" → "runs"; None for other people's."""
    names = module.split(".")
    if names[0] == "aelib":
        return names[1] if len(names) > 1 else None
    return names[0] if names[0] in ("pages", "app") else None


def edges() -> Iterator[tuple[str, str, bool, Path]]:
    for file in files():
        importer = part_of(module_of(file))
        for module, inside in imports_of(file):
            imported = part_of(module)
            if importer is not None and imported is not None and importer != imported:
                yield importer, imported, inside, file


def test_every_part_has_its_place() -> None:
    parts = {part_of(module_of(file)) for file in files()} - {None}
    assert parts == RANK.keys()


def test_imports_point_down() -> None:
    upward = [
        f"{file.relative_to(ROOT)}: {importer} → {imported}"
        for importer, imported, inside, file in edges()
        if RANK[imported] < RANK[importer]
    ]
    assert upward == []


def test_imports_go_in_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for importer, imported, _, _ in edges():
        graph.setdefault(importer, set()).add(imported)
    assert next(iter(TopologicalSorter(graph).static_order())) == "spec"


def test_the_front_trains_nothing_itself() -> None:
    """Pages, the user interface and runs know slices, and what workers keep, by name; what trains is reached through
    the cluster."""
    known = {"slices", "resident", "pace"}
    reached = {
        module
        for file in files()
        if part_of(module_of(file)) in ("app", "pages", "ui", "workshop", "runs")
        for module, _ in imports_of(file)
        if module.startswith(("aelib.train.", "aelib.nn")) and module.split(".")[2] not in known
    }
    assert reached == set()


def test_what_a_run_is_needs_no_import_inside_a_function() -> None:
    assert {
        (module_of(file), module)
        for file in files()
        if part_of(module_of(file)) == "spec"
        for module, inside in imports_of(file)
        if inside and module.startswith("aelib")
    } == set()


def importers(package: str) -> set[str]:
    return {
        module_of(file) for file in files() if any(module.split(".")[0] == package for module, _ in imports_of(file))
    }


def test_only_the_front_knows_streamlit() -> None:
    known = importers("streamlit")
    assert "app" in known
    assert {module for module in known if part_of(module) not in ("ui", "pages", "app")} == set()


def test_what_is_not_streamlits_public_interface_is_used_in_one_file() -> None:
    assert {
        module_of(file)
        for file in files()
        if any(module.startswith(("streamlit.runtime.", "streamlit.web.")) for module, _ in imports_of(file))
    } == {"aelib.ui.server.internals"}


def test_the_front_and_the_runs_do_not_import_torch() -> None:
    """Corruptions are named by the pages, too, and import torch only where they corrupt (see the next test)."""
    known = importers("torch") | importers("torchvision")
    assert "aelib.train.trainer" in known
    assert {
        module for module in known if part_of(module) in ("ui", "pages", "app", "runs", "engine", "slices")
    } == set()


@pytest.mark.parametrize(
    "module",
    [
        "aelib.ui.session.session",
        "aelib.ui.components.live",
        "aelib.ui.session.run_page",
        "aelib.analysis",
        "aelib.cluster.engine",
        "aelib.runs",
        "aelib.experiments",
        "aelib.spec.serialization",
        "aelib.__main__",
    ],
)
def test_the_web_server_does_not_load_torch(module: str) -> None:
    script = f"import sys, {module}; print('torch' in sys.modules, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_app_does_not_load_torch_while_its_engine_trains(home: Path) -> None:
    """Dask tells the app the type of every result, and a type is loaded with its module."""
    done = subprocess.run([sys.executable, "-c", TRAINING_APP, str(home)], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["False"], done.stderr


TRAINING_APP = """
import sys, time
from concurrent.futures import Future
from pathlib import Path

if __name__ == "__main__":
    from aelib.spec.config import RunConfig
    from aelib.cluster.engine import Engine
    from aelib.runs import Runs

    promise = Future()
    promise.set_result(Engine.start())
    run = Runs(promise, Path(sys.argv[1])).create(RunConfig(dataset="digits"), "me", train=True)
    while run.view().step < 1 or not run.view().pca:
        run.touch()
        time.sleep(0.05)
    print("torch" in sys.modules)
    run.pause()
    promise.result().close()
"""

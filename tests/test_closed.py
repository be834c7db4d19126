"""What belongs to one person is closed to others, and nothing that a person sends is run or taken for HTML."""

from __future__ import annotations

import ast
import secrets
from collections.abc import Iterator
from concurrent.futures import Future as Promise
from pathlib import Path

import pytest

from aelib.cluster.engine import Engine
from aelib.runs import Runs, Unreadable
from aelib.runs.registry import new_owner
from aelib.spec.config import RunConfig
from tests.runs.waiting import wait_for_rest

ROOT = Path(__file__).parents[1]
CONFIG = RunConfig(dataset="digits", widths=(), code_size=4, epochs=1)
FRONT = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "aelib" / "ui").rglob("*.py")]
SCRIPTS = [*(ROOT / "aelib" / "ui").rglob("*.js"), *(ROOT / "aelib" / "ui").rglob("*.html")]


def test_ids_and_owners_are_made_of_at_least_96_random_bits(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    genuine = secrets.token_bytes

    def token_bytes(count: int) -> bytes:
        drawn.append(count)
        return genuine(count)

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    run = runs.create(CONFIG, new_owner(), train=False)
    assert len({run.id, run.owner, new_owner()}) == 3
    assert len(drawn) == 3 and min(drawn) * 8 >= 96
    wait_for_rest(run)


def test_a_list_of_runs_holds_the_owners_own_alone(runs: Runs, promised_engine: Promise[Engine], home: Path) -> None:
    ours, theirs = (wait_for_rest(runs.create(CONFIG, owner, train=False)).id for owner in ("we", "they"))
    after_a_restart = Runs(promised_engine, home)
    for registry in (runs, after_a_restart):
        assert [summary.id for summary in registry.list("we")] == [ours]
        assert [summary.id for summary in registry.list("they")] == [theirs]
        for stranger in ("", "w", "WE", "*", "we/../they", "\0"):
            assert registry.list(stranger) == []


def test_a_run_is_neither_seen_nor_deleted_by_anything_but_its_whole_id(runs: Runs, home: Path) -> None:
    run = runs.create(CONFIG, "owner", train=False)
    wait_for_rest(run)
    own_id = run.id
    guesses = [
        "",
        "*",
        "?" * 16,
        own_id[:-1],
        own_id + "A",
        own_id.swapcase(),
        "owner",
        f"../runs/{own_id}",
        f"./{own_id}",
    ]
    for guess in guesses:
        with pytest.raises(Unreadable, match="Run not found"):
            runs.get(guess)
        runs.delete(guess)
    assert (home / "runs" / own_id / "run.json").is_file()
    assert runs.get(own_id) is run


# ---- what the code must not do -----------------------------------------------------------------------------------

UNPICKLING = {
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "torch.load", "joblib.load", "cloudpickle.loads"),
    *("pandas.read_pickle", "marshal.loads", "shelve.open", "eval", "exec"),
}


def dotted(node: ast.expr) -> str:
    """The name of what is called, as it stands in the source: "torch.load"; "" for what has none."""
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return node.id if isinstance(node, ast.Name) else ""


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def test_nothing_is_unpickled() -> None:
    """What Dask sends between its own processes aside, which TLS or a trusted network has to guard."""
    forbidden = []
    for file in [*FRONT, *(ROOT / "aelib").rglob("*.py")]:
        for name, call in calls(file):
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            refused = keywords.get("allow_pickle")
            allows = refused is not None and not (isinstance(refused, ast.Constant) and refused.value is False)
            # NumPy's own default may change; whoever loads says so.
            silent = name in ("np.load", "numpy.load") and refused is None
            if name in UNPICKLING or allows or silent:
                forbidden.append(f"{file.relative_to(ROOT)}:{call.lineno} {name}")
        imported = {
            alias.name.split(".")[0]
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
        }
        forbidden += [f"{file.relative_to(ROOT)} imports {name}" for name in imported & {"pickle", "joblib", "dill"}]
    assert forbidden == []


def test_foreign_files_are_opened_in_a_process_of_their_own_only() -> None:
    """What a pad sends is no file: as many bytes as it has pixels (`aelib.ui.components.drawing_pad.drawing`)."""
    readers = {"aelib.datasets.reading", "aelib.datasets.decoding"}
    opening = {"read_files", "read_path", "decode", "pages", "collect"}
    found, opened = set(), set()
    for file in [*FRONT, *(ROOT / "aelib").rglob("*.py")]:
        place = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in readers:
                found |= {(place, alias.name) for alias in node.names if alias.name in opening}
        opened |= {place for name, _ in calls(file) if name == "Image.open"}
    inside = {pair for pair in found if pair[0].startswith("aelib/datasets/reading/")}
    child = "aelib/datasets/confined/child.py"
    assert found - inside == {(child, "read_files"), (child, "read_path"), (child, "decode")}
    # The second opens what it has just made.
    assert opened == {"aelib/datasets/decoding.py", "aelib/analysis/reconstructions/jpeg.py"}


def test_pages_render_no_html_but_constant_styles() -> None:
    found = []
    for file in FRONT:
        for name, call in calls(file):
            unsafe = any(keyword.arg == "unsafe_allow_html" for keyword in call.keywords)
            if unsafe or name in ("st.html", "st.iframe", "components.html", "components.iframe"):
                found.append((file.relative_to(ROOT).as_posix(), ast.unparse(call)))
    assert found == [("app.py", "st.html(STYLE)"), ("app.py", "st.html(DARK_STYLE)")]


def test_components_write_texts_as_texts() -> None:
    """The one place that sets HTML gets a drawing of numbers and fixed words, see `aelib.ui.components.network`."""
    ways = [
        *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "setHTML"),
        *("DOMParser", "srcdoc", "eval(", "new Function", "javascript:"),
    ]
    texts = {file: file.read_text("utf-8") for file in [*SCRIPTS, *FRONT]}
    found = {(file.name, way): text.count(way) for file, text in texts.items() for way in ways if way in text}
    assert found == {("network.py", "innerHTML"): 1}

"""What the pages make of people who are not whom a run belongs to, and of addresses made to harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from streamlit.testing.v1 import AppTest

from aelib.runs import Run, Runs
from aelib.spec.config import RunConfig
from aelib.ui.panels.data_panel import GONE
from aelib.ui.server.visitors import Visitor
from aelib.ui.session.session import plain
from tests.memory import memory_given_back
from tests.pages.visit import opened, query, sound
from tests.runs.waiting import wait_for_rest
from tests.spec.test_config import hostile_queries

TEMPTATIONS = (
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![](https://e.vil/spy.png)",
    ":red[r] $y^2$ **b** _i_ `c`",
    "&lt;b&gt; ~~s~~ # h | t",
    "HTTPS://e.vil www.e.vil a@e.vil",
    ":material/home: :streamlit:",
)
# What Markdown takes for a mark where no backslash stands before it, and what Streamlit finds in any text.
MARKS = re.compile(r"[\\`*_{}\[\]()<>#+.!|$:~&-]")
FINDS = re.compile(r"https?://|www\.|\w@\w|:material/|:streamlit:", re.IGNORECASE)


@pytest.fixture
def theirs(runs: Runs) -> list[Run]:
    """Two runs of somebody else."""
    found = [runs.create(RunConfig(dataset="digits", code_size=4), "somebody else", train=False) for _ in range(2)]
    for run in found:
        wait_for_rest(run)
    return found


def rows(app: AppTest) -> set[str]:
    """The ids of the runs that this visitor's list shows."""
    app.session_state["runs"] = True
    sound(app.run())
    return {str(button.key).removeprefix("show.") for button in app.button if str(button.key).startswith("show.")}


def test_the_link_to_one_run_shows_none_of_its_owners_others(runs: Runs, theirs: list[Run]) -> None:
    app = opened(run=theirs[0].id)
    assert query(app)["run"] == theirs[0].id
    assert rows(app) == set()
    app = opened("pages/reconstructions.py", run=theirs[0].id)
    assert len(app.selectbox(key="look.run").options) == 1


def test_what_a_visitor_starts_beside_anothers_run_is_the_visitors(runs: Runs, theirs: list[Run]) -> None:
    app = opened(run=theirs[0].id)
    sound(app.button(key="reset").click().run())
    assert query(app)["run"] != theirs[0].id
    assert rows(app) == {query(app)["run"]}
    assert {summary.id for summary in runs.list(theirs[0].owner)} == {run.id for run in theirs}


def test_a_visitor_who_comes_back_finds_the_runs_again(runs: Runs) -> None:
    app = opened(code_size="5")
    sound(app.button(key="step").click().run())
    back = opened()
    assert (
        rows(back) == {query(app)["run"]}
        and query(back).items() >= {"run": query(app)["run"], "code_size": "5"}.items()
    )


def test_runs_kept_under_any_of_a_visitors_names_are_found(
    runs: Runs, theirs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Visitor(("somebody", "somebody else"), lasting=True)
    monkeypatch.setattr("aelib.ui.session.session.visitor", lambda: both)
    app = opened(code_size="5")
    assert rows(app) == {run.id for run in theirs}
    sound(app.button(key="step").click().run())
    assert rows(app) == {run.id for run in theirs} | {query(app)["run"]}
    assert runs.get(query(app)["run"]).owner == "somebody"


@pytest.mark.parametrize("lasting", [True, False])
def test_a_list_that_is_for_this_visit_only_says_so(runs: Runs, monkeypatch: pytest.MonkeyPatch, lasting: bool) -> None:
    monkeypatch.setattr("aelib.ui.session.session.visitor", lambda: Visitor(("somebody",), lasting))
    app = opened()
    rows(app)
    assert ("does not accept cookies" in " ".join(caption.value for caption in app.caption)) is not lasting


# ---- hostile addresses -------------------------------------------------------------------------------------------


@pytest.fixture
def bounded_memory(runs: Runs) -> Iterator[None]:
    opened()
    with memory_given_back(but_for=150_000_000):
        yield


@pytest.mark.usefixtures("bounded_memory")
@settings(
    max_examples=40,
    deadline=timedelta(seconds=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=hostile_queries())
def test_any_address_opens_a_page(runs: Runs, query: dict[str, str]) -> None:
    app = opened(**query)
    assert app.button(key="train")
    assert not app.error


def taken_for_more_than_letters(sentence: str) -> list[str]:
    unescaped, escaped = re.sub(r"\\[!-/:-@\[-`{-~]", "", sentence), re.sub(r"\\(.)", r"\1", sentence)
    return MARKS.findall(unescaped) + FINDS.findall(escaped)


@pytest.mark.parametrize("name", ["family", "dataset", "run", "recipe", "epochs"])
@pytest.mark.parametrize("temptation", TEMPTATIONS)
def test_what_an_address_says_is_shown_as_it_stands(runs: Runs, name: str, temptation: str) -> None:
    app = opened(**{name: temptation})
    assert app.warning
    # A sentence that quotes nothing is Markdown as it stands.
    for warning in app.warning:
        assert warning.value == GONE or taken_for_more_than_letters(warning.value) == []


def test_what_makes_text_plain_is_not_seen() -> None:
    for text in (*TEMPTATIONS, "C:\\data", "“a”; 1. x, -1", "code_size: “-1” is not valid"):
        seen = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)).replace("\u2060", "")
        assert seen == text
        assert taken_for_more_than_letters(plain(text)) == []

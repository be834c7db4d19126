"""Networks of this session side by side on pictures of a script that none of them has seen."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from aelib import datasets
from aelib.config import InvalidInput
from aelib.corruptions import CORRUPTIONS
from aelib.engine import EngineLost, ReadyData
from aelib.insight import transfer
from aelib.insight.quality import Mean
from aelib.insight.transfer import Result, Transfer, Untouched
from aelib.runs import Run, Summary, Unreadable
from aelib.runs.run import FAILED, UNDERWAY
from aelib.ui import answers
from aelib.ui.answers import Moment
from aelib.ui.claims import say
from aelib.ui.denoising.ranking import captions
from aelib.ui.looking import LISTED, Viewed
from aelib.ui.pictures import pictures
from aelib.ui.quick_runs import SIDE_BY_SIDE
from aelib.ui.run_titles import began
from aelib.ui.session import Session, bind, plain, server_runs
from aelib.ui.sheet import Row, sheet

MOST = 4
USUAL = {"mnist": "kmnist", "kmnist": "mnist", "fashionmnist": "mnist", "digits": "letters", "letters": "digits"}
_NETWORKS, _TOUCHED, _THREE = "denoising.networks", "denoising.networks.touched", "denoising.three"


@dataclass(frozen=True)
class _Entrant:
    run: Run
    summary: Summary
    transfer: Transfer | None

    @property
    def kind(self) -> str:
        return transfer.kind_of(self.summary.config)


def across_scripts(viewed: Viewed, corruption: str, level: float) -> None:
    """Choice of the other data and of the networks, their pictures, their figures, and what follows from them."""
    home = viewed.config.dataset
    others = [entry for entry in datasets.entries() if entry.name != home and datasets.is_available(entry.name)]
    st.markdown(
        "Does a network remove the corruption, or does it redraw what it has seen in training? "
        "Test it on data that it was not trained on."
    )
    names = [entry.name for entry in others]
    usual = USUAL.get(home, names[0])
    state = st.session_state
    if state.get("denoising.foreign") not in names:
        state["denoising.foreign"] = usual if usual in names else names[0]
    choice, networks = st.columns([1, 2], gap="small")
    with choice:
        foreign = st.selectbox(
            "Other data",
            names,
            key="denoising.foreign",
            format_func=datasets.title,
            help="Pictures that are only looked at: nothing is learnt from them.",
            persist_state="session",
        )
    summaries = _candidates(home, corruption)
    with networks:
        chosen = _choose(summaries)
    _train_three(home, corruption)
    ready = _foreign(viewed, foreign)
    if ready is None or not chosen:
        if not chosen:
            st.caption(
                f"No network of this session has learnt to mend this damage ({CORRUPTIONS[corruption].title}) on these "
                "data yet. “Train the three” trains one of each kind."
            )
        return
    _compare(viewed, ready, foreign, corruption, level, [summaries[run_id] for run_id in chosen])


def _candidates(home: str, corruption: str) -> dict[str, Summary]:
    """The session's runs on the same data with the same damage, newest first."""
    return {
        summary.id: summary
        for summary in server_runs().list(st.session_state.owner)[:LISTED]
        if summary.config.dataset == home and summary.config.corruption == corruption and not summary.config.colour
    }


def _choose(summaries: dict[str, Summary]) -> list[str]:
    """Which networks: unless somebody chose, the newest of each kind that has learnt something."""
    state = st.session_state
    newest: dict[str, str] = {}
    for summary in summaries.values():
        if summary.step or summary.status in UNDERWAY:
            newest.setdefault(transfer.kind_of(summary.config), summary.id)
    wanted = state.get(_NETWORKS, []) if state.get(_TOUCHED) else list(newest.values())
    wanted = [run_id for run_id in wanted if run_id in summaries][:MOST]

    def touch() -> None:
        state[_TOUCHED] = True

    picked: list[str] = st.multiselect(
        "Networks",
        list(summaries),
        key=bind(_NETWORKS, wanted),
        format_func=lambda run_id: _title(summaries[run_id]),
        max_selections=MOST,
        placeholder="none yet",
        help="Runs of this session that were trained with the damage chosen above.",
        on_change=touch,
    )
    return picked


def _title(summary: Summary) -> str:
    """Tells a run from others, and stays as it is while the run trains: a browser sends titles back."""
    config = summary.config
    widths = "-".join(map(str, config.widths))
    return f"{transfer.kind_of(config)} {widths} · {began(summary.created, seconds=True)}"


def _the_three() -> list[Run]:
    """Those that were trained together last, as far as they are still there."""
    found = []
    for run_id in st.session_state.get(_THREE, []):
        with contextlib.suppress(Unreadable):
            found.append(server_runs().get(run_id))
    return found


def _train_three(home: str, corruption: str) -> None:
    """The button, and how the three are getting on."""
    state = st.session_state
    three, usual = _the_three(), CORRUPTIONS[corruption].usual
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button(
            "Train the three",
            icon=":material/play_arrow:",
            key="denoising.train_three",
            # Once more would begin three others and leave these behind.
            disabled=any(run.status in UNDERWAY for run in three),
            help="A dense network, convolutions into a dense decoder, and a fully convolutional network, each on "
            f"the same images with {CORRUPTIONS[corruption].title} of {usual:g}. They share the computer: together "
            "about a minute on two idle cores.",
        )
    if pressed:
        configs = (replace(one.on(home), corruption=corruption, corruption_level=usual) for one in SIDE_BY_SIDE)
        created = (Session().create(config, train=True) for config in configs)
        state[_THREE] = [run.id for run in created if run is not None]
        state[_TOUCHED] = False
        st.rerun()
    with st.container():
        for run in three:
            run.touch()
            view = run.view()
            if view.status in UNDERWAY:
                answers.expect()
                share = min(1.0, view.step / view.budget) if view.budget else 0.0
                st.progress(share, text=f"{transfer.kind_of(view.config)}: step {view.step:,} of {view.budget:,}")
            elif view.message:
                st.warning(plain(view.message), icon=":material/info:")


def _foreign(viewed: Viewed, name: str) -> ReadyData | None:
    """The other data on the engine, or None after saying why not yet."""
    if pictures(name) is None:
        answers.expect()
        st.caption("Fetching the other pictures …")
        return None
    try:
        return viewed.engine.data(name)
    except (InvalidInput, EngineLost) as problem:
        st.warning(plain(str(problem)), icon=":material/info:")
        return None


def _compare(
    viewed: Viewed, ready: ReadyData, foreign: str, corruption: str, level: float, summaries: Sequence[Summary]
) -> None:
    home, own = viewed.config.dataset, viewed.reached.ready.data
    base = answers.ask(
        "denoising.untouched",
        viewed.engine,
        transfer.untouched,
        *(own, ready.data, corruption, level),
        of=None,
        about=(home, foreign, corruption, level),
    )
    if base.value is None:
        st.caption(base.problem or "Damaging the other pictures …")
        return
    entrants = [
        entrant for summary in summaries if (entrant := _entrant(viewed, ready, foreign, corruption, level, summary))
    ]
    rows = [
        Row("clean", base.value.clean),
        Row(
            "corrupted",
            base.value.shown.pictures,
            captions(base.value.shown.psnr),
            note=_db(base.value.foreign),
            mask=base.value.mask,
        ),
    ]
    for entrant in entrants:
        found = entrant.transfer
        if found is not None:
            rows.append(Row(entrant.kind, found.shown.pictures, captions(found.shown.psnr), note=_db(found.foreign)))
    sheet(rows, key="denoising.across")
    st.markdown(_table(base.value, entrants, datasets.title(home), datasets.title(foreign)))
    measured = [entrant for entrant in entrants if entrant.transfer is not None]
    if len(measured) < len(entrants):
        st.caption("… : still learning, or on its way.")
    results = [Result(e.kind, e.transfer.own, e.transfer.foreign) for e in measured if e.transfer is not None]
    _say(results, base.value)
    st.caption(
        f"All with {CORRUPTIONS[corruption].title} at {level:.2g}, as chosen above; PSNR in dB with the 95 % "
        f"confidence interval of its mean over {base.value.own.count:,} and {base.value.foreign.count:,} test pictures."
    )


def _entrant(
    viewed: Viewed, ready: ReadyData, foreign: str, corruption: str, level: float, summary: Summary
) -> _Entrant | None:
    """The run with what it reached; None after saying why it cannot be had."""
    try:
        run = server_runs().get(summary.id)
    except Unreadable as problem:
        st.caption(plain(str(problem)))
        return None
    run.touch()
    reached = run.reached()
    if run.status in UNDERWAY:
        # What is half learnt would be judged too early.
        answers.expect()
        return _Entrant(run, summary, None)
    if reached is None:
        if run.status == FAILED:
            st.caption(plain(run.view().message or "One of the runs cannot be opened."))
            return None
        answers.expect()
        return _Entrant(run, summary, None)
    answer = answers.ask(
        f"denoising.across.{run.id}",
        viewed.engine,
        transfer.restored,
        *(reached.link, reached.ready.data, ready.data, corruption, level),
        of=Moment(run.id, reached.step),
        about=(foreign, corruption, level),
        dear=True,
        patience=0.1,
    )
    if answer.problem:
        st.caption(answer.problem)
    # Numbers of another level would say something wrong beside the others.
    return _Entrant(run, summary, answer.value if answer.about == (foreign, corruption, level) else None)


def _table(base: Untouched, entrants: Sequence[_Entrant], home: str, foreign: str) -> str:
    lines = [f"| | {home} | {foreign} | gain kept |", "|:--|--:|--:|--:|"]
    lines.append(f"| doing nothing | {_db(base.own)} | {_db(base.foreign)} | |")
    for entrant in entrants:
        found = entrant.transfer
        if found is None:
            lines.append(f"| {entrant.kind} | … | … | … |")
        else:
            share = transfer.kept(Result(entrant.kind, found.own, found.foreign), base)
            lines.append(f"| {entrant.kind} | {_db(found.own)} | {_db(found.foreign)} | {share:.0%} |")
    return "\n".join(lines)


def _say(results: Sequence[Result], base: Untouched) -> None:
    """Which claims hold, in a sentence each."""
    verdicts = transfer.verdicts(results, base)
    for verdict in verdicts:
        say(
            verdict,
            help="C25–C27 are claims of study notes on autoencoders. A network is said to work on another script if "
            "it keeps at least half of the dB that it gains over doing nothing on its own data, and to fail below a "
            "third; one denoises better if the 95 % intervals do not overlap.",
        )
    if len(verdicts) < 3 and not any(run.status in UNDERWAY for run in _the_three()):
        st.caption("With one network of each kind, three claims can be decided here: “Train the three”.")


def _db(mean: Mean) -> str:
    return f"{mean.value:.2f} ± {mean.margin:.2f} dB"

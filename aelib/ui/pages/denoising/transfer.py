"""Networks of this session side by side on images of a script that none of them has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from aelib import datasets
from aelib.analysis.denoising import transfer
from aelib.analysis.denoising.quality import Mean, mean
from aelib.analysis.denoising.transfer import Result, Transfer, Untouched
from aelib.cluster.engine import ReadyData
from aelib.runs import Run, Summary, Unreadable
from aelib.runs.status import UNDERWAY, Status
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.corruptions import CORRUPTIONS
from aelib.ui.components.claims import say
from aelib.ui.components.image_grid import Row, image_grid
from aelib.ui.pages.denoising.ranking import captions
from aelib.ui.pages.denoising.side_by_side import train_side_by_side, trained_together
from aelib.ui.panels.other_data import choose_other_data, ready_data
from aelib.ui.panels.run_titles import began
from aelib.ui.session import queries
from aelib.ui.session.queries import Moment
from aelib.ui.session.run_page import LISTED, Viewed
from aelib.ui.session.session import Session, bind, plain, server_runs

MOST = 8
_NETWORKS, _TOUCHED = "denoising.networks", "denoising.networks.touched"


@dataclass(frozen=True)
class _Entrant:
    run: Run
    summary: Summary
    transfer: Transfer | None = None
    step: int = 0

    @property
    def title(self) -> str:
        return _name(self.summary.config)

    @property
    def result(self) -> Result | None:
        if self.transfer is None:
            return None
        config, found = self.summary.config, self.transfer
        kind, images = transfer.kind_of(config), self.step * config.batch_size
        return Result(kind, self.title, images, self.run.train_seconds, found.own, found.foreign)


def across_scripts(viewed: Viewed, corruption: str, level: float) -> None:
    """Choice of the other data and of the networks, their images, their figures, and what follows from them."""
    home = viewed.config.dataset
    st.markdown(
        "Does a network remove the corruption, or does it redraw what it has seen in training? "
        "Test it on data that it was not trained on."
    )
    choice, networks = st.columns([1, 2], gap="small")
    with choice:
        foreign = choose_other_data(home, "denoising.foreign")
    summaries = _candidates(home, corruption)
    with networks:
        chosen = _choose(summaries)
    if train_side_by_side(home, corruption):
        st.session_state[_TOUCHED] = False
        st.rerun()
    ready = ready_data(viewed, foreign)
    if ready is None or not chosen:
        if not chosen:
            st.caption(
                f"None of your runs was trained on this corruption ({CORRUPTIONS[corruption].title}) and dataset yet. "
                "“Train side by side” trains some of each kind."
            )
        return
    _compare(viewed, ready, foreign, corruption, level, [summaries[run_id] for run_id in chosen])


def _candidates(home: str, corruption: str) -> dict[str, Summary]:
    """The session's runs on the same data with the same corruption, newest first."""
    return {
        summary.id: summary
        for summary in Session().own_runs()[:LISTED]
        if summary.config.dataset == home and summary.config.corruption == corruption and not summary.config.colour
    }


def _choose(summaries: dict[str, Summary]) -> list[str]:
    """Which networks: unless somebody chose, those that were trained side by side last, or the newest of each kind that
    has learnt something."""
    state = st.session_state
    newest: dict[str, str] = {}
    for summary in summaries.values():
        if summary.step or summary.status in UNDERWAY:
            newest.setdefault(transfer.kind_of(summary.config), summary.id)
    together = [run.id for run in trained_together() if run.id in summaries]
    wanted = state.get(_NETWORKS, []) if state.get(_TOUCHED) else together or list(newest.values())
    wanted = [run_id for run_id in wanted if run_id in summaries][:MOST]

    def touch() -> None:
        state[_TOUCHED] = True

    picked: list[str] = st.multiselect(
        "Networks",
        list(summaries),
        # A browser that drew only the second of two quick runs of the page was never told what the first one set.
        wanted,
        key=bind(_NETWORKS, wanted),
        format_func=lambda run_id: _title(summaries[run_id]),
        max_selections=MOST,
        placeholder="no runs yet",
        help="Your runs that were trained with the corruption chosen above.",
        on_change=touch,
    )
    return picked


def _title(summary: Summary) -> str:
    """Tells a run from others, and stays as it is while the run trains: a browser sends titles back."""
    return f"{_name(summary.config)} · {began(summary.created, seconds=True)}"


def _name(config: RunConfig) -> str:
    """The kind of a network with the widths down to its code."""
    widths = (*config.widths, config.code_size) if config.vector_code else config.widths
    return f"{transfer.kind_of(config)} {'-'.join(map(str, widths))}"


def _compare(
    viewed: Viewed, ready: ReadyData, foreign: str, corruption: str, level: float, summaries: Sequence[Summary]
) -> None:
    home, own = viewed.config.dataset, viewed.reached.ready.data
    base = queries.ask(
        "denoising.untouched",
        viewed.engine,
        transfer.untouched,
        own,
        ready.data,
        corruption,
        level,
        of=None,
        key=(home, foreign, corruption, level),
    )
    if base.value is None:
        st.caption(base.problem or "Computing …")
        return
    entrants = [
        entrant for summary in summaries if (entrant := _entrant(viewed, ready, foreign, corruption, level, summary))
    ]
    own_psnr, foreign_psnr = mean(base.value.own), mean(base.value.foreign)
    rows = [
        Row("clean", base.value.clean),
        Row(
            "corrupted",
            base.value.shown.images,
            captions(base.value.shown.psnr),
            note=_db(foreign_psnr),
            mask=base.value.mask,
        ),
    ]
    for entrant in entrants:
        found = entrant.transfer
        if found is not None:
            note = f"{_db(mean(found.foreign))},\n{entrant.run.train_seconds:.0f} s"
            rows.append(Row(entrant.title, found.shown.images, captions(found.shown.psnr), note=note))
    image_grid(rows, key="denoising.across")
    st.markdown(_table(base.value, entrants, datasets.title(home), datasets.title(foreign)))
    results = [result for entrant in entrants if (result := entrant.result) is not None]
    if len(results) < len(entrants):
        st.caption("… = still training or being computed.")
    corrupted = f"{CORRUPTIONS[corruption].title} at {level:.2g}"
    on = " and ".join(
        f"{psnr.count:,} test images of {plain(datasets.title(name))}"
        for psnr, name in ((own_psnr, home), (foreign_psnr, foreign))
    )
    if len(results) < len(entrants) or any(entrant.run.status in UNDERWAY for entrant in entrants):
        st.caption("The claims are judged once all of these networks are trained and measured.")
    else:
        _say(results, base.value, f"{corrupted}; {on}; 95 % intervals (Student's t), paired over the images")
    st.caption(
        f"All with {corrupted}, as chosen above; PSNR in dB with the 95 % confidence interval of its mean over {on}."
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
        queries.expect()
        return _Entrant(run, summary)
    if reached is None:
        if run.status == Status.FAILED:
            st.caption(plain(run.view().message or "One of the runs cannot be opened."))
            return None
        queries.expect()
        return _Entrant(run, summary)
    answer = queries.ask(
        f"denoising.across.{run.id}",
        viewed.engine,
        transfer.restored,
        reached.link,
        reached.ready.data,
        ready.data,
        corruption,
        level,
        of=Moment(run.id, reached.step),
        key=(foreign, corruption, level),
        expensive=True,
        timeout=0.1,
    )
    if answer.problem:
        st.caption(answer.problem)
    # Numbers of another level would say something wrong beside the others.
    fits = answer.current and answer.key == (foreign, corruption, level)
    return _Entrant(run, summary, answer.value if fits else None, reached.step)


def _table(base: Untouched, entrants: Sequence[_Entrant], home: str, foreign: str) -> str:
    lines = [
        f"| | weights | images seen | seconds | {plain(home)} | {plain(foreign)} | gain kept |",
        "|:--|--:|--:|--:|--:|--:|--:|",
        f"| no processing | | | | {_db(mean(base.own))} | {_db(mean(base.foreign))} | |",
    ]
    for entrant in entrants:
        result, start = entrant.result, f"| {entrant.title} | {plan(entrant.summary.config).weights:,} |"
        if result is None:
            lines.append(f"{start} … | … | … | … | … |")
            continue
        share = transfer.kept(result, base)
        told = "–" if share is None else f"{share.value:.0%} ± {share.margin:.0%}"
        lines.append(
            f"{start} {result.images:,} | {result.seconds:.1f} | {_db(mean(result.own))} | {_db(mean(result.foreign))} "
            f"| {told} |"
        )
    return "\n".join(lines)


def _say(results: Sequence[Result], base: Untouched, measured_on: str) -> None:
    """Which claims hold."""
    verdicts = transfer.verdicts(results, base, measured_on)
    for verdict in verdicts:
        say(
            verdict,
            help="A claim of study notes on autoencoders. One network denoises better than another if the 95 % "
            "interval of the difference, image by image, excludes zero, with equal images seen and with equal time. A "
            "network transfers to another dataset if it keeps at least half of the dB that it gains over no processing "
            "on its own data, and fails below a third, each with its whole 95 % interval.",
        )
    if len(verdicts) < 3 and not any(run.status in UNDERWAY for run in trained_together()):
        st.caption("With networks of each kind, three claims can be judged here: “Train side by side”.")


def _db(mean: Mean) -> str:
    return f"{mean.value:.2f} ± {mean.margin:.2f} dB"

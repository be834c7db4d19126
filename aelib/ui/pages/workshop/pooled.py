"""The pooled experiment: begun by the leader, trained by everybody, drawn on one chart."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from aelib.spec.fields import InvalidInput
from aelib.spec.palette import SERIES
from aelib.ui.pages.workshop.menus import close_menu
from aelib.ui.panels.labels import LABELS, number
from aelib.ui.session import workshop
from aelib.ui.session.session import Session, plain
from aelib.ui.session.workshop import HEARS_SECONDS
from aelib.workshop import Refused, Room
from aelib.workshop.pooled import SETTINGS, Pooled, PooledRun, points

HEIGHT = 420


def begin_experiment(session: Session, room: Room) -> None:
    """The form with which the leader begins one."""
    config = session.config
    st.caption("Everybody trains with the settings of your Train page and one of these values.")
    with st.form("workshop.experiment", border=False):
        offered = [name for name in SETTINGS if config.applies(name)]
        setting = st.selectbox("Setting", offered, format_func=lambda name: LABELS[name])
        values = st.text_input("Values", placeholder="2, 4, 8, 16, 32, 64", max_chars=120)
        if st.form_submit_button("Begin", type="primary"):
            try:
                workshop.server_rooms().experiment(room.id, config, setting, values)
            except (InvalidInput, Refused) as problem:
                st.warning(plain(str(problem)), icon=":material/info:")
                return
            close_menu("Experiment")
            st.rerun()


def show_experiment(room: Room, pooled: Pooled, *, mine: str | None = None, leading: bool = False) -> None:
    """The chart, drawn again whenever a run has finished; the runs of the participant `mine` are marked."""
    rooms = workshop.server_rooms()

    @st.fragment(run_every=HEARS_SECONDS)
    def follow() -> None:
        now = rooms.get(room.id)
        current = None if now is None else now.experiment
        if current is None or current.id != pooled.id or _finished(current) != _finished(pooled):
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            trained = len({run.participant for run in current.runs})
            said = f"**{LABELS[current.setting]}**: {len(current.first_runs())} of {trained} runs finished"
            st.markdown(f":material/science: {said}", width="stretch")
            if leading and st.button("Close", icon=":material/close:", key="workshop.experiment.close"):
                rooms.close_experiment(room.id)
                st.rerun()

    follow()
    st.plotly_chart(figure(pooled, mine), key="workshop.experiment", config={"displayModeBar": False})
    _say_what_counts(pooled)


def _finished(pooled: Pooled) -> int:
    return sum(run.error is not None for run in pooled.runs)


def _say_what_counts(pooled: Pooled) -> None:
    counted = len(pooled.first_runs())
    changed = sum(run.changed for run in pooled.runs)
    repeated = _finished(pooled) - counted - changed
    late = sum(run.late for run in pooled.first_runs())
    parts = [
        "Mean and 95 % interval (Student's t) of each person's first run. Each person trains with a different seed."
    ]
    if repeated:
        parts.append(f"Repeated runs, which do not count: {repeated} (hollow).")
    if changed:
        parts.append(f"Runs with other settings, which are not drawn: {changed}.")
    if late:
        parts.append(f"From participants who joined later: {late} (squares).")
    st.caption(" ".join(parts))


def figure(pooled: Pooled, mine: str | None = None) -> go.Figure:
    """Test errors over the values, with the mean of each value, and PCA's."""
    labels = [number(value) if value % 1 else f"{value:,.0f}" for value in pooled.values]
    found = points(pooled)
    colours = SERIES[st.context.theme.type or "light"]
    drawn = go.Figure()
    measured = [(label, point.pca) for label, point in zip(labels, found, strict=True) if point.pca is not None]
    drawn.add_scatter(
        x=[label for label, _ in measured],
        y=[pca for _, pca in measured],
        name="PCA",
        mode="lines+markers",
        line={"color": colours["pca"], "dash": "dash", "width": 2},
        marker={"size": 5},
    )
    means = [(label, point.mean) for label, point in zip(labels, found, strict=True) if point.mean is not None]
    drawn.add_scatter(
        x=[label for label, _ in means],
        y=[middle.value for _, middle in means],
        # Of a single run there is no interval.
        error_y={"array": [middle.margin if middle.count > 1 else 0.0 for _, middle in means], "width": 8},
        name="mean",
        mode="lines+markers",
        line={"color": colours["test"], "width": 2},
        marker={"size": 9, "symbol": "line-ew", "line": {"width": 3, "color": colours["test"]}},
    )
    counted = pooled.first_runs()
    valid = [run for run in pooled.runs if run.error is not None and not run.changed]
    for name, runs in (
        ("others" if mine else "runs", [run for run in valid if run.participant != mine]),
        ("yours", [run for run in valid if run.participant == mine]),
    ):
        drawn.add_scatter(
            x=[labels[run.place] for run in runs],
            y=[run.error for run in runs],
            name=name,
            mode="markers",
            showlegend=bool(runs),
            marker={
                "color": colours["train"] if name != "yours" else colours["test"],
                "size": 13 if name == "yours" else 9,
                "symbol": [_symbol(run, run in counted) for run in runs],
                "line": {"width": 1.5},
            },
        )
    drawn.update_xaxes(title=LABELS[pooled.setting], type="category", categoryarray=labels, categoryorder="array")
    drawn.update_xaxes(range=[-0.5, len(labels) - 0.5])
    drawn.update_yaxes(title="test error (MSE)", rangemode="tozero")
    drawn.update_layout(height=HEIGHT, margin={"l": 0, "r": 0, "t": 10, "b": 0}, legend={"orientation": "h", "y": 1.1})
    return drawn


def _symbol(run: PooledRun, counts: bool) -> str:
    return ("square" if run.late else "circle") + ("" if counts else "-open")

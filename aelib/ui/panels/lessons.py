"""Lessons: a list to choose from, and the panel that leads through one on the Train page."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from aelib.host import limits
from aelib.spec.constraints import repaired
from aelib.ui.session.session import Session
from aelib.workshop.lessons import Lesson, Measured, Question, Step, shipped

# Seconds between two looks at the run, and pixels that the text of a step takes.
FOLLOWING, TEXT_HEIGHT = 1.0, 90
_TAKEN = "lesson"


@dataclass
class Taken:
    """The lesson that this tab takes: the step shown, from 0, and the steps whose goals were met."""

    lesson: Lesson
    index: int = 0
    met: set[int] = field(default_factory=set)

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.index]


def taken() -> Taken | None:
    """The lesson of this tab, where it takes one."""
    found: Taken | None = st.session_state.get(_TAKEN)
    return found


def offer_lessons(key: str) -> None:
    """The list of lessons, each with a button that begins it on the Train page."""
    for lesson in shipped():
        pressed = st.button(
            lesson.title,
            key=f"{key}.{lesson.id}",
            help=f"{len(lesson.steps)} steps, about {lesson.minutes} minutes. {lesson.introduction}",
            width="stretch",
        )
        if pressed:
            st.session_state[_TAKEN] = Taken(lesson)
            st.switch_page("pages/train.py")


def lesson_panel(session: Session) -> None:
    """The step that this tab has come to; an empty place without a lesson, so that what follows stays mounted."""
    place = st.container(key="lesson")
    found = taken()
    if found is None:
        return
    step, count = found.step, len(found.lesson.steps)
    # It keeps its identity over all steps, so that it stays folded where somebody folded it.
    with place, st.expander(f"Lesson: {found.lesson.title}", expanded=True, icon=":material/school:"):
        with st.container(height=TEXT_HEIGHT, border=False, key="lesson.text"):
            introduction = f"{found.lesson.introduction}\n\n" if found.index == 0 else ""
            st.markdown(f"{introduction}**{found.index + 1} / {count} · {step.title}.** {step.text}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _actions(session, found)
            if step.goal is not None:
                _goal(session, found)
            _steps(found)


def _actions(session: Session, found: Taken) -> None:
    step, key = found.step, f"{found.lesson.id}.{found.index}"
    if step.config is not None:
        st.button(
            "Use these settings",
            icon=":material/tune:",
            type="primary",
            key=f"lesson.use.{key}",
            on_click=_use,
            args=(session, step),
            help="Keeps your dataset and seed. A run so far is kept under “My runs”.",
        )
    if step.page not in (None, "train"):
        title = str(step.page).replace("_", " ").capitalize()
        if st.button(f"Open {title}", icon=":material/open_in_new:", key=f"lesson.page.{key}"):
            st.switch_page(f"pages/{step.page}.py")
    if step.hint:
        with st.popover("Hint", icon=":material/lightbulb:", key=f"lesson.hint.{key}"):
            st.markdown(step.hint)
    if step.question is not None:
        with st.popover("Question", icon=":material/quiz:", key=f"lesson.question.{key}"):
            _ask(step.question, f"lesson.answer.{key}")


def _use(session: Session, step: Step) -> None:
    before = session.config
    config, _ = repaired(step.settings(before.dataset, before.seed), limits.constraints())
    session.take_over(config)


def _ask(question: Question, key: str) -> None:
    chosen = st.radio(
        question.text,
        range(len(question.choices)),
        index=None,
        format_func=lambda index: question.choices[index].text,
        key=key,
    )
    if chosen is not None:
        choice = question.choices[chosen]
        say, icon = (st.success, "check") if choice.right else (st.info, "refresh")
        say(choice.feedback, icon=f":material/{icon}:")


def _goal(session: Session, found: Taken) -> None:
    """What is to be reached, with a tick as soon as it is: from then on, whatever the run does."""
    step, index = found.step, found.index

    @st.fragment(run_every=None if index in found.met else FOLLOWING)
    def follow() -> None:
        run = session.run
        if index not in found.met and run is not None and step.counts(run.settings):
            assert step.goal is not None
            if step.goal.met(Measured.of_view(run.view())):
                found.met.add(index)
                # Once more without a timer.
                st.rerun()
        reached = index in found.met
        icon = ":green[:material/check_circle:]" if reached else ":material/radio_button_unchecked:"
        st.markdown(f"{icon} **{'Goal reached' if reached else 'Goal'}:** {step.goal}")

    with st.container(width="content"):
        follow()


def _steps(found: Taken) -> None:
    def go(by: int) -> None:
        found.index += by

    st.space("stretch")
    last = found.index == len(found.lesson.steps) - 1
    st.button("Back", key="lesson.back", on_click=go, args=(-1,), disabled=found.index == 0)
    st.button("Next", key="lesson.next", on_click=go, args=(1,), disabled=last)
    st.button(
        "Leave", key="lesson.leave", on_click=st.session_state.pop, args=(_TAKEN, None), help="Your runs are kept."
    )

"""A lesson taken alone, without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from aelib.runs import Runs
from aelib.ui.panels import lessons
from aelib.workshop.lessons import Goal, Lesson, shipped
from tests.pages.visit import opened, query, sound, wait_until


def press(app: AppTest, key: str) -> AppTest:
    return sound(app.button(key=key).click().run())


def said(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in app.markdown)


def test_a_lesson_leads_through_its_steps(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = shipped()
    step = first.steps[0]
    assert step.config is not None
    short = replace(step, config=replace(step.config, max_steps=20), goal=Goal.parse("goal", "steps >= 20"))
    lesson: Lesson = replace(first, steps=(short, *first.steps[1:]))
    monkeypatch.setattr(lessons, "shipped", lambda: (lesson, *others))

    app = press(opened(), f"lesson.begin.{lesson.id}")
    assert f"1 / {len(lesson.steps)}" in said(app) and short.text[:40] in said(app)
    press(app, f"lesson.use.{lesson.id}.0")
    assert {"code_activation": "linear", "max_steps": "20"}.items() <= query(app).items()
    assert "Goal reached" not in said(app)
    press(app, "train")
    wait_until(app, lambda app: "Goal reached" in said(app))

    assert short.question is not None
    answer = app.radio(key=f"lesson.answer.{lesson.id}.0")
    right = next(index for index, one in enumerate(short.question.choices) if one.right)
    sound(answer.set_value(right).run())
    assert [box.value for box in app.success] == [short.question.choices[right].feedback]

    press(app, "lesson.next")
    assert lesson.steps[1].title in said(app) and "Goal reached" not in said(app)
    press(app, "lesson.back")
    assert "Goal reached" in said(app)
    press(app, "lesson.leave")
    assert short.text[:40] not in said(app)
    runs.delete(query(app)["run"])


def test_a_lesson_can_be_taken_from_the_workshop_page(runs: Runs) -> None:
    app = press(opened("pages/workshop.py"), "workshop.lesson.noise")
    assert "Lesson: Noise" in [one.label for one in app.expander]

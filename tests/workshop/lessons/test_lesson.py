"""How lesson files are read, and the lessons that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from aelib.cli.main import main
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from aelib.workshop.lessons import Lesson, read, shipped
from aelib.workshop.lessons.lesson import FOLDER, PAGES, parsed
from tests.test_vocabulary import ROOT, UNWANTED

HEAD = "---\nid: own\ntitle: Own\nminutes: 5\norder: 9\n"
STEP = "steps:\n  - title: One\n    text: Do it.\n"
BODY = "---\nHello.\n"
CHOICES = "      choices: [{text: a, feedback: b}, {text: c, feedback: d}]\n"


def of(text: str) -> Lesson:
    return parsed("own.md", text)


def test_a_file_is_read_with_everything_it_holds() -> None:
    lesson = of(
        HEAD
        + STEP
        + "    settings: {recipe: vanilla-64, code_size: 8, max_steps: 20}\n    page: decode\n    goal: steps >= 20\n"
        + "    hint: Wait.\n    question:\n      text: Why?\n"
        + "      choices: [{text: a, feedback: b}, {text: c, feedback: d, right: true}]\n"
        + BODY
    )
    (step,) = lesson.steps
    assert (lesson.id, lesson.title, lesson.minutes, lesson.order) == ("own", "Own", 5, 9)
    assert (lesson.introduction, step.title, step.text, step.page, step.hint) == (
        "Hello.",
        "One",
        "Do it.",
        "decode",
        "Wait.",
    )
    assert step.config is not None and (step.config.recipe, step.config.code_size) == ("vanilla-64", 8)
    assert step.settings("letters", 3).dataset == "letters" and step.settings("letters", 3).seed == 3
    assert step.question is not None and [one.right for one in step.question.choices] == [False, True]


def test_a_run_counts_with_other_data_and_seed_but_not_with_another_network() -> None:
    (step,) = of(HEAD + STEP + "    settings: {code_size: 8, max_steps: 20}\n" + BODY).steps
    assert step.counts(RunConfig(dataset="letters", seed=5, code_size=8, learning_rate=0.1))
    assert not step.counts(RunConfig(code_size=9))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hello", "own.md, front matter"),
        (HEAD + "steps: [\n" + BODY, "own.md, front matter"),
        (HEAD + "id: twice\n" + STEP + BODY, "own.md, front matter"),
        (HEAD + "level: 3\n" + STEP + BODY, "own.md, field"),
        (HEAD + BODY, "own.md, steps"),
        (HEAD + "steps: []\n" + BODY, "own.md, steps"),
        (HEAD.replace("minutes: 5", "minutes: long") + STEP + BODY, "own.md, minutes"),
        (HEAD + STEP + "---\n", "own.md, introduction"),
        (HEAD + STEP + "    text2: x\n" + BODY, "own.md, step 1, field"),
        (HEAD + "steps:\n  - title: One\n" + BODY, "own.md, step 1, text"),
        (HEAD + "steps:\n  - One\n" + BODY, "own.md, step 1"),
        (HEAD + STEP + "    page: nowhere\n" + BODY, "own.md, step 1, page"),
        (HEAD + STEP + "    page: [decode]\n" + BODY, "own.md, step 1, page"),
        (HEAD + STEP + "    settings: {code_size: 1}\n" + BODY, "own.md, step 1, settings, code_size"),
        (HEAD + STEP + "    settings: {dataset: mnist}\n" + BODY, "own.md, step 1, settings, field"),
        (HEAD + STEP + "    settings: {recipe: none}\n" + BODY, "own.md, step 1, settings, recipe"),
        (
            HEAD + STEP + "    settings: {loss: bce, output_activation: relu}\n" + BODY,
            "own.md, step 1, settings, loss",
        ),
        (HEAD + STEP + "    goal: steps >= 1\n" + BODY, "own.md, step 1, goal"),
        (HEAD + STEP + "    settings: {}\n    goal: active_units < 1\n" + BODY, "own.md, step 1, goal"),
        (HEAD + STEP + "    hint: ''\n" + BODY, "own.md, step 1, hint"),
        (HEAD + STEP + "    question: {text: Why}\n" + BODY, "own.md, step 1, question, choices"),
        (HEAD + STEP + "    question:\n      text: Why?\n" + CHOICES + BODY, "own.md, step 1, question, choices"),
        (HEAD + STEP + "    hint: !!python/object/apply:os.getcwd []\n" + BODY, "own.md, front matter"),
    ],
)
def test_an_error_names_file_step_and_field_in_one_sentence(text: str, named: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        of(text)
    assert str(caught.value).startswith(f"{named}: ") and str(caught.value).endswith(".")


def test_six_lessons_ship_in_the_order_of_a_half_day() -> None:
    assert [lesson.title for lesson in shipped()] == [
        "What fits into 32 numbers?",
        "Noise",
        "The map of digits",
        "Sparse and overcomplete",
        "Finding what does not belong",
        "From a code to a new digit",
    ]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.md")), ids=lambda file: file.stem)
def test_a_lesson_that_ships_can_be_read_and_uses_the_fields_words(file: Path) -> None:
    lesson = read(file)
    assert lesson.id == file.stem and 4 <= len(lesson.steps) <= 6 and 15 <= lesson.minutes <= 25
    assert [found[0] for found in UNWANTED.finditer(file.read_text("utf-8"))] == []


def test_pages_of_steps_exist() -> None:
    assert [name for name in PAGES if not (ROOT / "pages" / f"{name}.py").is_file()] == []


def test_a_file_that_cannot_be_read_ends_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "check", str(tmp_path / "none.md")]) == 2
    assert capsys.readouterr().err.startswith("FILE: “none.md”")

"""A lesson, and how its file is read: Markdown, which introduces it, below YAML front matter, which holds its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from aelib.spec.config import KINDS, RunConfig, with_changes
from aelib.spec.constraints import checked
from aelib.spec.fields import InvalidInput, Name, Whole
from aelib.spec.recipes import RECIPES
from aelib.spec.regularizers import REGULARIZERS
from aelib.workshop.lessons.goals import PCA, Goal

FOLDER = Path(__file__).parent
# Files in pages/ that a step may lead to.
PAGES = ("train", "reconstructions", "denoising", "latent_space", "decode", "classify", "anomalies", "experiments")
MOST_STEPS, MOST_CHOICES, MOST_MINUTES = 20, 6, 180
TITLE_CHARACTERS, TEXT_CHARACTERS = 80, 3_000
LARGEST_FILE = 200_000
# The visitor's own: a lesson works with every dataset and seed, for as long and as fast as a visitor likes.
_FREE = ("dataset", "recipe", "seed", "epochs", "max_steps", "learning_rate", "precision")


@dataclass(frozen=True)
class Choice:
    """An answer to a question, and what whoever gives it is told."""

    text: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with one right answer among its `choices`."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Step:
    """`text` is Markdown. `config`: settings to train, on whichever dataset is chosen; `page`: one of `PAGES`;
    `goal`: what a run with these settings has to reach. Each None, and `hint` empty, where there is none."""

    title: str
    text: str
    config: RunConfig | None = None
    page: str | None = None
    goal: Goal | None = None
    hint: str = ""
    question: Question | None = None

    def settings(self, dataset: str, seed: int = 0) -> RunConfig:
        """The settings of this step, which has some, on a dataset."""
        assert self.config is not None
        return replace(self.config, dataset=dataset, seed=seed)

    def counts(self, config: RunConfig) -> bool:
        """Is a run with this `config` one with the settings of this step, the visitor's own aside?"""
        if self.config is None:
            return False
        return replace(self.config, **{name: getattr(config, name) for name in _FREE}) == config


@dataclass(frozen=True)
class Lesson:
    """`order`: its place among lessons; `minutes`: how long it takes; `introduction`: Markdown."""

    id: str
    title: str
    minutes: int
    order: int
    introduction: str
    steps: tuple[Step, ...]


def read(file: Path) -> Lesson:
    """The lesson in a file. Raises `InvalidInput`: one sentence that names the file, the step and the field."""
    try:
        size = file.stat().st_size
        text = file.read_text("utf-8") if size <= LARGEST_FILE else None
    except (OSError, ValueError):
        raise InvalidInput("FILE", file.name, "a Markdown file in UTF-8 that can be read") from None
    if text is None:
        raise InvalidInput("FILE", file.name, f"a file of at most {LARGEST_FILE:,} bytes")
    return parsed(file.name, text)


@cache
def shipped() -> tuple[Lesson, ...]:
    """The lessons of this package, in their order."""
    return tuple(sorted((read(file) for file in FOLDER.glob("*.md")), key=lambda lesson: lesson.order))


def parsed(file: str, text: str) -> Lesson:
    """The lesson that the `text` of a file describes. Raises `InvalidInput`, see `read`."""
    opening, *rest = text.replace("\r\n", "\n").split("---\n", 2)
    if opening or len(rest) != 2:
        raise InvalidInput(f"{file}, front matter", text[:40], "YAML between two lines of three hyphens at the top")
    try:
        values = yaml.load(rest[0], _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = "" if mark is None else f"line {mark.line + 2}"
        raise InvalidInput(f"{file}, front matter", line, "valid YAML in which each name occurs once") from None
    fields = _Fields(file, values, required=("id", "title", "minutes", "order", "steps"))
    steps = fields.list("steps", MOST_STEPS)
    return Lesson(
        id=Name().parse(fields.name("id"), fields["id"]),
        title=fields.text("title", TITLE_CHARACTERS),
        minutes=Whole(1, MOST_MINUTES).parse(fields.name("minutes"), fields["minutes"]),
        order=Whole(1, 1_000).parse(fields.name("order"), fields["order"]),
        introduction=_text(f"{file}, introduction", rest[1], TEXT_CHARACTERS),
        steps=tuple(_step(f"{file}, step {number}", step) for number, step in enumerate(steps, 1)),
    )


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, which refuses a name that occurs twice: only the last would be seen."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len({str(name) for name in names}) < len(names):
            raise yaml.constructor.ConstructorError(None, None, "a name occurs twice", node.start_mark)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


class _Fields:
    """The fields of one mapping of a file, all of them known and the required ones there."""

    def __init__(self, where: str, values: object, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        self._where, required = where, tuple(required)
        known = (*required, *optional)
        if not isinstance(values, Mapping):
            raise InvalidInput(where, values, "fields: " + ", ".join(known))
        for name in values:
            if name not in known:
                raise InvalidInput(f"{where}, field", name, "one of " + ", ".join(known))
        for name in required:
            if name not in values:
                raise InvalidInput(self.name(name), "", "a value: it is required")
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self._values.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def name(self, field: str) -> str:
        return f"{self._where}, {field}"

    def text(self, field: str, longest: int) -> str:
        return _text(self.name(field), self._values[field], longest)

    def list(self, field: str, most: int, least: int = 1) -> list[Any]:
        items = self._values[field]
        if not isinstance(items, list) or not least <= len(items) <= most:
            raise InvalidInput(self.name(field), items, f"a list of {least} to {most} items")
        return items


def _text(name: str, value: object, longest: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= longest:
        raise InvalidInput(name, value, f"text of 1 to {longest:,} characters")
    return text


def _step(where: str, values: object) -> Step:
    fields = _Fields(where, values, ("title", "text"), ("settings", "page", "goal", "hint", "question"))
    config = _config(fields.name("settings"), fields["settings"]) if "settings" in fields else None
    if "page" in fields and fields["page"] not in PAGES:
        raise InvalidInput(fields.name("page"), fields["page"], "one of " + ", ".join(PAGES))
    return Step(
        title=fields.text("title", TITLE_CHARACTERS),
        text=fields.text("text", TEXT_CHARACTERS),
        config=config,
        page=fields.get("page"),
        goal=_goal(fields.name("goal"), fields["goal"], config) if "goal" in fields else None,
        hint=fields.text("hint", TEXT_CHARACTERS) if "hint" in fields else "",
        question=_question(fields.name("question"), fields["question"]) if "question" in fields else None,
    )


def _config(where: str, values: object) -> RunConfig:
    """The settings of a recipe, where one is named, with changes."""
    known = [name for name in KINDS if name not in ("dataset", "seed")]
    fields = _Fields(where, values, (), known)
    assert isinstance(values, Mapping)
    base = RunConfig()
    if "recipe" in fields:
        recipe = str(fields["recipe"])
        if recipe not in RECIPES:
            raise InvalidInput(fields.name("recipe"), recipe, "one of " + ", ".join(RECIPES))
        base = RECIPES[recipe].config
    changes = {name: KINDS[name].parse(fields.name(name), values[name]) for name in values if name != "recipe"}
    try:
        return checked(with_changes(base, changes))
    except InvalidInput as problem:
        raise InvalidInput(fields.name(problem.field_name), problem.shown, problem.allowed) from None


def _goal(name: str, text: object, config: RunConfig | None) -> Goal:
    goal = Goal.parse(name, text)
    if config is None:
        raise InvalidInput(name, text, "a goal only in a step with settings")
    if "active_units" in goal.quantities and not REGULARIZERS[config.regularizer].sparse:
        sparse = ", ".join(one for one, regularizer in REGULARIZERS.items() if regularizer.sparse)
        raise InvalidInput(name, text, f"active_units only with one of these regularizers: {sparse}")
    if PCA in goal.quantities and config.colour:
        raise InvalidInput(name, text, "pca only where the output is grey")
    return goal


def _question(where: str, values: object) -> Question:
    fields = _Fields(where, values, ("text", "choices"))
    choices = []
    for number, item in enumerate(fields.list("choices", MOST_CHOICES, least=2), 1):
        choice = _Fields(f"{where}, choice {number}", item, ("text", "feedback"), ("right",))
        right = choice.get("right", False)
        if not isinstance(right, bool):
            raise InvalidInput(choice.name("right"), right, "true or false")
        choices.append(
            Choice(choice.text("text", TEXT_CHARACTERS), choice.text("feedback", TEXT_CHARACTERS), right=right)
        )
    if sum(one.right for one in choices) != 1:
        raise InvalidInput(
            fields.name("choices"), f"{sum(one.right for one in choices)} right", "exactly one right choice"
        )
    return Question(fields.text("text", TEXT_CHARACTERS), tuple(choices))

"""The settings panel. Each widget shows one field of the session's config and changes it when moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from aelib.spec.config import KINDS
from aelib.spec.fields import Choice, InvalidInput, Real, Whole
from aelib.spec.methods import METHODS
from aelib.spec.recipes import RECIPES
from aelib.spec.regularizers import REGULARIZERS
from aelib.ui.panels.budget import advice
from aelib.ui.panels.data_panel import data_panel
from aelib.ui.panels.labels import LABELS, chosen, help_text, number, option_title
from aelib.ui.panels.network_edits import CODE_SIZES
from aelib.ui.panels.tasks import choose_task, level_label
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.session import Session, bind

LEARNING_RATES = (*(mantissa * 10.0**exponent for exponent in range(-6, 1) for mantissa in (1, 2, 5)), 10.0)
FIRING_RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
ACTIVE_UNITS = (1, 2, 3, 5, 8, 10, 16, 20, 25, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
PENALTY_WEIGHTS = (0.0, *(mantissa * 10.0**exponent for exponent in range(-7, 0) for mantissa in (1, 3)), 1.0, 10.0)
BATCH_SIZES = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


def settings_panel(session: Session) -> None:
    """Common settings first, the rest folded away; what makes no difference is not shown."""
    data_panel(session)
    _recipe(session)
    advice(session)
    field = _Fields(session)
    choose_task(session)
    label = level_label(session.config)
    if label is not None:
        field.slider("corruption_level", label)
    if session.config.vector_code:
        field.steps("code_size", CODE_SIZES, str)
    field.options("regularizer")
    field.steps("regularizer_weight", PENALTY_WEIGHTS, number)
    field.steps("sparsity_target", FIRING_RATES, lambda rate: f"{rate:.3g}")
    field.steps("active_units", [k for k in ACTIVE_UNITS if k <= session.config.code_size], str)
    field.steps("learning_rate", LEARNING_RATES, number)
    field.steps("cd_rate", LEARNING_RATES, number)
    with st.expander("Network", icon=":material/account_tree:"):
        field.options("family")
        field.text("widths", "none", "e.g. 256, 128")
        field.text("decoder_widths", "mirror of the encoder")
        field.options("hidden_activation")
        field.options("code_activation")
        field.options("output_activation")
        field.switch("tied")
    with st.expander("Training", icon=":material/tune:"):
        field.options("method")
        field.whole("pretrain_epochs")
        field.whole("cd_steps")
        field.switch("persistent")
        _budget(session)
        field.whole("epochs")
        field.whole("max_steps")
        field.options("loss")
        field.options("optimizer")
        field.steps("batch_size", BATCH_SIZES, str)
        field.switch("frozen_noise")
        field.switch("noisy_target")
    with st.expander("Initialization", icon=":material/flag:"):
        field.options("weight_start")
        field.options("output_start")
        field.whole("seed")
        field.options("precision")


def _recipe(session: Session) -> None:
    config = session.config
    shown = config.recipe if config.recipe in RECIPES else "custom"
    bind("setting.recipe", shown)

    def pick() -> None:
        name = st.session_state["setting.recipe"]
        if name == "custom":
            session.change(recipe="custom")
        else:
            session.config = replace(RECIPES[name].config, dataset=session.config.dataset)
            session.change()

    names = [*RECIPES, "custom"]
    st.selectbox(
        LABELS["recipe"],
        names,
        names.index(shown),
        key="setting.recipe",
        format_func=lambda name: RECIPES[name].title if name in RECIPES else "Custom",
        help=help_text("recipe"),
        on_change=pick,
    )
    recipe = RECIPES.get(config.recipe)
    if recipe is None:
        return
    changed = [
        LABELS[name]
        for name in KINDS
        if name != "dataset" and config.applies(name) and getattr(config, name) != getattr(recipe.config, name)
    ]
    # The box has room for the beginning only.
    title = f"**{recipe.title}.**"
    if changed:
        st.caption(f"{title} Modified: {', '.join(changed)}")
        st.button("Reset to recipe", icon=":material/undo:", on_click=pick, type="tertiary")
    else:
        st.caption(f"{title} {recipe.look_for} *{recipe.source}*")


BUDGETS = ("epochs", "steps")
# The default where the data set is not here to be counted.
USUAL_STEPS = 1_000


def _budget(session: Session) -> None:
    """Is training as long as so many epochs or so many steps? Steps begin as many as the epochs have."""
    config = session.config
    shown = "steps" if config.max_steps else "epochs"

    def pick() -> None:
        dataset = loaded_dataset(config.dataset)
        if st.session_state["setting.budget"] == "epochs":
            session.change(max_steps=0)
        else:
            session.change(max_steps=USUAL_STEPS if dataset is None else config.steps(len(dataset.train_images)))

    st.radio(
        LABELS["budget"],
        BUDGETS,
        BUDGETS.index(shown),
        key=bind("setting.budget", shown),
        horizontal=True,
        format_func=option_title,
        help=help_text("budget"),
        on_change=pick,
    )


def _brought_along(name: str, value: Any) -> Mapping[str, Any]:
    """The settings that a choice changes together with its own."""
    match name:
        case "regularizer":
            return REGULARIZERS[value].chosen()
        case "method":
            return METHODS[value].settings
    return {}


class _Fields:
    """Widgets by kind of value. The session's config is the truth: a widget is set from it before it is drawn."""

    # What a widget is set to is its default, too: a browser that drew only the second of two quick runs of the page was
    # never told the first one's settings, and would report the lowest value of a slider as the hand's.

    def __init__(self, session: Session) -> None:
        self._session = session

    def options(self, name: str) -> None:
        if self._session.config.applies(name):
            kind = KINDS[name]
            assert isinstance(kind, Choice)
            key = self._bind(name, self._value(name))
            st.selectbox(
                LABELS[name],
                kind.options,
                kind.options.index(self._value(name)),
                key=key,
                format_func=option_title,
                help=help_text(name),
                on_change=self._changed(name),
            )

    def steps(self, name: str, steps: Sequence[Any], show: Callable[[Any], str]) -> None:
        """A slider over a scale that fits the field; a value beside the scale gets a place of its own on it."""
        if self._session.config.applies(name):
            value = self._value(name)
            scale = sorted({*(float(step) if isinstance(value, float) else step for step in steps), value})
            key = self._bind(name, value)
            st.select_slider(
                LABELS[name],
                scale,
                value,
                key=key,
                format_func=show,
                help=help_text(name),
                on_change=self._changed(name),
            )

    def slider(self, name: str, label: str) -> None:
        if self._session.config.applies(name):
            kind = KINDS[name]
            assert isinstance(kind, Real)
            key = self._bind(name, self._value(name))
            st.slider(
                label,
                kind.low,
                kind.high,
                self._value(name),
                step=0.01,
                key=key,
                help=help_text(name),
                on_change=self._changed(name),
            )

    def whole(self, name: str) -> None:
        if self._session.config.applies(name):
            kind = KINDS[name]
            assert isinstance(kind, Whole)
            key = self._bind(name, self._value(name))
            st.number_input(
                LABELS[name],
                kind.low,
                kind.high,
                self._value(name),
                step=1,
                key=key,
                help=help_text(name),
                on_change=self._changed(name),
            )

    def switch(self, name: str) -> None:
        if self._session.config.applies(name):
            st.toggle(
                LABELS[name],
                self._value(name),
                key=self._bind(name, self._value(name)),
                help=help_text(name),
                on_change=self._changed(name),
            )

    def text(self, name: str, otherwise: str, placeholder: str = "") -> None:
        """Widths; `otherwise` is what an empty field means, which is its placeholder unless another is given."""
        if not self._session.config.applies(name):
            return
        shown = "" if chosen(self._value(name)) == otherwise else chosen(self._value(name))
        key = self._bind(name, shown)
        st.text_input(
            LABELS[name],
            shown,
            key=key,
            help=help_text(name),
            max_chars=60,
            placeholder=placeholder or otherwise,
            on_change=self._changed(name),
        )

    def _value(self, name: str) -> Any:
        return getattr(self._session.config, name)

    def _bind(self, name: str, shown: Any) -> str:
        return bind(f"setting.{name}", shown)

    def _changed(self, name: str) -> Callable[[], None]:
        def change() -> None:
            try:
                value = KINDS[name].parse(LABELS[name], st.session_state[f"setting.{name}"])
            except InvalidInput as problem:
                self._session.refuse(problem)
            else:
                self._session.change(**{name: value}, **_brought_along(name, value))

        return change

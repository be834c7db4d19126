"""The models from the literature that can be trained here."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.methods import BACKPROP
from aelib.spec.recipes import RECIPES, Recipe
from aelib.ui.components.network import draw_network
from aelib.ui.session.session import Session, plain

# What a recipe is about: the first that fits.
SUBJECTS: tuple[tuple[str, Callable[[RunConfig], bool]], ...] = (
    ("Other training methods", lambda config: config.method != BACKPROP),
    ("Denoising and inpainting", lambda config: config.corruption != "none"),
    ("Regularized autoencoders", lambda config: config.regularizer != "none"),
    ("Convolutional autoencoders", lambda config: config.convolutional),
    ("Basic autoencoders", lambda config: True),
)
COLUMNS = 2

session = Session()


def use(recipe: Recipe) -> None:
    """Takes over its settings. The run so far stops and is kept: it would stand above settings that are not its own."""
    session.draw_beside(None)
    session.show(None)
    session.config = replace(recipe.config, dataset=session.config.dataset)
    session.change()


def subject_of(recipe: Recipe) -> str:
    return next(subject for subject, fits in SUBJECTS if fits(recipe.config))


def card(recipe: Recipe) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{recipe.title}**  \n{recipe.look_for}")
        st.caption(recipe.source)
        if recipe.deviations:
            st.caption("\n".join(("Differs from its source:\n", *(f"- {plain(one)}" for one in recipe.deviations))))
        draw_network(plan(recipe.config), key=f"network.{recipe.id}")
        if st.button(
            "Load on Train page", key=f"use.{recipe.id}", icon=":material/play_circle:", on_click=use, args=(recipe,)
        ):
            st.switch_page("pages/train.py")


session.show_notices()
st.subheader("Recipes", anchor=False)
st.write(
    "Each model encodes an image as a code and reconstructs it from the code alone. Pick one, train it, then modify it."
)
# The plain ones first: the others build on them.
for subject, _ in reversed(SUBJECTS):
    st.subheader(subject, anchor=False)
    recipes = [recipe for recipe in RECIPES.values() if subject_of(recipe) == subject]
    for first in range(0, len(recipes), COLUMNS):
        row = recipes[first : first + COLUMNS]
        for column, recipe in zip(st.columns(COLUMNS, gap="small"), row, strict=False):
            with column:
                card(recipe)

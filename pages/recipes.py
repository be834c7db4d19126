"""The models from the literature that can be trained here."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from aelib.example.gallery import SHOWN, gallery
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import IMAGE_SIDE
from aelib.spec.methods import BACKPROP
from aelib.spec.recipes import RECIPES, Recipe
from aelib.ui.components.network import draw_network
from aelib.ui.components.png import ink_png
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
# How many pixels of the page a pixel of an image is wide.
SCALE = 2

session = Session()


def use(recipe: Recipe) -> None:
    session.take_over(replace(recipe.config, dataset=session.config.dataset))


def subject_of(recipe: Recipe) -> str:
    return next(subject for subject, fits in SUBJECTS if fits(recipe.config))


def card(recipe: Recipe) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{recipe.title}**  \n{recipe.look_for}")
        thumbnails(recipe)
        st.caption(recipe.source)
        if recipe.deviations:
            st.caption("\n".join(("Differs from its source:\n", *(f"- {plain(one)}" for one in recipe.deviations))))
        draw_network(plan(recipe.config), key=f"network.{recipe.id}")
        if st.button(
            "Load on Train page", key=f"use.{recipe.id}", icon=":material/play_circle:", on_click=use, args=(recipe,)
        ):
            st.switch_page("pages/train.py")


def thumbnails(recipe: Recipe) -> None:
    """What the network makes of a few images, below what it gets."""
    shown = gallery().get(recipe.id)
    if shown is None:
        return
    png = ink_png([shown.input, shown.output], st.context.theme.type or "light", scale=SCALE)
    said = f"Six test images above their reconstructions, after {shown.epochs:.3g} epochs on the built-in digits"
    st.image(png, width=SCALE * IMAGE_SIDE * SHOWN, alt=said)
    st.caption(said)


def chosen() -> dict[str, list[Recipe]]:
    """The recipes that have every word of the filter in their texts, by subject; the plain ones first, because the
    others build on them."""
    words = st.text_input(
        "Filter",
        key="recipes.filter",
        persist_state="session",
        placeholder="Filter by words, such as “denoise” or “Hinton”",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    names = [subject for subject, _ in reversed(SUBJECTS)]
    wanted = st.pills(
        "Subjects",
        names,
        selection_mode="multi",
        key="recipes.subjects",
        persist_state="session",
        label_visibility="collapsed",
    )
    found: dict[str, list[Recipe]] = {}
    for recipe in RECIPES.values():
        said = " ".join((recipe.id, recipe.title, recipe.look_for, recipe.source, *recipe.deviations)).casefold()
        if all(word in said for word in (words or "").casefold().split()):
            found.setdefault(subject_of(recipe), []).append(recipe)
    return {name: found[name] for name in names if name in found and name in (wanted or names)}


session.show_notices()
st.write(
    "Each model encodes an image as a code and reconstructs it from the code alone. Pick one, train it, then modify it."
)
listed = chosen()
if not listed:
    st.info("No recipe has all of these words in its title, source or text.", icon=":material/info:")
for subject, recipes in listed.items():
    st.subheader(subject, anchor=False)
    for first in range(0, len(recipes), COLUMNS):
        row = recipes[first : first + COLUMNS]
        for column, recipe in zip(st.columns(COLUMNS, gap="small"), row, strict=False):
            with column:
                card(recipe)

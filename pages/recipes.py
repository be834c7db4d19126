"""The systems of the literature that can be trained here."""

from dataclasses import replace

import streamlit as st

from aelib.architecture import plan
from aelib.recipes import RECIPES, Recipe
from aelib.ui.network import draw_network
from aelib.ui.session import Session

session = Session()


def use(recipe: Recipe) -> None:
    session.config = replace(recipe.config, dataset=session.config.dataset)
    session.change()


session.show_notices()
st.subheader("Recipes", anchor=False)
st.write(
    "Every autoencoder here squeezes a picture through a code and draws it again from the code alone. "
    "What differs is how the squeezing is done. Pick one, train it, then change it."
)
for recipe in RECIPES.values():
    with st.container(border=True):
        text, drawing = st.columns([3, 4], vertical_alignment="center", gap="medium")
        with text:
            st.markdown(f"**{recipe.title}**  \n{recipe.look_for}")
            st.caption(f"{recipe.number} · {recipe.source}")
            if st.button("Try it", key=f"use.{recipe.id}", icon=":material/play_circle:", on_click=use, args=(recipe,)):
                st.switch_page("pages/train.py")
        with drawing:
            draw_network(plan(recipe.config), key=f"network.{recipe.id}")

"""What comes out of the network, picture by picture."""

from dataclasses import replace

import streamlit as st

from aelib.insight import reconstructions
from aelib.recipes import RECIPES
from aelib.ui.looking import Viewed, look_into
from aelib.ui.session import Session


def draw(viewed: Viewed) -> None:
    answer = viewed.ask("errors", reconstructions.errors)
    if answer.value is not None:
        st.write(f"mean {answer.value.mean():.5f}")


look_into(
    Session(),
    see="Every picture goes through the code and comes back: see what survives.",
    explain="…",
    starter=replace(RECIPES["multilayer-64"].config, epochs=5),
    draw=draw,
)

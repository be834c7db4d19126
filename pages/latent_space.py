"""Where pictures lie in the code, beside PCA and t-SNE."""

from dataclasses import replace

from aelib.recipes import RECIPES
from aelib.ui.looking import Viewed, look_into
from aelib.ui.session import Session


def draw(viewed: Viewed) -> None: ...


look_into(Session(), see="…", explain="…", starter=replace(RECIPES["multilayer-64"].config, epochs=5), draw=draw)

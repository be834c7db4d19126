"""What the network makes of damaged pictures, beside other ways."""

from dataclasses import replace

from aelib.recipes import RECIPES
from aelib.ui.looking import Viewed, look_into
from aelib.ui.session import Session


def draw(viewed: Viewed) -> None: ...


look_into(Session(), see="…", explain="…", starter=replace(RECIPES["multilayer-64"].config, epochs=5), draw=draw)

"""The drawing of the network."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.ui.components.network import network_facts, network_svg


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_drawn_with_one_code_in_the_middle(name: str) -> None:
    svg = ET.fromstring(network_svg(plan(RECIPES[name].config)))
    bars = svg.findall(".//{*}rect")
    codes = [i for i, bar in enumerate(bars) if bar.get("fill") == "var(--code)"]
    assert len(codes) == 1
    assert 0 < codes[0] < len(bars) - 1
    assert len(svg.findall(".//{*}title")) == len(bars) == len(svg.findall(".//{*}line")) + 1


def test_a_smaller_code_is_drawn_lower() -> None:
    def code_height(size: int) -> float:
        svg = ET.fromstring(network_svg(plan(RunConfig(code_size=size))))
        return next(float(r.get("height", 0)) for r in svg.iter() if r.get("fill") == "var(--code)")

    heights = [code_height(size) for size in (2, 16, 128, 784)]
    assert heights == sorted(heights)
    assert heights[0] < heights[-1] / 4


def test_the_facts_are_counted() -> None:
    assert network_facts(plan(RunConfig(widths=(), code_size=32))).startswith("51 k parameters · 784 → 32 dimensions")
    assert "(24.5× compression)" in network_facts(plan(RunConfig(widths=(), code_size=32)))
    assert "overcomplete" in network_facts(plan(RECIPES["fully-conv"].config))
    assert re.search(r"1,568 dimensions", network_facts(plan(RECIPES["fully-conv"].config)))

"""The network, drawn from its plan: layers narrow towards the code and widen again."""

from __future__ import annotations

import math
from html import escape
from itertools import pairwise

import streamlit as st

from aelib.spec.architecture import Layer, Plan, Shape
from aelib.ui.panels.labels import option_title, thousands

HEIGHT = 58
SLOT = 58
_BODY = 34
_NAMES = {
    "dense": "dense layer",
    "gaussian": "mean and variance, a dense layer each",
    "conv": "3×3 convolution",
    "conv-transpose": "3×3 transposed convolution",
    "max-pool": "2×2 max-pooling",
    "upsample": "2× upsampling",
    "flatten": "flatten",
}


_COMPONENT = st.components.v2.component(
    "autoencoder_lab_network",
    html='<div class="network"></div><div class="facts"></div>',
    css="""
.network { color: var(--st-text-color); font-family: var(--st-font); --code: var(--st-primary-color); }
.facts { color: var(--st-text-color); opacity: 0.75; font: 0.85rem var(--st-font); font-variant-numeric: tabular-nums; }
""",
    # The image is made here from numbers and fixed words, so it may be set as HTML.
    js="""
export default function ({ parentElement, data }) {
  parentElement.querySelector(".network").innerHTML = data.svg
  parentElement.querySelector(".facts").textContent = data.facts
}
""",
)


def draw_network(network: Plan, key: str) -> None:
    """The drawing with its facts, in the colours of the theme; it changes in place."""
    _COMPONENT(key=key, data={"svg": network_svg(network), "facts": network_facts(network)})


def network_svg(network: Plan) -> str:
    """An SVG image in the colours of the text around it, with a tooltip a layer."""
    # Pooling, doubling and flattening show in the shapes around them.
    code_layer = [layer for layer in network.encoder if layer.weights][-1]
    shapes: list[tuple[Shape, str, bool]] = [(network.input_shape, "input: 784 pixels", False)]
    for side in (network.encoder, network.decoder):
        for layer, following in zip(side, (*side[1:], None), strict=True):
            if layer.weights:
                resized = following is not None and following.kind in ("max-pool", "upsample")
                shape = following.shape_out if following is not None and resized else layer.shape_out
                shapes.append((shape, described(layer), layer is code_layer))
    width = SLOT * len(shapes)
    parts = [_block(shape, tip, is_code, SLOT * (i + 0.5)) for i, (shape, tip, is_code) in enumerate(shapes)]
    links = [_link(a, b, SLOT * (i + 0.5)) for i, ((a, _, _), (b, _, _)) in enumerate(pairwise(shapes))]
    label = escape(" → ".join(size_text(shape) for shape, _, _ in shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img" '
        f'aria-label="Layers: {label}" style="display:block;width:100%;max-width:{width * 1.15:.0f}px;'
        f'max-height:{HEIGHT * 1.15:.0f}px" preserveAspectRatio="xMinYMid meet">{"".join(links + parts)}</svg>'
    )


def network_facts(network: Plan) -> str:
    """Parameters, biases among them, and compression in a few words."""
    ratio = network.compression
    size = f"{ratio:.3g}× compression" if ratio > 1 else "overcomplete"
    return f"{thousands(network.weights)} parameters · 784 → {network.code_units:,} dimensions ({size})"


def size_text(shape: Shape) -> str:
    """ "16×14×14"."""
    return "×".join(map(str, shape))


def described(layer: Layer) -> str:
    """A layer in one line."""
    activation = "" if layer.activation == "linear" else f", {option_title(layer.activation)}"
    tied = ", tied weights" if layer.tied_to is not None else ""
    sizes = f"{size_text(layer.shape_in)} → {size_text(layer.shape_out)}"
    active = f", {layer.active} most active kept" if layer.active is not None else ""
    return f"{_NAMES[layer.kind]}: {sizes}{activation}{active}{tied}, {layer.weights:,} parameters"


def _half_width(shape: Shape) -> float:
    if len(shape) == 1:
        return 4.0
    return (3 + 2.2 * math.log2(shape[0] + 1)) / 2 + 2


def _link(left: Shape, right: Shape, x: float) -> str:
    begin, end = x + _half_width(left) + 3, x + SLOT - _half_width(right) - 3
    y = _BODY / 2 + 2
    return f'<line x1="{begin:.1f}" x2="{end:.1f}" y1="{y}" y2="{y}" stroke="currentColor" stroke-opacity=".3"/>'


def _block(shape: Shape, tip: str, is_code: bool, x: float) -> str:
    # Heights of vectors grow with the power 0.4 of their length: a code of 2 stays visible beside 784.
    share = (shape[0] / 784) ** 0.4 if len(shape) == 1 else shape[1] / 28
    height = max(4.0, min(1.0, share) * _BODY)
    half = _half_width(shape)
    fill = 'fill="var(--code)"' if is_code else 'fill="currentColor" fill-opacity=".55"'
    top = (_BODY - height) / 2 + 2
    return (
        f"<g><title>{escape(tip)}</title>"
        f'<rect x="{x - half:.1f}" y="{top:.1f}" width="{2 * half:.1f}" height="{height:.1f}" rx="2" {fill}/>'
        f'<text x="{x}" y="{HEIGHT - 6}" text-anchor="middle" font-size="11.5" fill="currentColor" '
        f'font-weight="{700 if is_code else 400}">{size_text(shape)}</text></g>'
    )

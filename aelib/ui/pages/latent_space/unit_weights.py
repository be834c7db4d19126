"""The weights of the first layer's units as images."""

from __future__ import annotations

import streamlit as st

from aelib.analysis.latent_space import weights
from aelib.analysis.latent_space.weights import Incoming
from aelib.spec.config import RunConfig
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.images import IMAGE_SIDE
from aelib.spec.methods import METHODS
from aelib.spec.regularizers import REGULARIZERS
from aelib.ui.components.image_grid import Row, image_grid
from aelib.ui.pages.latent_space.encoder_layers import encoder_layers
from aelib.ui.session import queries
from aelib.ui.session.pacing import due
from aelib.ui.session.run_page import Viewed

# Seconds between two looks at the weights of a run that trains.
PACE = 1.0
LEGEND = ("− ink lowers it", "ink raises it +")
_KEPT = "latent.weights.kept"


def unit_weights(viewed: Viewed) -> None:
    """Draws what each unit of the first layer looks for, and follows a run that trains."""
    state = st.session_state
    run_id, kept = state.get(_KEPT, ("", None))
    # While a run trains, other units may come to have the largest weights: the images must not change places.
    units = kept if viewed.training and run_id == viewed.run.id else None
    hold_step = viewed.training and not due("latent.weights_at", PACE)
    link = viewed.reached.link
    answer = queries.ask(
        "latent.weights",
        viewed.engine,
        weights.incoming,
        link,
        units,
        of=viewed.moment,
        key=units,
        hold_step=hold_step,
        timeout=queries.BRIEFLY,
    )
    if answer.value is None or answer.of is None or answer.of.run_id != viewed.run.id:
        st.caption(answer.problem or "Computing …")
        return
    found = answer.value
    state[_KEPT] = (viewed.run.id, tuple(found.units.tolist()))
    called = encoder_layers(viewed.config)[0].called
    st.markdown(in_words(found, called, random=blank_pixels_teach_nothing(viewed.config)))
    image_grid(
        [Row("", found.images, [f"±{largest:#.2g}".rstrip(".") for largest in found.largest], kind="signed")],
        key="latent.weights.grid",
        titles=[f"{_kind(found)} {unit + 1}" for unit in found.units],
        legend=LEGEND,
    )
    st.caption(
        f"At step {answer.of.step:,}. Each image has a scale of its own: the number below it is its largest absolute "
        "weight, which is drawn in full colour."
    )


def blank_pixels_teach_nothing(config: RunConfig) -> bool:
    """Do the first layer's weights to pixels that are 0 in all training images keep their random start? Their gradient
    is the input times that of the layer, hence 0, unless something else moves them: a corruption that puts ink there, a
    penalty on the weights or on the encoder's slope, weights shared with the decoder, or another rule of learning."""
    stay_blank = config.corruption == "none" or CORRUPTIONS[config.corruption].mask is not None
    return (
        METHODS[config.method].follows_gradient
        and stay_blank
        and not config.tied
        and not REGULARIZERS[config.regularizer].acts_on_weights
    )


def in_words(found: Incoming, layer: str, *, random: bool) -> str:
    """What the images are, and how many of all units they show. `layer`: what the first layer is called; `random`: are
    weights to pixels that are always 0 as random as at the start?"""
    shown, kinds = len(found.units), f"{_kind(found)}s"
    which = f"all {shown} {kinds}"
    if shown < found.total:
        which = f"the {shown} of {found.total:,} {kinds} with the largest weights"
    if found.side == IMAGE_SIDE:
        means = (
            f"A unit of {layer} multiplies every pixel by a weight, adds up the products and a bias, and applies its "
            "activation function. Its weights, laid out like the pixels, show what raises it and what lowers it."
        )
        if random:
            means += " Where no training image has ink, the weights get no gradient and stay as random as at the start."
    else:
        means = (
            f"A filter of the first layer slides over the image and sees {found.side} × {found.side} pixels at a time: "
            f"these are its {found.side**2} weights, enlarged. Opposite colours side by side respond to edges."
        )
    return f"{means} Shown: {which}."


def _kind(found: Incoming) -> str:
    return "unit" if found.side == IMAGE_SIDE else "filter"

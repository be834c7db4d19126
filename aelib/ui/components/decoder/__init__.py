"""The decoder view: one component in which the decoder runs, so that images follow the pointer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Hashable
from math import inf
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from aelib.analysis.decode import decoding
from aelib.analysis.decode.decoding import Samples
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.ui.components.component import component
from aelib.ui.components.decoder.payload import View, payload
from aelib.ui.components.parts import Parts
from aelib.ui.session.queries import Answer, Moment
from aelib.ui.session.run_page import Viewed

T = TypeVar("T")
KEY = "decoder"
SAMPLED = 24
# While a run trains, it is looked at again this often; a map of more numbers than this waits until training rests.
MAP_SECONDS, SAMPLES_SECONDS = 1.0, 4.0
NUMBERS_LIVE = 1_500_000
MOST_WISHED = 400
_COMPONENT = component(Path(__file__).parent)


def decoder_view(viewed: Viewed) -> str:
    """Draws the map of the codes and everything that the decoder makes of them; call it again with newer views.

    Returns a sentence where something could not be worked out.
    """
    state = st.session_state
    resting = _numbers(viewed.config) > NUMBERS_LIVE
    code_map = _follow(viewed, "decode.map", decoding.code_map, every=inf if resting else MAP_SECONDS)
    samples: Answer[Samples] = Answer()
    if plan(viewed.config).code_units <= decoding.LONGEST_SAMPLED:
        seed = _seed()
        samples = _follow(
            viewed,
            "decode.samples",
            decoding.samples,
            seed,
            SAMPLED,
            key=seed,
            every=inf if resting else SAMPLES_SECONDS,
        )
    view = View(
        viewed.run.id,
        viewed.config,
        viewed.dataset,
        _of_run(code_map, viewed),
        _of_run(samples, viewed),
        _drawn(viewed),
        resting,
    )
    parts: Parts = state.setdefault("decode.parts", Parts())
    # Unchanged bytes cost neither the server nor the browser anything.
    if state.get("decode.sent") != view.version or "decode.bytes" not in state:
        state["decode.bytes"] = payload(view, parts)
        state["decode.sent"] = view.version

    def resend() -> None:
        parts.forget()
        state["decode.sent"] = None

    _COMPONENT(
        key=KEY,
        data=state["decode.bytes"],
        on_incomplete_change=resend,
        on_wanted_change=lambda: None,
        on_seed_change=lambda: None,
    )
    return code_map.problem or samples.problem


def _follow(
    viewed: Viewed, place: str, function: Callable[..., T], *arguments: Any, every: float, key: Hashable = None
) -> Answer[T]:
    """The newest answer. While a run trains, the question is put again when the answer has come, and `every` seconds
    at the most."""
    asked, arrived, run_id = st.session_state.get(f"{place}.asked", (0.0, True, ""))
    now = time.monotonic()
    due = run_id != viewed.run.id or (arrived and now - asked >= every)
    answer = viewed.ask(place, function, *arguments, key=key, hold_step=not due)
    st.session_state[f"{place}.asked"] = (now if due else asked, answer.current, viewed.run.id)
    return answer


def _of_run(answer: Answer[T], viewed: Viewed) -> tuple[Moment, T] | None:
    """The answer and the moment that it is of, unless it is still about the run that was shown before."""
    if answer.value is None or answer.of is None or answer.of.run_id != viewed.run.id:
        return None
    return answer.of, answer.value


def _numbers(config: RunConfig) -> int:
    """About how many numbers the browser is sent for each map."""
    network = plan(config)
    codes = min(network.code_units * 1_000, decoding.NUMBERS_SENT)
    return codes + (decoding.decoder_weights(network) if decoding.fits_browser(network) else 0)


def _from_browser(name: str) -> Any:
    return getattr(st.session_state.get(KEY), name, None)


def _seed() -> int:
    seed = _from_browser("seed")
    return seed if isinstance(seed, int) and 0 <= seed < 2**31 else 0


def _drawn(viewed: Viewed) -> tuple[str, np.ndarray] | None:
    """Images that the browser wants from a decoder too large for it."""
    number, codes = read_wish(_from_browser("wanted"), plan(viewed.config).code_units)
    if codes is None:
        return None
    key = (number, hashlib.sha256(codes.tobytes()).hexdigest())
    answer = viewed.ask("decode.drawn", decoding.decode, codes, key=key, hold_step=True)
    return (number, answer.value) if answer.value is not None and answer.current else None


def read_wish(wish: Any, units: int) -> tuple[str, np.ndarray | None]:
    """(number, codes float32 [count, units]) that a browser asks images of, or no codes where it makes no sense."""
    if not isinstance(wish, dict):
        return "", None
    try:
        number, count = str(wish["id"])[:40], int(wish["count"])
        numbers = np.frombuffer(base64.b64decode(wish["codes"], validate=True), "<f4")
    except (KeyError, TypeError, ValueError, binascii.Error):
        return "", None
    if not 0 < count <= MOST_WISHED or numbers.size != count * units or not np.isfinite(numbers).all():
        return "", None
    return number, numbers.reshape(count, units)

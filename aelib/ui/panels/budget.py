"""A way out where a budget is used up before anything is learnt, as with few images and large batches."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from aelib.host.settings import MAX_EPOCHS
from aelib.runs.status import UNDERWAY
from aelib.spec.config import RunConfig
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.session import Session

# A budget of fewer batches shows hardly anything, and so many are a good start.
FEW_STEPS, GOOD_STEPS = 200, 2_000
# An epoch is to have some batches, and each of them so many images at least and at most.
BATCHES_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH = 8, 16, 64


def better_budget(config: RunConfig, train_count: int) -> RunConfig | None:
    """The config with batches and epochs that make enough of `train_count` images; None where it has."""
    if config.steps(train_count) >= FEW_STEPS:
        return None
    fitting = 2 ** (train_count // BATCHES_AN_EPOCH).bit_length() // 2
    batch = min(config.batch_size, max(SMALLEST_BATCH, fitting), LARGEST_BATCH)
    epochs = min(MAX_EPOCHS.value, max(config.epochs, round(GOOD_STEPS * batch / train_count)))
    return replace(config, batch_size=batch, epochs=epochs, max_steps=0)


def advice(session: Session) -> None:
    """A sentence and a button, where the budget of the settings is too small."""
    config, run = session.config, session.run
    dataset = loaded_dataset(config.dataset)
    if dataset is None or (run is not None and run.status in UNDERWAY):
        return
    count = len(dataset.train_images)
    better = better_budget(config, count)
    if better is None:
        return
    with st.container(gap=None):
        steps = _counted(config.steps(count), "step")
        asked = (
            f"{_counted(config.epochs, 'epoch')} of {count:,} images in batches of {config.batch(count):,} are only "
        )
        st.caption(f"{asked if config.applies('epochs') else ''}{steps}: too few to learn much.")
        st.button(
            f"Use {better.epochs:,} epochs with batch size {better.batch_size}",
            icon=":material/auto_fix_high:",
            type="tertiary",
            key="better_budget",
            on_click=lambda: session.change(batch_size=better.batch_size, epochs=better.epochs),
        )


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"

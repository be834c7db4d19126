"""A picture of the person's own for a network: drawn with the pen, or a file."""

from __future__ import annotations

import numpy as np
import streamlit as st

from aelib.config import InvalidInput
from aelib.datasets.handwriting import from_drawing, from_file
from aelib.ui.pen import pen
from aelib.ui.uploading import file_uploader

DRAW, UPLOAD = "Draw", "Upload"
LARGEST_MB = 20


def own_picture(key: str) -> tuple[np.ndarray | None, str]:
    """A pad, an upload and their switches, with widgets whose keys begin with `key`.

    Returns (the picture uint8 [28, 28], strokes bright on black, or None, what was wrong with it in a sentence or "").
    """
    source = st.segmented_control(
        "Your own picture",
        [DRAW, UPLOAD],
        default=DRAW,
        key=f"{key}.source",
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    place = st.container()
    centred = st.toggle(
        "Centre and scale as MNIST was",
        value=True,
        key=f"{key}.centred",
        persist_state="session",
        help="MNIST’s digits fit into 20×20 pixels and have their centre of mass in the middle. Without this, the "
        "network sees the whole pad, or the whole file, made small.",
    )
    try:
        if source == DRAW:
            with place:
                drawing = pen(f"{key}.pen")
            return None if drawing is None else from_drawing(drawing, centred=centred), ""
        exchanged = st.toggle(
            "Exchange light and dark",
            key=f"{key}.exchanged",
            persist_state="session",
            help="Dark strokes on bright paper become bright on black by themselves; where the paper is too dark to be "
            "told from its strokes, this helps.",
        )
        with place:
            file = file_uploader(
                "A PNG or JPEG picture of one sign",
                type=["png", "jpg", "jpeg"],
                max_upload_size=LARGEST_MB,
                key=f"{key}.file",
            )
        if file is None:
            return None, ""
        return from_file(file.name, file.getvalue(), centred=centred, exchanged=exchanged), ""
    except InvalidInput as problem:
        return None, str(problem)

"""An image of the visitor's own: drawn on the pad, or a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from aelib.datasets import NoRoom
from aelib.datasets.handwriting import from_drawing, from_file
from aelib.spec.fields import InvalidInput
from aelib.ui.components.drawing_pad import drawing_pad
from aelib.ui.components.drawing_pad.drawing import decode, mark
from aelib.ui.server.reading import NotYet, read_picture
from aelib.ui.server.uploads import file_uploader
from aelib.ui.session import queries


@dataclass(frozen=True)
class OwnPicture:
    """`image`: uint8 [28, 28], strokes bright on black, or None; `trouble`: a sentence on what was wrong with it.

    `pad`: the name of the pad that it was drawn on, for grids that follow the hand; "" for a file. `at`: what was on
    the pad then.
    """

    image: np.ndarray | None = None
    trouble: str = ""
    pad: str = ""
    at: str = ""
    centred: bool = True

    def image_of(self, sent: str) -> np.ndarray | None:
        """As `image`, of what the pad sends later."""
        drawing = decode(sent)
        return None if drawing is None else from_drawing(drawing, centred=self.centred)


DRAW, UPLOAD = "Draw", "Upload"
# Set in the session of whoever opened a page in order to draw.
DRAWING_FIRST = "drawing.first"
LARGEST_MB = 20


def own_picture(key: str) -> OwnPicture:
    """A pad, an upload and their switches, with widgets whose keys begin with `key`."""
    source = st.segmented_control(
        "Your own image",
        [DRAW, UPLOAD],
        default=DRAW,
        key=f"{key}.source",
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    place = st.container()
    centred = st.toggle(
        "Centre and scale like MNIST",
        value=True,
        key=f"{key}.centred",
        persist_state="session",
        help="MNIST’s digits fit into 20×20 pixels and have their centre of mass in the middle. Without this, the "
        "whole canvas or file is simply downscaled.",
    )
    try:
        if source == DRAW:
            with place:
                drawing = drawing_pad(f"{key}.pad")
            if drawing is None:
                return OwnPicture()
            image = from_drawing(drawing, centred=centred)
            return OwnPicture(image, pad=f"{key}.pad", at=mark(drawing), centred=centred)
        exchanged = st.toggle(
            "Invert colours",
            key=f"{key}.exchanged",
            persist_state="session",
            help="Images of dark strokes on a bright background are inverted automatically. Use this if that fails.",
        )
        with place:
            file = file_uploader(
                "PNG or JPEG image of a single character",
                type=["png", "jpg", "jpeg"],
                max_upload_size=LARGEST_MB,
                key=f"{key}.file",
            )
        if file is None:
            return OwnPicture()
        return OwnPicture(from_file(file.name, partial(read_picture, file), centred=centred, exchanged=exchanged))
    except NotYet:
        with place:
            st.caption("Reading the image …")
        queries.expect()
        return OwnPicture()
    except (InvalidInput, NoRoom) as problem:
        return OwnPicture(trouble=str(problem))

"""Our own components: a folder with NAME.html, NAME.css and NAME.js, and the drawing that all of them share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st

from aelib.spec import palette

_FOLDER = Path(__file__).parent


def component(folder: Path) -> Any:
    """Registers the component in `folder`; what it returns mounts it.

    Its script has the constant PALETTE and the scripts beside this file before it, its style sheet `drawing.css`. Other
    scripts in the folder are parts of it.
    """
    name = folder.name
    html, css = ((folder / f"{name}.{ending}").read_text("utf-8") for ending in ("html", "css"))
    colours = {
        "classes": palette.CLASSES,
        "series": palette.SERIES,
        "groups": palette.GROUPS,
        "signed": palette.SIGNED,
        "ramp": palette.RAMP,
        "mask": palette.MASK,
    }
    shared_css = (_FOLDER / "drawing.css").read_text("utf-8")
    scripts = [script.read_text("utf-8") for place in (_FOLDER, folder) for script in sorted(place.glob("*.js"))]
    return st.components.v2.component(
        f"autoencoder_lab_{name}",
        html=html,
        css=f"{shared_css}\n{css}",
        js="\n".join((f"const PALETTE = {json.dumps(colours)}", *scripts)),
    )

"""Our own components: a folder with NAME.html, NAME.css and NAME.js, and the drawing that all of them share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st

from aelib.ui import palette

_FOLDER = Path(__file__).parent


def component(folder: Path) -> Any:
    """Registers the component in `folder`; what it returns mounts it.

    Its script has `drawing.js`, `line.js` and the constant PALETTE before it, its style sheet `drawing.css`. Other
    scripts in the folder are parts of it.
    """
    name = folder.name
    html, css = ((folder / f"{name}.{ending}").read_text("utf-8") for ending in ("html", "css"))
    js = "\n".join(script.read_text("utf-8") for script in sorted(folder.glob("*.js")))
    colours = {
        "classes": palette.CLASSES,
        "series": palette.SERIES,
        "signed": palette.SIGNED,
        "ramp": palette.RAMP,
        "mask": palette.MASK,
    }
    shared_css, *shared_js = ((_FOLDER / file).read_text("utf-8") for file in ("drawing.css", "drawing.js", "line.js"))
    return st.components.v2.component(
        f"autoencoder_lab_{name}",
        html=html,
        css=f"{shared_css}\n{css}",
        js="\n".join((f"const PALETTE = {json.dumps(colours)}", *shared_js, js)),
    )

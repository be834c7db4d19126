"""Autoencoder Lab: the front door. `streamlit run app.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import aelib.ui
from aelib.runs.home import InUse
from aelib.ui.components.board.channel import route as board_route
from aelib.ui.components.frame import footer, heading
from aelib.ui.components.live.channel import route as live_route
from aelib.ui.panels.room_strip import room_strip
from aelib.ui.server.headers import SecurityHeaders
from aelib.ui.server.login import admitted, log_out, logged_in, login_page
from aelib.ui.server.preview import route as preview_route
from aelib.ui.server.routes import ClosedTabs, lifespan, page_html, page_routes
from aelib.ui.server.uploads import UploadGate
from aelib.ui.server.visitors import LastingCookie
from aelib.ui.session.session import enter, environment_notices, server_runs

# The live view is to fit on one screen: half of Streamlit's margins are enough. And where there is no keyboard, its
# buttons fit in one row, if they do not name their keys. What is said in passing is not to cover them. A run and its
# buttons are one row of the list, wherever there is room for it. All pages are in the navigation without "more", which
# takes the room of their icons.
STYLE = """<style>
.stMainBlockContainer { padding-inline: clamp(1rem, 2.2vw, 3rem); }
.stToastContainer { inset: auto 1rem 1rem auto; }
@media (min-width: 640px) {
  [class*="st-key-listed-"] { flex-wrap: nowrap; }
  [class*="st-key-listed-"] > .stElementContainer:first-child { min-width: 0; flex: 1 1 0; }
}
.st-key-frame { position: absolute; }
.st-key-said { flex-wrap: nowrap; }
.st-key-said > .stElementContainer:first-child:not(:only-child) { flex: none; }
.st-key-said p { line-height: 1.25; }
@media (max-width: 1700px) {
  [data-testid="stTopNavLink"] > span:first-child { display: none; }
  [data-testid="stTopNavLink"] { padding-inline: 0.35rem; }
  [data-testid="stTopNav"] { gap: 0; }
}
.st-key-footer .stCheckbox { opacity: 0.75; }
[data-presenting="true"] .stSidebar, [data-presenting="true"] .stExpandSidebarButton { display: none; }
@media (hover: none) {
  .stMainBlockContainer button kbd { display: none; }
  .st-key-buttons { gap: 0.4rem; }
}
</style>"""

# White on the dark theme's own colour, which is made for text on a dark ground, could not be read.
DARK_STYLE = """<style>
[data-testid^="stBaseButton-primary"]:not(:disabled) { background-color: #5a53cf; border-color: #5a53cf; color: #fff; }
[data-testid^="stBaseButton-primary"]:not(:disabled):hover { background-color: #6a63dc; border-color: #6a63dc; }
</style>"""

# This file may lie beside the package or, where that is installed, in it.
IMAGES = Path(aelib.ui.__file__).parent

TITLE = "Autoencoder Lab"

# File in pages/, title, Material icon.
PAGES = (
    ("train", "Train", "play_circle"),
    ("reconstructions", "Reconstructions", "image_search"),
    ("denoising", "Denoising", "blur_off"),
    ("latent_space", "Latent space", "scatter_plot"),
    ("decode", "Decode", "gesture"),
    ("classify", "Classify", "category"),
    ("anomalies", "Anomalies", "troubleshoot"),
    ("experiments", "Experiments", "science"),
    ("runs", "My runs", "history"),
    ("recipes", "Recipes", "menu_book"),
    ("workshop", "Workshop", "groups"),
)


def main() -> None:
    st.set_page_config(page_title=TITLE, page_icon=IMAGES / "icon.svg", layout="wide")
    st.html(STYLE)
    if st.context.theme.type == "dark":
        st.html(DARK_STYLE)
    st.logo(IMAGES / "logo.svg", size="large")
    pages = [
        st.Page(f"pages/{name}.py", title=title, icon=f":material/{icon}:", default=name == "train")
        for name, title, icon in PAGES
    ]
    if not admitted():
        # At every page's address, so that nobody is told that there is no such page.
        gates = [st.Page(login_page, title="Log in", url_path=name, default=name == "train") for name, *_ in PAGES]
        st.navigation(gates, position="hidden").run()
        return
    if logged_in():
        pages.append(st.Page(log_out, title="Log out", icon=":material/logout:"))
    enter()
    # Before anything reads them, the environment's settings are checked.
    environment_notices()
    try:
        server_runs()
    except InUse as problem:
        st.error(str(problem), icon=":material/lock:")
        return
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · {TITLE}")
    heading(page.title)
    try:
        room_strip()
        page.run()
    finally:
        # Also where a page ends before its last line.
        footer()


if __name__ == "__main__":
    # Streamlit runs this file for every visitor.
    main()
elif __name__ != "__mp_main__":
    # The server loads it as a module; the engine's worker processes, as "__mp_main__", need neither.
    base_path = st.get_option("server.baseUrlPath")
    app = st.App(
        __file__,
        routes=[
            live_route(base_path),
            preview_route(base_path),
            board_route(base_path),
            *page_routes(base_path, (name for name, *_ in PAGES)),
        ],
        middleware=[
            Middleware(SecurityHeaders, base_path=base_path, pages=[page_html()]),
            Middleware(ClosedTabs),
            Middleware(UploadGate, base_path=base_path),
            Middleware(LastingCookie, base_path=base_path),
        ],
        lifespan=lifespan,
    )

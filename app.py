"""Autoencoder Lab: the front door. `streamlit run app.py`."""

import streamlit as st

from aelib.ui.session import environment_notices, server_runs

# The live view is to fit on one screen: half of Streamlit's margins are enough.
MARGINS = "<style>.stMainBlockContainer { padding-inline: clamp(1rem, 2.2vw, 3rem); }</style>"


def main() -> None:
    st.set_page_config(page_title="Autoencoder Lab", page_icon="aelib/ui/icon.svg", layout="wide")
    st.html(MARGINS)
    st.logo("aelib/ui/logo.svg", size="large")
    pages = [
        st.Page(
            "pages/train.py",
            title="Train",
            icon=":material/play_circle:",
            default=True,
            help="Pick a network, press Train, and watch it learn.",
        ),
        st.Page(
            "pages/recipes.py",
            title="Recipes",
            icon=":material/menu_book:",
            help="The systems of the literature that can be trained here, each with its source.",
        ),
    ]
    # Before anything reads them, the environment's settings are checked.
    environment_notices()
    server_runs()
    st.navigation(pages, position="top").run()


# The engine's worker processes import this file as "__mp_main__", and must not draw a page.
if __name__ == "__main__":
    main()

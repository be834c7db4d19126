"""Autoencoder Lab's library: what a run is, how it trains, and where it runs. No Streamlit but in `aelib.ui`."""

__version__ = "0.1.0"

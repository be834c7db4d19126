"""What a run is, as plain data: settings, architecture, corruptions, recipes. Loads no torch, Dask or Streamlit."""

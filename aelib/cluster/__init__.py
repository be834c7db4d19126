"""Dask distributed: where slices run, and in which order."""

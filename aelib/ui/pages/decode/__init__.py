"""Parts of the Decode page."""

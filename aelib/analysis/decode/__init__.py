"""Questions of the Decode page."""

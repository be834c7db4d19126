"""Questions of the Classify page."""

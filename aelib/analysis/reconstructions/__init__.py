"""Questions of the Reconstructions page."""

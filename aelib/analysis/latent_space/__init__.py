"""Questions of the Latent space page."""

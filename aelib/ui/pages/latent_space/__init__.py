"""What the Latent space page is made of."""

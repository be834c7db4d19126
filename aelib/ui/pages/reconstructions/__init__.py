"""What the Reconstructions page is made of."""

"""What the Denoising page is made of."""

"""Questions of the Denoising page."""

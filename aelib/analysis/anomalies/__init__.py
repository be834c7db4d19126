"""How well a trained network, and methods without one, tell anomalous images from normal ones."""

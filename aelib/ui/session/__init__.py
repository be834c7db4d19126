"""What one browser tab has in hand: its settings, its run, and the questions it asks."""

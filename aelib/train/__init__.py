"""Training on a worker: the trainer, learning rules, losses, optimizers, metrics, and the slices of a run."""

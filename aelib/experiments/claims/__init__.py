"""The claims of the articles, by topic. Importing a module registers its experiments."""

from aelib.experiments.claims import (
    capacity,
    classification,
    compression,
    denoising,
    depth,
    generation,
    sparsity,
    transfer,
)

__all__ = [
    "capacity",
    "classification",
    "compression",
    "denoising",
    "depth",
    "generation",
    "sparsity",
    "transfer",
]

"""Update rules: each one loop over a slice of the flat parameters. Importing this package fills the registry."""

from netlet.kernels.optimizers import (
    adam,
    momentum,
    sgd,
)

__all__ = [
    "adam",
    "momentum",
    "sgd",
]

"""Losses, computed from logits where that is the stable form. Importing this package fills the registry."""

from netlet.kernels.losses import (
    binary_cross_entropy,
    cross_entropy,
    squared_error,
)

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "squared_error",
]

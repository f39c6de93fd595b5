"""Losses, computed from logits where that is the stable form. Importing this package fills the registry."""

from netlet.kernels.losses import (
    absolute_error,
    binary_cross_entropy,
    cross_entropy,
    detection,
    hinge,
    huber,
    log_cosh,
    perceptron,
    poisson,
    quantile,
    sequence_cross_entropy,
    squared_error,
)

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "cross_entropy",
    "detection",
    "hinge",
    "huber",
    "log_cosh",
    "perceptron",
    "poisson",
    "quantile",
    "sequence_cross_entropy",
    "squared_error",
]

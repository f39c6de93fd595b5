"""Layers: for each a forward and a backward kernel, side by side. Importing this package fills the registry."""

from netlet.kernels.layers import (
    add,
    columns,
    dense,
    dropout,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)

__all__ = [
    "add",
    "columns",
    "dense",
    "dropout",
    "identity",
    "leaky_relu",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]

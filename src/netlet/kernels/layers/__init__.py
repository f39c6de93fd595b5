"""Layers: for each a forward and a backward kernel, side by side. Importing this package fills the registry."""

from netlet.kernels.layers import (
    add,
    batch_normalisation,
    columns,
    concatenate,
    dense,
    dropout,
    embedding,
    identity,
    layer_normalisation,
    leaky_relu,
    multiply,
    relu,
    scaling,
    sigmoid,
    softmax,
    tanh,
)

__all__ = [
    "add",
    "batch_normalisation",
    "columns",
    "concatenate",
    "dense",
    "dropout",
    "embedding",
    "identity",
    "layer_normalisation",
    "leaky_relu",
    "multiply",
    "relu",
    "scaling",
    "sigmoid",
    "softmax",
    "tanh",
]

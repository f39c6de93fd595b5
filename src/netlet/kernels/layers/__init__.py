"""Layers: for each a forward and a backward kernel, side by side. Importing this package fills the registry."""

from netlet.kernels.layers import add, dense, dropout, identity, leaky_relu, relu, sigmoid, softmax, tanh

__all__ = ["add", "dense", "dropout", "identity", "leaky_relu", "relu", "sigmoid", "softmax", "tanh"]

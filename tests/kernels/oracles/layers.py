"""What every layer computes: from (x, x2, theta, settings, factors, step) to y."""

from __future__ import annotations

import numpy as np

from oracles import windows
from oracles.random import dropout_mask
from oracles.recurrent import gru, lstm, rnn


def _dense(x, x2, theta, settings, factors, step):
    units = settings["units"]
    weight, bias = theta[: x.shape[1] * units].reshape(-1, units), theta[x.shape[1] * units :]
    return x @ weight + (bias if bias.size else 0.0)


def _dropout(x, x2, theta, settings, factors, step):
    return x * dropout_mask(x.shape, factors["rate"], settings["stream"], step) if step[0] else x.copy()


def _batch_normalisation(x, x2, theta, settings, factors, step):
    """In evaluation with the state of before any training: means of 0 and variances of 1."""
    m = settings["features"]
    rows = x.reshape(-1, m)
    mean, variance = (rows.mean(axis=0), rows.var(axis=0)) if step[0] and not settings["frozen"] else (0.0, 1.0)
    return (theta[:m] * (rows - mean) / np.sqrt(variance + factors["eps"]) + theta[m:]).reshape(x.shape)


def _layer_normalisation(x, x2, theta, settings, factors, step):
    m = settings["features"]
    rows = x.reshape(-1, m)
    mean, variance = rows.mean(axis=1, keepdims=True), rows.var(axis=1, keepdims=True)
    return (theta[:m] * (rows - mean) / np.sqrt(variance + factors["eps"]) + theta[m:]).reshape(x.shape)


def _concatenate(x, x2, theta, settings, factors, step):
    rows, rows2 = x.reshape(-1, settings["width"]), x2.reshape(-1, settings["width2"])
    return np.concatenate([rows, rows2], axis=1).reshape(len(x), -1)


def _embedding(x, x2, theta, settings, factors, step):
    table = theta.reshape(settings["categories"], settings["dimensions"])
    return table[x.astype(int)].reshape(len(x), -1)


LAYERS = {
    "add": lambda x, x2, *_: x + x2,
    "average_pooling": windows.average_pooling,
    "batch_normalisation": _batch_normalisation,
    "columns": lambda x, x2, theta, settings, *_: x[:, settings["first"] : settings["first"] + settings["count"]],
    "concatenate": _concatenate,
    "convolution": windows.convolution,
    "dense": _dense,
    "dropout": _dropout,
    "embedding": _embedding,
    "grouped_convolution": windows.convolution,
    "layer_normalisation": _layer_normalisation,
    "gru": gru,
    "lstm": lstm,
    "rnn": rnn,
    "max_pooling": windows.max_pooling,
    "multiply": lambda x, x2, *_: x * x2,
    "scaling": lambda x, x2, theta, settings, *_: (x.reshape(-1, settings["features"]) * theta).reshape(x.shape),
    "upsampling": windows.upsampling,
}

"""What every layer computes: from (x, x2, theta, settings, factors, step) to y."""

from __future__ import annotations

from oracles.random import dropout_mask


def _dense(x, x2, theta, settings, factors, step):
    units = settings["units"]
    weight, bias = theta[: x.shape[1] * units].reshape(-1, units), theta[x.shape[1] * units :]
    return x @ weight + (bias if bias.size else 0.0)


def _dropout(x, x2, theta, settings, factors, step):
    return x * dropout_mask(x.shape, factors["rate"], settings["stream"], step) if step[0] else x.copy()


LAYERS = {
    "add": lambda x, x2, *_: x + x2,
    "columns": lambda x, x2, theta, settings, *_: x[:, settings["first"] : settings["first"] + settings["count"]],
    "dense": _dense,
    "dropout": _dropout,
}

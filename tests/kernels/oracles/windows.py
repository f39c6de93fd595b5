"""Convolution, pooling and upsampling by loops over every number, from their definitions."""

from __future__ import annotations

import itertools

import numpy as np


def _pictures(x, settings):
    return x.reshape(len(x), settings["height"], settings["width"], settings["channels"])


def _rows(pictures):
    return pictures.reshape(len(pictures), int(np.prod(pictures.shape[1:])))


def windows(settings):
    """Yield for each output place its row, its column, and the places (i, j, row, column) under its window."""
    taps = list(itertools.product(range(settings["kernel_height"]), range(settings["kernel_width"])))
    for r, q in itertools.product(range(settings["out_height"]), range(settings["out_width"])):
        under = []
        for i, j in taps:
            row = r * settings["stride_height"] - settings["pad_top"] + i * settings["dilation_height"]
            column = q * settings["stride_width"] - settings["pad_left"] + j * settings["dilation_width"]
            if 0 <= row < settings["height"] and 0 <= column < settings["width"]:
                under.append((i, j, row, column))
        yield r, q, under


def convolution(x, x2, theta, settings, factors, step):
    filters, groups = settings["filters"], settings.get("groups", 1)
    depth, width = settings["channels"] // groups, filters // groups
    shape = settings["kernel_height"], settings["kernel_width"], depth, filters
    size = int(np.prod(shape))
    weight, bias = theta[:size].reshape(shape), theta[size:] if settings["bias"] else np.zeros(filters)
    x = _pictures(x, settings)
    y = np.zeros((len(x), settings["out_height"], settings["out_width"], filters)) + bias
    for r, q, under in windows(settings):
        for i, j, row, column in under:
            for f in range(filters):
                first = f // width * depth
                y[:, r, q, f] += x[:, row, column, first : first + depth] @ weight[i, j, :, f]
    return _rows(y)


def _pooled(x, settings, function):
    x = _pictures(x, settings)
    y = np.empty((len(x), settings["out_height"], settings["out_width"], settings["channels"]))
    for r, q, under in windows(settings):
        y[:, r, q] = function(np.stack([x[:, row, column] for _, _, row, column in under]), axis=0)
    return _rows(y)


def max_pooling(x, x2, theta, settings, factors, step):
    return _pooled(x, settings, np.max)


def average_pooling(x, x2, theta, settings, factors, step):
    return _pooled(x, settings, np.mean)


def upsampling(x, x2, theta, settings, factors, step):
    pictures = _pictures(x, settings)
    higher = np.repeat(pictures, settings["factor_height"], axis=1)
    return _rows(np.repeat(higher, settings["factor_width"], axis=2))

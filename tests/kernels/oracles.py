"""What every registry row computes, once more: naive NumPy in float64, from the formulas, without netlet."""

from __future__ import annotations

import numpy as np
from scipy import special


def philox(key, counter):
    """Return the four words of Philox 4x32-10, with Python's own integers."""
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def dropout_mask(shape, rate, stream, step):
    """Return the factors of dropout in training: 0 with probability `rate`, else ``1 / (1 - rate)``.

    A block of four words is drawn for four neighbours in a row; the last one of a row may be used in part.
    """
    _, key_low, key_high, number, first_row = step
    blocks = -(-shape[1] // 4)
    mask = np.empty((shape[0], 4 * blocks))
    for i, j in np.ndindex(shape[0], blocks):
        words = philox((key_low, key_high), ((first_row + i) * blocks + j, stream, number, 0))
        for k, word in enumerate(words):
            mask[i, 4 * j + k] = 0.0 if (word >> 8) / 2**24 < rate else 1 / (1 - rate)
    return mask[:, : shape[1]]


def _dense(x, x2, theta, settings, factors, step):
    units = settings["units"]
    weight, bias = theta[: x.shape[1] * units].reshape(-1, units), theta[x.shape[1] * units :]
    return x @ weight + (bias if bias.size else 0.0)


def _dropout(x, x2, theta, settings, factors, step):
    return x * dropout_mask(x.shape, factors["rate"], settings["stream"], step) if step[0] else x.copy()


# From (x, x2, theta, settings, factors, step) to y.
LAYERS = {
    "add": lambda x, x2, *_: x + x2,
    "dense": _dense,
    "dropout": _dropout,
    "identity": lambda x, *_: x.copy(),
    "leaky_relu": lambda x, x2, theta, settings, factors, step: np.where(x > 0, x, factors["negative_slope"] * x),
    "relu": lambda x, *_: np.maximum(x, 0),
    "sigmoid": lambda x, *_: special.expit(x),
    "softmax": lambda x, *_: special.softmax(x, axis=1),
    "tanh": lambda x, *_: np.tanh(x),
}

# From (logits, targets) to the loss of each sample and the gradient of their sum.
LOSSES = {
    "binary_cross_entropy": lambda z, t: (
        -(t * special.log_expit(z) + (1 - t) * special.log_expit(-z)).sum(axis=1),
        special.expit(z) - t,
    ),
    "cross_entropy": lambda z, t: (
        -np.take_along_axis(special.log_softmax(z, axis=1), t.astype(int), axis=1)[:, 0],
        special.softmax(z, axis=1) - (np.arange(z.shape[1]) == t),
    ),
    "squared_error": lambda z, t: (((z - t) ** 2).mean(axis=1) / 2, (z - t) / z.shape[1]),
}


def _sgd(theta, gradients, rate):
    for gradient in gradients:
        theta = theta - rate * gradient
    return theta


def _momentum(theta, gradients, rate, momentum):
    velocity = np.zeros_like(theta)
    for gradient in gradients:
        velocity = momentum * velocity - rate * gradient
        theta = theta + velocity
    return theta


def _adam(theta, gradients, rate, beta1, beta2, eps):
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for number, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        mean_corrected, square_corrected = mean / (1 - beta1**number), square / (1 - beta2**number)
        theta = theta - rate * mean_corrected / (np.sqrt(square_corrected) + eps)
    return theta


# From (theta, gradients of all steps, learning rate, the rule's settings) to the parameters after the last step.
UPDATES = {"adam": _adam, "momentum": _momentum, "sgd": _sgd}

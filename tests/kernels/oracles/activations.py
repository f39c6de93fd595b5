"""What every activation computes: from (x, x2, theta, settings, factors, step) to y."""

from __future__ import annotations

import numpy as np
from scipy import special

SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def _elu(x, x2, theta, settings, factors, step):
    return np.where(x > 0, x, factors["alpha"] * special.expm1(np.minimum(x, 0)))


def _gelu_tanh(x, *_):
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _softplus(x, *_):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _softmax(x, x2, theta, settings, *_):
    shaped = x.reshape(len(x), x.shape[1] // settings["features"], settings["features"])
    return special.softmax(shaped, axis=-1).reshape(x.shape)


def _selu(x, *_):
    return SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * special.expm1(np.minimum(x, 0)))


def _mish(x, *_):
    return x * np.tanh(_softplus(x))


ACTIVATIONS = {
    "elu": _elu,
    "exponential": lambda x, *_: np.exp(x),
    "gelu": lambda x, *_: x * special.ndtr(x),
    "gelu_tanh": _gelu_tanh,
    "identity": lambda x, *_: x.copy(),
    "leaky_relu": lambda x, x2, theta, settings, factors, step: np.where(x > 0, x, factors["negative_slope"] * x),
    "mish": _mish,
    "parametric_mish": lambda x, x2, theta, *_: (1 - theta) * x + theta * _mish(x),
    "parametric_selu": lambda x, x2, theta, *_: (1 - theta) * x + theta * _selu(x),
    "prelu": lambda x, x2, theta, *_: np.where(x > 0, x, theta * x),
    "relu": lambda x, *_: np.maximum(x, 0),
    "selu": _selu,
    "sigmoid": lambda x, *_: special.expit(x),
    "silu": lambda x, *_: x * special.expit(x),
    "softmax": _softmax,
    "softplus": _softplus,
    "step": lambda x, *_: np.heaviside(x, 1.0),
    "tanh": lambda x, *_: np.tanh(x),
}

"""What every activation computes: from (x, x2, theta, settings, factors, step) to y."""

from __future__ import annotations

import numpy as np
from scipy import special

ACTIVATIONS = {
    "identity": lambda x, *_: x.copy(),
    "leaky_relu": lambda x, x2, theta, settings, factors, step: np.where(x > 0, x, factors["negative_slope"] * x),
    "relu": lambda x, *_: np.maximum(x, 0),
    "sigmoid": lambda x, *_: special.expit(x),
    "softmax": lambda x, *_: special.softmax(x, axis=1),
    "tanh": lambda x, *_: np.tanh(x),
}

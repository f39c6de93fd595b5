"""Layer normalisation: every row is brought to mean 0 and variance 1, then scaled and shifted.

    mu = sum_j x_j / m        v = sum_j (x_j - mu)^2 / m        r = 1 / sqrt(v + eps)        x^_j = (x_j - mu) r
    y_j = s_j x^_j + t_j
    dx_j = r (g_j - sum_k g_k / m - x^_j sum_k g_k x^_k / m)        g_j = s_j dy_j
    ds_j = sum_i dy_ij x^_ij        dt_j = sum_i dy_ij

A row is the last axis, of length m = n_features; i goes over the samples and all axes before the last.

| array | shape | |
|---|---|---|
| x, y, dx, dy | (n, k * n_features) | k rows of a sample: 1, but for values of more than one axis |
| theta | (2 * n_features,) | s, then t |
| saved | (n, k * 2 * n_features) | for each row x^, then r; the rest is not used |

`settings` holds n_features, `factors` eps.

Mean and variance are those of the corrected two-pass algorithm: what rounding left of the mean in ``sum_j (x_j - mu)``
is taken off both, so that float32 holds for long rows and far from 0. (Their difference is then >= 0 but for a
rounding, which `abs` makes harmless.)

References: Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450, 2016; Chan, Golub, LeVeque, "Algorithms for
computing the sample variance", The American Statistician 37, 1983.
"""

from collections.abc import Mapping

import numpy as np

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, inline, kernel
from netlet.kernels.layers.dense import sum_of_rows
from netlet.kernels.layers.scaling import sum_of_products
from netlet.kernels.memory import matrix, vector
from netlet.kernels.registry import Block, LayerRow, register

FEATURES = 0  # of settings
EPS = 0  # of factors


@inline
def scale_and_shift_gradient(dy, x_hat, first, last, dtheta):
    """Set `dtheta` to rows `first` to `last` of the gradient: row 0 is that of the scale, row 1 that of the shift."""
    m = dy.shape[1]
    if first == 0:
        sum_of_products(dy, x_hat, vector(dtheta, 0, m))
    if last == 2:
        sum_of_rows(dy, vector(dtheta, (1 - first) * m, m))


def scale_and_shift(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    """Return the blocks of the layers that normalise."""
    return Block("scale", 1, settings["features"]), Block("shift", 1, settings["features"])


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m = settings[FEATURES]
    n, one = x.size // m, x.dtype.type(1)
    x, y, kept = matrix(x, 0, n, m), matrix(y, 0, n, m), matrix(saved, 0, n, 2 * m)
    share = one / x.dtype.type(m)
    for i in range(n):
        mean = x.dtype.type(0)
        for j in range(m):
            mean += x[i, j]
        mean *= share
        variance = missed = x.dtype.type(0)
        for j in range(m):
            missed += x[i, j] - mean
            variance += (x[i, j] - mean) * (x[i, j] - mean)
        missed *= share
        mean += missed
        inverse = one / np.sqrt(abs(variance * share - missed * missed) + factors[EPS])
        for j in range(m):
            kept[i, j] = (x[i, j] - mean) * inverse
        for j in range(m):
            y[i, j] = theta[j] * kept[i, j] + theta[m + j]
        kept[i, m] = inverse


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    m = settings[FEATURES]
    n, share = dy.size // m, dy.dtype.type(1) / dy.dtype.type(m)
    dy, dx, kept = matrix(dy, 0, n, m), matrix(dx, 0, n, m), matrix(saved, 0, n, 2 * m)
    for i in range(n):
        mean = mean_with_x = dy.dtype.type(0)
        for j in range(m):
            mean += theta[j] * dy[i, j]
            mean_with_x += theta[j] * dy[i, j] * kept[i, j]
        mean *= share
        mean_with_x *= share
        for j in range(m):
            dx[i, j] = kept[i, m] * (theta[j] * dy[i, j] - mean - kept[i, j] * mean_with_x)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    m = settings[FEATURES]
    n = dy.size // m
    scale_and_shift_gradient(matrix(dy, 0, n, m), matrix(saved, 0, n, 2 * m), first, last, dtheta)


def _two_numbers(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return 2 * n_in


register(
    LayerRow(
        "layer_normalisation", forward, backward_input, backward_parameters,
        parameters=scale_and_shift, n_saved=_two_numbers, settings=("features",), factors=("eps",),
    )
)  # fmt: skip

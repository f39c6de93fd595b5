"""Batch normalisation: every feature is brought to mean 0 and variance 1 over the batch, then scaled and shifted.

    mu_j = sum_i x_ij / n        v_j = sum_i (x_ij - mu_j)^2 / n        r_j = 1 / sqrt(v_j + eps)
    x^_ij = (x_ij - mu_j) r_j        y_ij = s_j x^_ij + t_j
    dx_ij = s_j r_j (dy_ij - dt_j / n - x^_ij ds_j / n)        ds_j = sum_i dy_ij x^_ij        dt_j = sum_i dy_ij

A feature is a place on the last axis; i goes over the samples and all axes before the last, n numbers in all. While
training, running statistics follow those of the batches:

    running_mean <- (1 - momentum) running_mean + momentum mu
    running_variance <- (1 - momentum) running_variance + momentum v n / (n - 1)

They stand for mu and v in evaluation, and where the layer is frozen, which leaves them as they are; then
``dx = s r dy``. As in PyTorch, momentum is the share of the new batch, and the running variance is the unbiased one,
v the biased one. A single row (n = 1) has no unbiased variance: it leaves the running one as it is, and y = t. An empty
batch changes nothing. Backward is that of training.

| array | shape | |
|---|---|---|
| x, y, dx, dy | (batch_size, k * n_features) | k rows of a sample: 1, but for values of more than one axis |
| theta | (2 * n_features,) | s, then t |
| state | (2 * n_features,) | running_mean, then running_variance |
| saved | (batch_size, 4 * k * n_features) | x^ of the whole batch, then r, then room for two more rows of features |

`settings` holds n_features and frozen (0 or 1), `factors` eps and momentum. Forward and backward need all rows of a
batch at once, but where the layer is frozen.

Mean and variance are those of the corrected two-pass algorithm: what rounding left of the mean in ``sum_i (x_ij -
mu_j)`` is taken off both, so that float32 holds for large batches and for features far from 0. A loop over features
writes one array: with more of them, the checks that they do not overlap cost as much as the work of a row.

References: Ioffe, Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
shift", ICML 2015; Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American Statistician 37,
1983.
"""

from collections.abc import Mapping

import numpy as np

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, EXACT, FORWARD, inline, kernel
from netlet.kernels.layers.dense import sum_of_rows
from netlet.kernels.layers.layer_normalisation import scale_and_shift, scale_and_shift_gradient
from netlet.kernels.layers.scaling import sum_of_products
from netlet.kernels.memory import matrix, vector
from netlet.kernels.registry import LayerRow, StateBlock, register

FEATURES, FROZEN = 0, 1  # of settings
EPS, MOMENTUM = 0, 1  # of factors


@inline
def mean_and_variance(x, mean, variance, rest):
    """Set mean and variance (m,) of the columns of x (n, m), n > 0; `rest` (m,) is room."""
    zero, n = x.dtype.type(0), x.dtype.type(x.shape[0])
    sum_of_rows(x, mean)
    for j in range(x.shape[1]):
        mean[j] /= n
        variance[j] = rest[j] = zero
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            rest[j] += x[i, j] - mean[j]
        for j in range(x.shape[1]):
            variance[j] += (x[i, j] - mean[j]) * (x[i, j] - mean[j])
    for j in range(x.shape[1]):
        missed = rest[j] / n
        mean[j] += missed
        corrected = variance[j] / n - missed * missed
        variance[j] = zero if corrected < zero else corrected


@inline
def follow(running, values, momentum, enlarged):
    """Move running statistics towards `values` times `enlarged`."""
    kept = running.dtype.type(1) - momentum
    for j in range(running.size):
        running[j] = kept * running[j] + momentum * (enlarged * values[j])


@kernel(FORWARD, flags=EXACT)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m = settings[FEATURES]
    n, one = x.size // m, x.dtype.type(1)
    if n == 0:
        return
    x, y, x_hat = matrix(x, 0, n, m), matrix(y, 0, n, m), matrix(saved, 0, n, m)
    inverse, mean, rest = vector(saved, n * m, m), vector(saved, n * m + m, m), vector(saved, n * m + 2 * m, m)
    running_mean, running_variance = vector(state, 0, m), vector(state, m, m)
    if step[0] == 1 and settings[FROZEN] == 0:
        mean_and_variance(x, mean, inverse, rest)
        follow(running_mean, mean, factors[MOMENTUM], one)
        if n > 1:
            follow(running_variance, inverse, factors[MOMENTUM], x.dtype.type(n) / x.dtype.type(n - 1))
    else:
        for j in range(m):
            mean[j] = running_mean[j]
            inverse[j] = running_variance[j]
    for j in range(m):
        inverse[j] = one / np.sqrt(inverse[j] + factors[EPS])
    for i in range(n):
        for j in range(m):
            x_hat[i, j] = (x[i, j] - mean[j]) * inverse[j]
        for j in range(m):
            y[i, j] = theta[j] * x_hat[i, j] + theta[m + j]


@kernel(BACKWARD_INPUT, flags=EXACT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    m = settings[FEATURES]
    n = dy.size // m
    if n == 0:
        return
    dy, dx, x_hat = matrix(dy, 0, n, m), matrix(dx, 0, n, m), matrix(saved, 0, n, m)
    inverse, mean = vector(saved, n * m, m), vector(saved, n * m + m, m)
    mean_with_x = vector(saved, n * m + 2 * m, m)
    if settings[FROZEN] == 1:
        for i in range(n):
            for j in range(m):
                dx[i, j] = theta[j] * inverse[j] * dy[i, j]
        return
    share = dy.dtype.type(1) / dy.dtype.type(n)
    sum_of_rows(dy, mean)
    sum_of_products(dy, x_hat, mean_with_x)
    for j in range(m):
        mean[j] *= share * theta[j] * inverse[j]
        mean_with_x[j] *= share * theta[j] * inverse[j]
    for i in range(n):
        for j in range(m):
            dx[i, j] = theta[j] * inverse[j] * dy[i, j] - mean[j] - x_hat[i, j] * mean_with_x[j]


@kernel(BACKWARD_PARAMETERS, flags=EXACT)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    m = settings[FEATURES]
    n = dy.size // m
    scale_and_shift_gradient(matrix(dy, 0, n, m), matrix(saved, 0, n, m), first, last, dtheta)


def _state(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[StateBlock, ...]:
    return StateBlock("running_mean", settings["features"], 0.0), StateBlock(
        "running_variance", settings["features"], 1.0
    )


def _four_numbers(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return 4 * n_in


register(
    LayerRow(
        "batch_normalisation", forward, backward_input, backward_parameters,
        parameters=scale_and_shift, state=_state, n_saved=_four_numbers, settings=("features", "frozen"),
        factors=("eps", "momentum"), whole_batch=True,
    )
)  # fmt: skip

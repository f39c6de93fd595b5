"""Softmax: turn the numbers of a sample into probabilities that sum to 1.

The largest number is subtracted first, so that nothing overflows.

    y_j = e^(x_j - max x) / sum_k e^(x_k - max x)        dx_j = y_j (dy_j - sum_k dy_k y_k)

Shapes: x, y, dx, dy are (n, m). Every `features` neighbours among a sample's m numbers come to sum to 1: they are the
last axis of a shaped value. For a plain row of numbers features is m.

Reference: Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, EXACT, FORWARD, inline, kernel
from netlet.kernels.memory import flat, matrix
from netlet.kernels.registry import LayerRow, register

FEATURES = 0  # of settings


@inline(returns_view=True)
def by_last_axis(values, settings):
    """View values (n, m) with the last axis of their shape as rows."""
    return matrix(values, 0, values.size // settings[FEATURES], settings[FEATURES])


@kernel(FORWARD, flags=EXACT)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    x, y = by_last_axis(x, settings), by_last_axis(y, settings)
    for i in range(x.shape[0]):
        largest = x[i, 0]
        for j in range(1, x.shape[1]):
            largest = max(largest, x[i, j])
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] - largest
    exponentials = flat(y)  # one long loop: rows are often shorter than a vector register
    for j in range(exponentials.size):
        exponentials[j] = functions.exp(exponentials[j])
    for i in range(x.shape[0]):
        total = y[i, 0]
        for j in range(1, x.shape[1]):
            total += y[i, j]
        for j in range(x.shape[1]):
            y[i, j] /= total


@kernel(BACKWARD_INPUT, flags=EXACT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, y, dx = by_last_axis(dy, settings), by_last_axis(y, settings), by_last_axis(dx, settings)
    for i in range(dy.shape[0]):
        shared = dy[i, 0] * y[i, 0]
        for j in range(1, dy.shape[1]):
            shared += dy[i, j] * y[i, j]
        for j in range(dy.shape[1]):
            dx[i, j] = y[i, j] * (dy[i, j] - shared)


register(LayerRow("softmax", forward, backward_input, settings=("features",)))

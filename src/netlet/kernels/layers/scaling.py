"""Scaling: every feature has a factor that is learnt.

    y_ij = x_ij s_j        dx_ij = dy_ij s_j        ds_j = sum_i dy_ij x_ij

A feature is a place on the last axis; i goes over the samples and all axes before the last.

| array | shape | |
|---|---|---|
| x, y, dx, dy | (n, k * n_features) | k rows of a sample: 1, but for values of more than one axis |
| theta | (n_features,) | s |

`settings` holds n_features.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, inline, kernel
from netlet.kernels.memory import matrix, vector
from netlet.kernels.registry import Block, LayerRow, register

FEATURES = 0  # of settings


@inline
def scale_columns(x, scale, y):
    """Set y (n, m) to x (n, m) with each column multiplied by its number of `scale` (m,)."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = x[i, j] * scale[j]


@inline
def sum_of_products(dy, x, total):
    """Set `total` (m,) to the sums over the rows of dy (n, m) times the first m columns of x."""
    for j in range(dy.shape[1]):
        total[j] = 0
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            total[j] += dy[i, j] * x[i, j]


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m = settings[FEATURES]
    n = x.size // m
    scale_columns(matrix(x, 0, n, m), theta, matrix(y, 0, n, m))


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    m = settings[FEATURES]
    n = dy.size // m
    scale_columns(matrix(dy, 0, n, m), theta, matrix(dx, 0, n, m))


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    m = settings[FEATURES]
    n = dy.size // m
    sum_of_products(matrix(dy, 0, n, m), matrix(x, 0, n, m), vector(dtheta, 0, m))


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("scale", 1, settings["features"]),)


register(
    LayerRow("scaling", forward, backward_input, backward_parameters, parameters=_parameters, settings=("features",))
)

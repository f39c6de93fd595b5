"""Columns: take some neighbouring numbers of a sample, as one of several inputs.

    y_j = x_(first + j)        dx_(first + j) = dy_j, 0 elsewhere        0 <= j < count

Shapes: x, dx are (n, n_in); y, dy are (n, count); `settings` holds first and count.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.registry import LayerRow, register

FIRST, COUNT = 0, 1  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    first = settings[FIRST]
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = x[i, first + j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    first = settings[FIRST]
    for i in range(dx.shape[0]):
        for j in range(dx.shape[1]):
            dx[i, j] = 0
        for j in range(dy.shape[1]):
            dx[i, first + j] = dy[i, j]


def _count(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return settings["count"]


register(LayerRow("columns", forward, backward_input, n_out=_count, settings=("first", "count")))

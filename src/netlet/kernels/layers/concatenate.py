"""Concatenate: put the numbers of two values beside one another, along the last axis.

    y = [x | x2]        dx = the first columns of dy        dx2 = the others

| array | shape | |
|---|---|---|
| x, dx | (n, k * width) | k rows of a sample: 1, but for values of more than one axis |
| x2, dx2 | (n, k * width2) | |
| y, dy | (n, k * (width + width2)) | |

`settings` holds width and width2, the lengths of the last axes.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import matrix
from netlet.kernels.registry import LayerRow, register

WIDTH, WIDTH2 = 0, 1  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    width, width2 = settings[WIDTH], settings[WIDTH2]
    n = x.size // width
    x, x2, y = matrix(x, 0, n, width), matrix(x2, 0, n, width2), matrix(y, 0, n, width + width2)
    for i in range(n):
        for j in range(width):
            y[i, j] = x[i, j]
        for j in range(width2):
            y[i, width + j] = x2[i, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    width, width2 = settings[WIDTH], settings[WIDTH2]
    n = dx.size // width
    dy, dx, dx2 = matrix(dy, 0, n, width + width2), matrix(dx, 0, n, width), matrix(dx2, 0, n, width2)
    for i in range(n):
        for j in range(width):
            dx[i, j] = dy[i, j]
        for j in range(width2):
            dx2[i, j] = dy[i, width + j]


def _sum_of_sizes(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] + n_in[1]


register(
    LayerRow("concatenate", forward, backward_input, n_inputs=2, n_out=_sum_of_sizes, settings=("width", "width2"))
)

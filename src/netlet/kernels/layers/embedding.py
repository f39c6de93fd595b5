"""Embedding: every category has a vector that is learnt.

    y_i = [W_(x_i1) | W_(x_i2) | ...]        dW_c = sum of the parts of dy that were read from W_c        dx = 0

| array | shape | |
|---|---|---|
| x, dx | (n, n_columns) | numbers of categories, whole and from 0 to n_categories - 1 |
| y, dy | (n, n_columns * n_dimensions) | the vectors of a sample's columns, one after another |
| theta | (n_categories * n_dimensions,) | W row by row: one table for all columns |

The numbers are not checked here: one outside the table would read and write memory that is not its own. `settings`
holds n_categories and n_dimensions. The parameter gradient may be asked for any range of the rows of W.

Reference: Bengio, Ducharme, Vincent, Jauvin, "A neural probabilistic language model", JMLR 3, 2003.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.memory import flat, matrix
from netlet.kernels.registry import Block, LayerRow, register

CATEGORIES, DIMENSIONS = 0, 1  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n_dimensions = settings[DIMENSIONS]
    x, y = flat(x), matrix(y, 0, x.size, n_dimensions)
    table = matrix(theta, 0, settings[CATEGORIES], n_dimensions)
    for i in range(x.size):
        row = int(x[i])
        for j in range(n_dimensions):
            y[i, j] = table[row, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dx = flat(dx)
    for i in range(dx.size):
        dx[i] = 0


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n_dimensions = settings[DIMENSIONS]
    x, dy = flat(x), matrix(dy, 0, x.size, n_dimensions)
    part = matrix(dtheta, 0, last - first, n_dimensions)
    for row in range(part.shape[0]):
        for j in range(n_dimensions):
            part[row, j] = 0
    for i in range(x.size):
        row = int(x[i])
        if first <= row < last:
            for j in range(n_dimensions):
                part[row - first, j] += dy[i, j]


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] * settings["dimensions"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("weight", settings["categories"], settings["dimensions"], is_weight=True),)


register(
    LayerRow(
        "embedding", forward, backward_input, backward_parameters,
        n_out=_n_out, parameters=_parameters, settings=("categories", "dimensions"),
    )
)  # fmt: skip

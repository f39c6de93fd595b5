"""Embedding bag: the weighted sum of the vectors of a sample's categories, as a product with a sparse sample has it.

    y = sum_t v_t W_(x_t)        dW_c = sum of v_t dy over all t with x_t = c        dx = 0        dv_t = dy . W_(x_t)

An entry of weight 0 is padding: forward and for dW it is passed over, whatever its category.

| array | shape | |
|---|---|---|
| x, dx | (n, n_entries) | numbers of categories, whole and from 0 to n_categories - 1 |
| x2, dx2 | (n, n_entries) | v, the weights |
| y, dy | (n, n_dimensions) | |
| saved | (n, n_entries) | v, for the gradient of W |
| theta | (n_categories * n_dimensions,) | W row by row |

The numbers are not checked here: one outside the table would read and write memory that is not its own. `settings`
holds n_categories and n_dimensions. The parameter gradient may be asked for any range of the rows of W.

Reference: Joulin, Grave, Bojanowski, Mikolov, "Bag of tricks for efficient text classification", EACL 2017.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.memory import matrix
from netlet.kernels.registry import Block, LayerRow, register

CATEGORIES, DIMENSIONS = 0, 1  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n_dimensions = settings[DIMENSIONS]
    table = matrix(theta, 0, settings[CATEGORIES], n_dimensions)
    for i in range(x.shape[0]):
        for j in range(n_dimensions):
            y[i, j] = 0
        for t in range(x.shape[1]):
            v = x2[i, t]
            saved[i, t] = v
            if v != 0:
                row = int(x[i, t])
                for j in range(n_dimensions):
                    y[i, j] += v * table[row, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n_dimensions = settings[DIMENSIONS]
    table = matrix(theta, 0, settings[CATEGORIES], n_dimensions)
    for i in range(dx.shape[0]):
        for t in range(dx.shape[1]):
            row = int(x[i, t])
            slope = dy.dtype.type(0)
            for j in range(n_dimensions):
                slope += dy[i, j] * table[row, j]
            dx[i, t], dx2[i, t] = 0, slope


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n_dimensions = settings[DIMENSIONS]
    part = matrix(dtheta, 0, last - first, n_dimensions)
    for row in range(part.shape[0]):
        for j in range(n_dimensions):
            part[row, j] = 0
    for i in range(x.shape[0]):
        for t in range(x.shape[1]):
            v, row = saved[i, t], int(x[i, t])
            if v != 0 and first <= row < last:
                for j in range(n_dimensions):
                    part[row - first, j] += v * dy[i, j]


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return settings["dimensions"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("weight", settings["categories"], settings["dimensions"], is_weight=True),)


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return n_in


register(
    LayerRow(
        "embedding_bag", forward, backward_input, backward_parameters,
        n_inputs=2, n_out=_n_out, parameters=_parameters, n_saved=_n_saved, settings=("categories", "dimensions"),
    )
)  # fmt: skip

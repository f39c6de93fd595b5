"""Output projection by an embedding's own table: how well each vector of the table fits each step of a sample.

    y_t = x_t W^T        dx_t = dy_t W        dW = sum_t dy_t^T x_t

t goes over the samples and their steps. W is the table of an embedding, which this layer shares: the gradient of the
table is the sum of both.

| array | shape | |
|---|---|---|
| x, dx | (n, steps * n_dimensions) | the steps of a sample, one after another |
| y, dy | (n, steps * n_categories) | |
| theta | (n_categories * n_dimensions,) | W row by row |

`settings` holds n_categories and n_dimensions. The parameter gradient may be asked for any range of the rows of W.

Reference: Press, Wolf, "Using the output embedding to improve language models", EACL 2017.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.memory import matrix
from netlet.kernels.products import dot, dot_transposed, transposed_dot
from netlet.kernels.registry import Block, LayerRow, register

CATEGORIES, DIMENSIONS = 0, 1  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n_categories, n_dimensions = settings[CATEGORIES], settings[DIMENSIONS]
    n = x.size // n_dimensions
    dot_transposed(
        matrix(x, 0, n, n_dimensions), matrix(theta, 0, n_categories, n_dimensions), matrix(y, 0, n, n_categories)
    )


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n_categories, n_dimensions = settings[CATEGORIES], settings[DIMENSIONS]
    n = dx.size // n_dimensions
    dot(matrix(dy, 0, n, n_categories), matrix(theta, 0, n_categories, n_dimensions), matrix(dx, 0, n, n_dimensions))


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n_categories, n_dimensions = settings[CATEGORIES], settings[DIMENSIONS]
    n = x.size // n_dimensions
    part = matrix(dtheta, 0, last - first, n_dimensions)
    transposed_dot(matrix(dy, 0, n, n_categories), first, matrix(x, 0, n, n_dimensions), part)


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] // settings["dimensions"] * settings["categories"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("weight", settings["categories"], settings["dimensions"], is_weight=True),)


def _n_uses(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return n_in // settings["dimensions"]


register(
    LayerRow(
        "tied_dense", forward, backward_input, backward_parameters,
        n_out=_n_out, parameters=_parameters, n_uses=_n_uses, settings=("categories", "dimensions"),
    )
)  # fmt: skip

"""Dense at every time step: the same weights for each row of a sample.

    y_t = x_t W + b        dx_t = dy_t W^T        dW = sum_t x_t^T dy_t        db = sum_t dy_t

t goes over the samples and their steps.

| array | shape | |
|---|---|---|
| x, dx | (n, steps * n_in) | the steps of a sample, one after another |
| y, dy | (n, steps * n_out) | |
| theta | (n_in * n_out [+ n_out],) | W row by row, then b; without b where it is that much shorter |
| derived | (n_in * n_out,) or (0,) | W^T row by row, as in `dense` |

`settings` holds n_out, whether there is b, and n_in. All steps of all samples are the rows of one product, and the
parameter gradient may be asked for any range of the rows of W and b, as in `dense`.

Reference: Vaswani and others, "Attention is all you need", NeurIPS 2017, section 3.3 (position-wise).
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.layers.dense import derive, gradient_of_inputs, gradient_of_rows, size_of_transposed, weighted_sums
from netlet.kernels.memory import matrix
from netlet.kernels.registry import Block, LayerRow, register

UNITS, BIAS, FEATURES = 0, 1, 2  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n = x.size // settings[FEATURES]
    weighted_sums(matrix(x, 0, n, settings[FEATURES]), theta, matrix(y, 0, n, settings[UNITS]))


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n = dx.size // settings[FEATURES]
    gradient_of_inputs(matrix(dy, 0, n, settings[UNITS]), theta, derived, matrix(dx, 0, n, settings[FEATURES]))


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n = x.size // settings[FEATURES]
    gradient_of_rows(matrix(dy, 0, n, settings[UNITS]), matrix(x, 0, n, settings[FEATURES]), first, last, dtheta)


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] // settings["features"] * settings["units"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    weight = Block("weight", settings["features"], settings["units"], is_weight=True)
    return (weight, Block("bias", 1, settings["units"])) if settings["bias"] else (weight,)


def _n_uses(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return n_in // settings["features"]


def _n_derived(n_in: int, n_out: int, batch_size: int, settings: Mapping[str, int]) -> int:
    steps = _n_uses(n_in, n_out, settings)
    return size_of_transposed(settings["features"], settings["units"], batch_size * steps)


register(
    LayerRow(
        "time_dense", forward, backward_input, backward_parameters,
        derive=derive, n_out=_n_out, parameters=_parameters,
        n_derived=_n_derived, n_uses=_n_uses, settings=("units", "bias", "features"),
    )
)  # fmt: skip

"""Dense: every output is a weighted sum of every input.

    y = x W + b        dx = dy W^T        dW = x^T dy        db = sum_i dy_i

| array | shape | |
|---|---|---|
| x, dx | (n, n_in) | input and its gradient |
| y, dy | (n, n_out) | output and its gradient |
| theta | (n_in * n_out [+ n_out],) | W row by row, then b; without b where it is that much shorter |
| derived | (n_in * n_out,) or (0,) | W^T row by row, where BLAS computes dx faster with it than with W |

The parameters are `n_in` rows of W and one more of b: the parameter gradient may be asked for any range of these rows,
so that several threads share it.

Reference: Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", Nature 323, 1986.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, DERIVE, FORWARD, inline, kernel
from netlet.kernels.memory import matrix, vector
from netlet.kernels.products import HAS_SMALL_KERNELS, add_dot, dot, dot_transposed, transposed_dot
from netlet.kernels.registry import Block, LayerRow, register

UNITS, BIAS = 0, 1  # of settings


@inline
def copy_to_rows(row, y):
    """Set every row of y (n, m) to `row` (m,)."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = row[j]


@inline
def sum_of_rows(dy, total):
    """Set `total` (m,) to the sum of the rows of dy (n, m)."""
    for j in range(dy.shape[1]):
        total[j] = 0
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            total[j] += dy[i, j]


@inline
def weighted_sums(x, theta, y):
    """Set y (n, n_out) to ``x W + b``."""
    n_in, n_out = x.shape[1], y.shape[1]
    weight = matrix(theta, 0, n_in, n_out)
    if theta.size == n_in * n_out:
        dot(x, weight, y)
    else:
        bias = vector(theta, n_in * n_out, n_out)
        copy_to_rows(bias, y)
        add_dot(x, weight, y)


@inline
def gradient_of_inputs(dy, theta, derived, dx):
    """Set dx (n, n_in) to ``dy W^T``."""
    n_in, n_out = dx.shape[1], dy.shape[1]
    if derived.size == n_in * n_out:
        dot(dy, matrix(derived, 0, n_out, n_in), dx)
    else:
        dot_transposed(dy, matrix(theta, 0, n_in, n_out), dx)


@inline
def gradient_of_rows(dy, x, first, last, dtheta):
    """Set dtheta to rows `first` to `last` of the gradient of W and b."""
    n_in, n_out = x.shape[1], dy.shape[1]
    n_rows = min(last, n_in) - first
    if n_rows > 0:
        transposed_dot(x, first, dy, matrix(dtheta, 0, n_rows, n_out))
    if last > n_in:
        sum_of_rows(dy, vector(dtheta, (n_in - first) * n_out, n_out))


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    weighted_sums(x, theta, y)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    gradient_of_inputs(dy, theta, derived, dx)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    gradient_of_rows(dy, x, first, last, dtheta)


@kernel(DERIVE)
def derive(theta, settings, factors, first, last, derived):
    n_out = settings[UNITS]
    n_in = derived.size // n_out
    weight, weight_transposed = matrix(theta, 0, n_in, n_out), matrix(derived, 0, n_out, n_in)
    for j in range(n_out):
        for i in range(first, min(last, n_in)):
            weight_transposed[j, i] = weight[i, j]


def size_of_transposed(n_in: int, n_out: int, n_rows: int) -> int:
    """Return n_in * n_out where W^T pays: OpenBLAS's small kernels are slow at ``dy W^T`` and no use for n_out < 32."""
    pays = n_out < 32 or (n_out <= 128 and n_rows >= 96)
    return n_in * n_out if HAS_SMALL_KERNELS and pays else 0


def _n_derived(n_in: int, n_out: int, batch_size: int, settings: Mapping[str, int]) -> int:
    return size_of_transposed(n_in, n_out, batch_size)


def _units(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return settings["units"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    weight = Block("weight", n_in[0], n_out, is_weight=True)
    return (weight, Block("bias", 1, n_out)) if settings["bias"] else (weight,)


register(
    LayerRow(
        "dense", forward, backward_input, backward_parameters,
        derive=derive, n_out=_units, parameters=_parameters,
        n_derived=_n_derived, settings=("units", "bias"),
    )
)  # fmt: skip

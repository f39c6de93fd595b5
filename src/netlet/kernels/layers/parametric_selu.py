"""Parametric SELU: each feature learns how far it goes from x to SELU(x).

    d_ij = selu(x_ij) - x_ij        y_ij = x_ij + a_j d_ij        da_j = sum_i dy_ij d_ij
    dx_ij = dy_ij (1 + a_j (selu'(x_ij) - 1))        selu'(x) = s where x > 0, else selu(x) + s a

The derivative at 0 is that of the left side; s and s a are those of `selu`.

| array | shape | |
|---|---|---|
| x, y, dx, dy | (n, m) | |
| saved | (n, m) | d |
| theta | (m,) | the slopes a: one parameter row |

References: Klambauer and others, "Self-normalizing neural networks", NeurIPS 2017, for SELU; Holzmueller, Grinsztajn,
Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data", NeurIPS 2024, for a.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.layers.parametric import one_slope, same_as_input, slopes_of_differences
from netlet.kernels.layers.selu import DEPTH, SCALE
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero, above, depth = x.dtype.type(0), x.dtype.type(SCALE - 1.0), x.dtype.type(DEPTH)
    numbers, differences = flat(x), flat(saved)
    for k in range(numbers.size):
        below = depth * functions.expm1(zero if numbers[k] > zero else numbers[k]) - numbers[k]
        differences[k] = above * numbers[k] if numbers[k] > zero else below
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] + theta[j] * saved[i, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero, one = dy.dtype.type(0), dy.dtype.type(1)
    above, depth = dy.dtype.type(SCALE - 1.0), dy.dtype.type(DEPTH - 1.0)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            slope = above if x[i, j] > zero else saved[i, j] + x[i, j] + depth
            dx[i, j] = dy[i, j] * (one + theta[j] * slope)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    slopes_of_differences(dy, saved, dtheta)


register(
    LayerRow(
        "parametric_selu", forward, backward_input, backward_parameters,
        parameters=one_slope, n_saved=same_as_input,
    )
)  # fmt: skip

"""Parametric mish: each feature learns how far it goes from x to mish(x).

    d_ij = mish(x_ij) - x_ij = -2 x_ij / (p + 2)        y_ij = x_ij + a_j d_ij        da_j = sum_i dy_ij d_ij
    dx_ij = dy_ij (1 + a_j (mish'(x_ij) - 1))        mish'(x) - 1 = -2 / (p + 2) + 4 x e (e + 1) / (p + 2)^2

with e = e^x and p = e (e + 2) as in `mish`, and bounded as there.

| array | shape | |
|---|---|---|
| x, y, dx, dy | (n, m) | |
| saved | (n, m) | d |
| theta | (m,) | the slopes a: one parameter row |

References: Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020; Holzmueller, Grinsztajn,
Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data", NeurIPS 2024, for a.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, FUSED, kernel
from netlet.kernels.layers.mish import HIGHEST
from netlet.kernels.layers.parametric import one_slope, same_as_input, slopes_of_differences
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD, flags=FUSED)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    highest, two = x.dtype.type(HIGHEST), x.dtype.type(2)
    numbers, differences = flat(x), flat(saved)
    for k in range(numbers.size):
        bounded = highest if numbers[k] > highest else numbers[k]
        e = functions.exp(bounded)
        differences[k] = -bounded * (two / (e * (e + two) + two))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] + theta[j] * saved[i, j]


@kernel(BACKWARD_INPUT, flags=FUSED)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    one, two, four, highest = dy.dtype.type(1), dy.dtype.type(2), dy.dtype.type(4), dy.dtype.type(HIGHEST)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            bounded = highest if x[i, j] > highest else x[i, j]
            e = functions.exp(bounded)
            share = one / (e * (e + two) + two)
            slope = bounded * (four * e * share) * ((e + one) * share) - two * share
            dx[i, j] = dy[i, j] * (one + theta[j] * slope)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    slopes_of_differences(dy, saved, dtheta)


register(
    LayerRow(
        "parametric_mish", forward, backward_input, backward_parameters,
        parameters=one_slope, n_saved=same_as_input,
    )
)  # fmt: skip

"""Parametric rectified linear unit: each feature learns its slope for negative inputs.

    y_ij = x_ij where x_ij > 0, else a_j x_ij        dx_ij = dy_ij where x_ij > 0, else a_j dy_ij
    da_j = sum_i dy_ij min(x_ij, 0)

The derivative at 0 is taken as `a`. A NaN stays a NaN.

| array | shape | |
|---|---|---|
| x, y, dx, dy | (n, m) | |
| theta | (m,) | the slopes a: one parameter row |

Reference: He, Zhang, Ren, Sun, "Delving deep into rectifiers: surpassing human-level performance on ImageNet
classification", ICCV 2015.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.registry import Block, LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero = x.dtype.type(0)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] if x[i, j] > zero else theta[j] * x[i, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero = dy.dtype.type(0)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = dy[i, j] if x[i, j] > zero else theta[j] * dy[i, j]


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    zero = dy.dtype.type(0)
    for j in range(dtheta.size):  # there is one parameter row, so first is 0 and last is 1
        dtheta[j] = zero
    for i in range(dy.shape[0]):
        for j in range(dtheta.size):
            dtheta[j] += dy[i, j] * (zero if x[i, j] > zero else x[i, j])


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    return (Block("slope", 1, n_in[0]),)


register(LayerRow("prelu", forward, backward_input, backward_parameters, parameters=_parameters))

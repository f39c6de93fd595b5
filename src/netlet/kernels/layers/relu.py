"""Rectified linear unit. The derivative at 0 is taken as 0. A NaN stays a NaN.

    y = max(x, 0)        dx = dy where y > 0, else 0

Shapes: x, y, dx, dy are (n, m).

Reference: Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero = x.dtype.type(0)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = zero if x[i] < zero else x[i]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero = dy.dtype.type(0)
    dy, y, dx = flat(dy), flat(y), flat(dx)
    for i in range(dy.size):
        dx[i] = dy[i] if y[i] > zero else zero


register(LayerRow("relu", forward, backward_input))

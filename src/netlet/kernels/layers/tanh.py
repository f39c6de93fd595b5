"""Hyperbolic tangent.

    y = tanh(x)        dx = (1 - y^2) dy

Shapes: x, y, dx, dy are (n, m).
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = functions.tanh(x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    one = dy.dtype.type(1)
    dy, y, dx = flat(dy), flat(y), flat(dx)
    for i in range(dy.size):
        dx[i] = (one - y[i] * y[i]) * dy[i]


register(LayerRow("tanh", forward, backward_input))

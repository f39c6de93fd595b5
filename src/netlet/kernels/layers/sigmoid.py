"""Sigmoid, the logistic function.

    y = 1 / (1 + e^-x)        dx = y (1 - y) dy

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
        y[i] = functions.sigmoid(x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    one = dy.dtype.type(1)
    dy, y, dx = flat(dy), flat(y), flat(dx)
    for i in range(dy.size):
        dx[i] = y[i] * (one - y[i]) * dy[i]


register(LayerRow("sigmoid", forward, backward_input))

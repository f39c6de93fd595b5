"""Sigmoid, the logistic function.

    y = 1 / (1 + e^-x)        dx = y (1 - y) dy

Shapes: x, y, dx, dy are (n, m).
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = functions.sigmoid(x[i, j])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, y, saved, settings, factors, dx, dx2):
    one = dy.dtype.type(1)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = y[i, j] * (one - y[i, j]) * dy[i, j]


register(LayerRow("sigmoid", forward, backward_input))

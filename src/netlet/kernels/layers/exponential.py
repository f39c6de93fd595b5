"""Exponential: positive outputs, such as rates.

    y = e^x        dx = y dy

Shapes: x, y, dx, dy are (n, m). Above 88.7 (float64: 709.8) y is infinite.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = functions.exp(x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, y, dx = flat(dy), flat(y), flat(dx)
    for i in range(dy.size):
        dx[i] = y[i] * dy[i]


register(LayerRow("exponential", forward, backward_input))

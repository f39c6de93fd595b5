"""Multiply two values of one shape, number by number, as a gate does.

    y = x x2        dx = dy x2        dx2 = dy x

Shapes: x, x2, y, dx, dx2, dy are (n, m).
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    x, x2, y = flat(x), flat(x2), flat(y)
    for i in range(x.size):
        y[i] = x[i] * x2[i]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, x, x2, dx, dx2 = flat(dy), flat(x), flat(x2), flat(dx), flat(dx2)
    for i in range(dy.size):
        dx[i] = dy[i] * x2[i]
    for i in range(dy.size):
        dx2[i] = dy[i] * x[i]


register(LayerRow("multiply", forward, backward_input, n_inputs=2))

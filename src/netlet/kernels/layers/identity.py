"""Identity: the output is the input.

    y = x        dx = dy

Shapes: x, y, dx, dy are (n, m).
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = x[i]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, dx = flat(dy), flat(dx)
    for i in range(dy.size):
        dx[i] = dy[i]


register(LayerRow("identity", forward, backward_input))

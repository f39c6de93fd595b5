"""Add two values of one shape, as a residual connection does.

    y = x + x2        dx = dy        dx2 = dy

Shapes: x, x2, y, dx, dx2, dy are (n, m).
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] + x2[i, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, y, saved, settings, factors, dx, dx2):
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = dy[i, j]
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx2[i, j] = dy[i, j]


register(LayerRow("add", forward, backward_input, n_inputs=2))

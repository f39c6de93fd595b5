"""Softplus, a smooth ReLU.

    y = log(1 + e^x)        dx = dy / (1 + e^-x)

Shapes: x, y, dx, dy are (n, m).

Reference: Dugas, Bengio, Belisle, Nadeau, Garcia, "Incorporating second-order functional knowledge for better option
pricing", NeurIPS 2000.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = functions.log1p_exp(x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    dy, x, dx = flat(dy), flat(x), flat(dx)
    for i in range(dy.size):
        dx[i] = functions.sigmoid(x[i]) * dy[i]


register(LayerRow("softplus", forward, backward_input))

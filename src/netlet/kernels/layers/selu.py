"""Scaled exponential linear unit: activations keep mean 0 and variance 1. The derivative at 0 is that of the left side.

    y = s x where x > 0, else s a (e^x - 1)        dx = s dy where x > 0, else (y + s a) dy

Shapes: x, y, dx, dy are (n, m). The constants s and a are the fixed point of the reference, for mean 0 and variance 1.

Reference: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", NeurIPS 2017.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

SCALE = 1.0507009873554805  # s
DEPTH = 1.7580993408473768  # s a, with a = 1.6732632423543772


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero, scale, depth = x.dtype.type(0), x.dtype.type(SCALE), x.dtype.type(DEPTH)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        below = depth * functions.expm1(zero if x[i] > zero else x[i])
        y[i] = scale * x[i] if x[i] > zero else below


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero, scale, depth = dy.dtype.type(0), dy.dtype.type(SCALE), dy.dtype.type(DEPTH)
    dy, x, y, dx = flat(dy), flat(x), flat(y), flat(dx)
    for i in range(dy.size):
        dx[i] = scale * dy[i] if x[i] > zero else (y[i] + depth) * dy[i]


register(LayerRow("selu", forward, backward_input))

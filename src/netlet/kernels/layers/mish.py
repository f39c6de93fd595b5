"""Mish: x, weighted by the hyperbolic tangent of its softplus.

    y = x tanh(log(1 + e^x)) = x p / (p + 2)        p = e (e + 2)        e = e^x
    dx = (p / (p + 2) + 4 x e (e + 1) / (p + 2)^2) dy

No digits are lost in these forms, and from e^40 on the weight is 1. Their order matters: x p would overflow.

Shapes: x, y, dx, dy are (n, m).

Reference: Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, FUSED, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

REACH = 1000.0  # e is 0 there: infinity times 0 would be NaN
HIGHEST = 40.0  # e^80 still is a float32


@kernel(FORWARD, flags=FUSED)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    lowest, highest, two = x.dtype.type(-REACH), x.dtype.type(HIGHEST), x.dtype.type(2)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        above = lowest if x[i] < lowest else x[i]
        e = functions.exp(highest if above > highest else above)
        p = e * (e + two)
        y[i] = above * (p / (p + two))


@kernel(BACKWARD_INPUT, flags=FUSED)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    lowest, highest = dy.dtype.type(-REACH), dy.dtype.type(HIGHEST)
    one, two, four = dy.dtype.type(1), dy.dtype.type(2), dy.dtype.type(4)
    dy, x, dx = flat(dy), flat(x), flat(dx)
    for i in range(dy.size):
        above = lowest if x[i] < lowest else x[i]
        bounded = highest if above > highest else above
        e = functions.exp(bounded)
        p = e * (e + two)
        share = one / (p + two)
        dx[i] = (p * share + bounded * (four * e * share) * ((e + one) * share)) * dy[i]


register(LayerRow("mish", forward, backward_input))

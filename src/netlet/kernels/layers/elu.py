"""Exponential linear unit: towards -a for negative inputs. The derivative at 0 is taken as `a`.

    y = x where x > 0, else a (e^x - 1)        dx = dy where x > 0, else (y + a) dy

Shapes: x, y, dx, dy are (n, m); `factors` holds a.

Reference: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units", ICLR
2016.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

ALPHA = 0


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero, alpha = x.dtype.type(0), factors[ALPHA]
    x, y = flat(x), flat(y)
    for i in range(x.size):
        below = alpha * functions.expm1(zero if x[i] > zero else x[i])
        y[i] = x[i] if x[i] > zero else below


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero, alpha = dy.dtype.type(0), factors[ALPHA]
    dy, x, y, dx = flat(dy), flat(x), flat(y), flat(dx)
    for i in range(dy.size):
        dx[i] = dy[i] if x[i] > zero else (y[i] + alpha) * dy[i]


register(LayerRow("elu", forward, backward_input, factors=("alpha",)))

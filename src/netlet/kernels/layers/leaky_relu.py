"""Leaky rectified linear unit: slope `a` for negative inputs. The derivative at 0 is taken as `a`. A NaN stays a NaN.

    y = x where x > 0, else a x        dx = dy where x > 0, else a dy

Shapes: x, y, dx, dy are (n, m); `factors` holds a.

Reference: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

NEGATIVE_SLOPE = 0


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero, slope = x.dtype.type(0), factors[NEGATIVE_SLOPE]
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = x[i] if x[i] > zero else slope * x[i]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero, slope = x.dtype.type(0), factors[NEGATIVE_SLOPE]
    dy, x, dx = flat(dy), flat(x), flat(dx)
    for i in range(dy.size):
        dx[i] = dy[i] if x[i] > zero else slope * dy[i]


register(LayerRow("leaky_relu", forward, backward_input, factors=("negative_slope",)))

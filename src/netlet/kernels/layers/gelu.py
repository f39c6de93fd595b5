"""Gaussian error linear unit: x, weighted by the chance that a normal number is below it.

    y = x F(x)        dx = (F(x) + x f(x)) dy

with the normal distribution function ``F(x) = (1 + erf(x / sqrt 2)) / 2`` and its density f.

Shapes: x, y, dx, dy are (n, m).

Reference: Hendrycks, Gimpel, "Gaussian error linear units", arXiv:1606.08415, 2016.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

REACH = 1000.0  # the density has underflowed: infinity times 0 would be NaN


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    lowest = x.dtype.type(-REACH)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = (lowest if x[i] < lowest else x[i]) * functions.normal_cdf(x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    reach = dy.dtype.type(REACH)
    dy, x, dx = flat(dy), flat(x), flat(dx)
    for i in range(dy.size):
        above = -reach if x[i] < -reach else x[i]
        bounded = reach if above > reach else above
        dx[i] = (functions.normal_cdf(x[i]) + bounded * functions.normal_density(x[i])) * dy[i]


register(LayerRow("gelu", forward, backward_input))

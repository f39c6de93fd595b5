"""Gaussian error linear unit, with the hyperbolic tangent in place of the error function.

    y = x (1 + tanh u) / 2 = x s        u = sqrt(2 / pi) (x + 0.044715 x^3)        s = 1 / (1 + e^(-2 u))
    dx = (s + x s (1 - s) 2 du/dx) dy

The second form of y keeps its digits where tanh u is nearly -1.

Shapes: x, y, dx, dy are (n, m).

Reference: Hendrycks, Gimpel, "Gaussian error linear units", arXiv:1606.08415, 2016.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

LINEAR = 1.5957691216057308  # 2 sqrt(2 / pi)
CUBIC = 0.07135481627260025  # 2 sqrt(2 / pi) 0.044715
REACH = 1000.0  # s is 0 and 1 there: infinity times 0 would be NaN


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    reach, linear, cubic = x.dtype.type(REACH), x.dtype.type(LINEAR), x.dtype.type(CUBIC)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        above = -reach if x[i] < -reach else x[i]
        bounded = reach if above > reach else above
        s = functions.sigmoid(bounded * (linear + cubic * bounded * bounded))
        y[i] = above * s


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    reach, linear, cubic = dy.dtype.type(REACH), dy.dtype.type(LINEAR), dy.dtype.type(CUBIC)
    three = dy.dtype.type(3)
    dy, x, dx = flat(dy), flat(x), flat(dx)
    for i in range(dy.size):
        above = -reach if x[i] < -reach else x[i]
        bounded = reach if above > reach else above
        square = cubic * bounded * bounded
        u = bounded * (linear + square)
        s = functions.sigmoid(u)
        dx[i] = (s + bounded * s * functions.sigmoid(-u) * (linear + three * square)) * dy[i]


register(LayerRow("gelu_tanh", forward, backward_input))

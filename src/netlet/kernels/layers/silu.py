"""Sigmoid linear unit, also called swish: x, weighted by its sigmoid.

    y = x s        s = 1 / (1 + e^-x)        dx = (s + y (1 - s)) dy

Shapes: x, y, dx, dy are (n, m).

References: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units for neural network function approximation in
reinforcement learning", Neural Networks 107, 2018; Ramachandran, Zoph, Le, "Searching for activation functions",
arXiv:1710.05941, 2017.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

REACH = 1000.0  # the sigmoid is 0 and 1 there: infinity times 0 would be NaN


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    lowest = x.dtype.type(-REACH)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = (lowest if x[i] < lowest else x[i]) * functions.sigmoid(x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    reach = dy.dtype.type(REACH)
    dy, x, y, dx = flat(dy), flat(x), flat(y), flat(dx)
    for i in range(dy.size):
        bounded = reach if y[i] > reach else y[i]
        dx[i] = (functions.sigmoid(x[i]) + bounded * functions.sigmoid(-x[i])) * dy[i]  # 1 - s would lose digits


register(LayerRow("silu", forward, backward_input))

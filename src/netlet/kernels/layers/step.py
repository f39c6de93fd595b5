"""Step, the Heaviside function: 1 for inputs that are not negative. Its gradient is 0 everywhere.

    y = 1 where x >= 0, else 0        dx = 0

So nothing before it learns by gradients: it stands at the end of a perceptron, which learns from the step's input, or
in a network whose weights are given. The gradient at 0, where there is none, is taken as 0 too. A NaN stays a NaN.

Shapes: x, y, dx, dy are (n, m).

Reference: McCulloch, Pitts, "A logical calculus of the ideas immanent in nervous activity", 1943.
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    zero, one = x.dtype.type(0), x.dtype.type(1)
    x, y = flat(x), flat(y)
    for i in range(x.size):
        y[i] = one if x[i] >= zero else (zero if x[i] < zero else x[i])


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    zero = dy.dtype.type(0)
    dy, dx = flat(dy), flat(dx)
    for i in range(dy.size):
        dx[i] = zero * dy[i]  # a NaN stays a NaN


register(LayerRow("step", forward, backward_input))

"""Gradient descent.

    theta <- theta - learning_rate dtheta

All arrays are slices (n,) of the flat vectors; the slots are empty. `number` counts updates from 1.
"""

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register


@kernel(UPDATE)
def sgd(theta, dtheta, slot1, slot2, slot3, settings, learning_rate, number):
    rate = theta.dtype.type(learning_rate)
    for i in range(theta.size):
        theta[i] -= rate * dtheta[i]


register(UpdateRow("sgd", sgd, n_slots=0))

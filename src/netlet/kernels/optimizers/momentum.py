"""Gradient descent with momentum, in the form in which the learning rate is inside the velocity.

    v <- momentum v - learning_rate dtheta        theta <- theta + v

Arrays are slices (n,) of the flat vectors; `velocity` starts at 0. `number` counts updates from 1.

Reference: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; this form: Sutskever et
al., ICML 2013.
"""

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

MOMENTUM = 0


@kernel(UPDATE)
def momentum(theta, dtheta, velocity, slot2, slot3, settings, learning_rate, number):
    rate = theta.dtype.type(learning_rate)
    kept = settings[MOMENTUM]
    for i in range(theta.size):
        velocity[i] = kept * velocity[i] - rate * dtheta[i]
        theta[i] += velocity[i]


register(UpdateRow("momentum", momentum, n_slots=1, settings=("momentum",)))

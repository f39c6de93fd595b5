"""RMSprop: the gradient over the root of an average of its squares; `eps` is outside the root.

    s <- rho s + (1 - rho) dtheta^2        theta <- theta - learning_rate dtheta / (sqrt(s) + eps)

The average is not corrected for its bias towards 0: with rho = 0.9 the first step is sqrt(10) learning rates.

Arrays are slices (n,) of the flat vectors; `square`, s above, starts at 0. `number` counts updates from 1.

Reference: Tieleman, Hinton, "Lecture 6.5: RMSprop", Neural networks for machine learning, 2012, which has no eps.
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

RHO, EPS = 0, 1


@kernel(UPDATE)
def rmsprop(theta, dtheta, square, slot2, slot3, settings, learning_rate, number):
    rate = theta.dtype.type(learning_rate)
    rho, eps = settings[RHO], settings[EPS]
    share = theta.dtype.type(1) - rho
    for i in range(theta.size):
        square[i] = rho * square[i] + share * dtheta[i] * dtheta[i]
        theta[i] -= rate * dtheta[i] / (np.sqrt(square[i]) + eps)


register(UpdateRow("rmsprop", rmsprop, n_slots=1, settings=("rho", "eps")))

"""Adadelta, as in algorithm 1 of the paper: `eps` is inside both roots.

    s <- rho s + (1 - rho) dtheta^2
    d = dtheta sqrt(u + eps) / sqrt(s + eps)
    u <- rho u + (1 - rho) d^2
    theta <- theta - learning_rate d

The paper has no learning rate: 1 is its rule.

Arrays are slices (n,) of the flat vectors; `square`, s above, and `square_step`, u above, start at 0. `number` counts
updates from 1.

Reference: Zeiler, "ADADELTA: an adaptive learning rate method", arXiv 1212.5701, 2012.
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

RHO, EPS = 0, 1


@kernel(UPDATE)
def adadelta(theta, dtheta, square, square_step, slot3, settings, learning_rate, number):
    rate = theta.dtype.type(learning_rate)
    rho, eps = settings[RHO], settings[EPS]
    share = theta.dtype.type(1) - rho
    for i in range(theta.size):
        square[i] = rho * square[i] + share * dtheta[i] * dtheta[i]
        # One root of the quotient would be faster, but the quotient overflows where the roots do not.
        step = dtheta[i] * np.sqrt(square_step[i] + eps) / np.sqrt(square[i] + eps)
        square_step[i] = rho * square_step[i] + share * step * step
        theta[i] -= rate * step


register(UpdateRow("adadelta", adadelta, n_slots=2, settings=("rho", "eps")))

"""Adagrad with diagonal matrices; `eps` is outside the root, and the sum of squares begins at 0.

    s <- s + dtheta^2        theta <- theta - learning_rate dtheta / (sqrt(s) + eps)

The paper's proximal term and projection are left out. Some libraries begin the sum at 0.1; here the first step is the
learning rate, but for eps.

Arrays are slices (n,) of the flat vectors; `total`, s above, starts at 0. `number` counts updates from 1.

Reference: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR
2011, figure 1 (its delta is eps).
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

EPS = 0


@kernel(UPDATE)
def adagrad(theta, dtheta, total, slot2, slot3, settings, learning_rate, number):
    rate = theta.dtype.type(learning_rate)
    eps = settings[EPS]
    for i in range(theta.size):
        total[i] += dtheta[i] * dtheta[i]
        theta[i] -= rate * dtheta[i] / (np.sqrt(total[i]) + eps)


register(UpdateRow("adagrad", adagrad, n_slots=1, settings=("eps",)))

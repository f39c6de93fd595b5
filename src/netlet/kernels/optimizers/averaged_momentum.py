"""Gradient descent along an exponentially weighted average of the gradients: the first of Adam's averages alone.

    v <- beta v + (1 - beta) dtheta        theta <- theta - learning_rate v / c

c is 1 - beta^t with bias correction, which makes v / c a weighted mean of the gradients so far, else 1. Without
correction and at a constant learning rate this is the rule "momentum" at the rate (1 - beta) learning_rate.

Arrays are slices (n,) of the flat vectors; `mean`, v above, starts at 0; t, the `number` of the update, counts from 1.
The setting `bias_correction` is 1 or 0.

Reference: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 3, for the correction.
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

BETA, BIAS_CORRECTION = 0, 1


@kernel(UPDATE)
def averaged_momentum(theta, dtheta, mean, slot2, slot3, settings, learning_rate, number):
    real = theta.dtype.type
    beta = settings[BETA]
    share = real(1) - beta
    if settings[BIAS_CORRECTION] != real(0):
        learning_rate = learning_rate / (1 - np.float64(beta) ** number)
    rate = real(learning_rate)
    for i in range(theta.size):
        mean[i] = beta * mean[i] + share * dtheta[i]
        theta[i] -= rate * mean[i]


register(UpdateRow("averaged_momentum", averaged_momentum, n_slots=1, settings=("beta", "bias_correction")))

"""NAdam: Adam with Nesterov's momentum, at a constant beta1.

    m <- beta1 m + (1 - beta1) dtheta
    v <- beta2 v + (1 - beta2) dtheta^2
    n = beta1 m / (1 - beta1^(t+1)) + (1 - beta1) dtheta / (1 - beta1^t)
    theta <- theta - learning_rate n / (sqrt(v / (1 - beta2^t)) + eps)

The paper lets beta1 grow with t; constant, its products of betas are the powers above. The paper also multiplies the
corrected v by beta2, which is left out.

Arrays are slices (n,) of the flat vectors; `mean` and `square` start at 0; t, the `number` of the update, counts from
1.

Reference: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016, algorithm 2.
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

BETA1, BETA2, EPS = 0, 1, 2


@kernel(UPDATE)
def nadam(theta, dtheta, mean, square, slot3, settings, learning_rate, number):
    real = theta.dtype.type
    beta1, beta2, eps = settings[BETA1], settings[BETA2], settings[EPS]
    one, exact = real(1), np.float64(beta1)
    mean_rate = real(learning_rate * exact / (1 - exact ** (number + 1)))
    gradient_rate = real(learning_rate * (1 - exact) / (1 - exact**number))
    correction = real(1 / (1 - np.float64(beta2) ** number))
    for i in range(theta.size):
        mean[i] = beta1 * mean[i] + (one - beta1) * dtheta[i]
        square[i] = beta2 * square[i] + (one - beta2) * dtheta[i] * dtheta[i]
        step = mean_rate * mean[i] + gradient_rate * dtheta[i]
        theta[i] -= step / (np.sqrt(square[i] * correction) + eps)


register(UpdateRow("nadam", nadam, n_slots=2, settings=("beta1", "beta2", "eps")))

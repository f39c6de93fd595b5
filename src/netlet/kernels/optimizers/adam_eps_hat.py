"""Adam, in the more efficient form at the end of section 2 of the paper: its `eps` is added to a root not corrected.

    m <- beta1 m + (1 - beta1) dtheta
    v <- beta2 v + (1 - beta2) dtheta^2
    theta <- theta - learning_rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)

So `eps` counts 1 / sqrt(1 - beta2^t) times as much as in algorithm 1: about 30 times in the first update, alike after
some thousands. It matters for parameters whose gradients are about as small as `eps`. Scikit-learn has this form.

Arrays are slices (n,) of the flat vectors; `mean` and `square` start at 0; t, the `number` of the update, counts from
1.

Reference: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015.
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

BETA1, BETA2, EPS = 0, 1, 2


@kernel(UPDATE)
def adam_eps_hat(theta, dtheta, mean, square, slot3, settings, learning_rate, number):
    real = theta.dtype.type
    beta1, beta2, eps = settings[BETA1], settings[BETA2], settings[EPS]
    one = real(1)
    # In float64: 1 - beta^t loses the leading digits of a beta near 1. float() would leave a float32 as it is.
    corrected = np.sqrt(1 - np.float64(beta2) ** number) / (1 - np.float64(beta1) ** number)
    rate = real(learning_rate * corrected)
    for i in range(theta.size):
        mean[i] = beta1 * mean[i] + (one - beta1) * dtheta[i]
        square[i] = beta2 * square[i] + (one - beta2) * dtheta[i] * dtheta[i]
        theta[i] -= rate * mean[i] / (np.sqrt(square[i]) + eps)


register(UpdateRow("adam_eps_hat", adam_eps_hat, n_slots=2, settings=("beta1", "beta2", "eps")))

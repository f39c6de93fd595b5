"""AMSGrad: Adam whose average of squares is replaced by the largest it has had, so that no step size grows again.

    m <- beta1 m + (1 - beta1) dtheta
    v <- beta2 v + (1 - beta2) dtheta^2
    w <- max(w, v)
    theta <- theta - learning_rate (m / (1 - beta1^t)) / (sqrt(w / (1 - beta2^t)) + eps)

The maximum is that of the uncorrected average, and what is corrected is the maximum. The paper corrects neither and has
no eps; its step size falls as 1 / sqrt(t), which is left to the learning rate.

Arrays are slices (n,) of the flat vectors; `mean`, `square` and `largest`, w above, start at 0; t, the `number` of the
update, counts from 1.

Reference: Reddi, Kale, Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2.
"""

import numpy as np

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

BETA1, BETA2, EPS = 0, 1, 2


@kernel(UPDATE)
def amsgrad(theta, dtheta, mean, square, largest, settings, learning_rate, number):
    real = theta.dtype.type
    beta1, beta2, eps = settings[BETA1], settings[BETA2], settings[EPS]
    one = real(1)
    rate = real(learning_rate / (1 - np.float64(beta1) ** number))
    correction = real(1 / (1 - np.float64(beta2) ** number))
    for i in range(theta.size):
        mean[i] = beta1 * mean[i] + (one - beta1) * dtheta[i]
        square[i] = beta2 * square[i] + (one - beta2) * dtheta[i] * dtheta[i]
        largest[i] = square[i] if square[i] > largest[i] else largest[i]
        theta[i] -= rate * mean[i] / (np.sqrt(largest[i] * correction) + eps)


register(UpdateRow("amsgrad", amsgrad, n_slots=3, settings=("beta1", "beta2", "eps")))

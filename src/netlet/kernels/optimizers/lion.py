"""Lion: every weight moves by the learning rate, in the direction of the sign of an average of the gradients.

    c = beta1 m + (1 - beta1) dtheta
    theta <- theta - learning_rate sign(c)
    m <- beta2 m + (1 - beta2) dtheta

sign(0) is 0. The paper's weight decay is decoupled and so no part of the rule.

Arrays are slices (n,) of the flat vectors; `mean`, m above, starts at 0. `number` counts updates from 1.

Reference: Chen and others, "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2.
"""

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

BETA1, BETA2 = 0, 1


@kernel(UPDATE)
def lion(theta, dtheta, mean, slot2, slot3, settings, learning_rate, number):
    real = theta.dtype.type
    beta1, beta2 = settings[BETA1], settings[BETA2]
    zero, one, rate = real(0), real(1), real(learning_rate)
    for i in range(theta.size):
        direction = beta1 * mean[i] + (one - beta1) * dtheta[i]
        # Left as it is, 0 stays 0 and NaN stays NaN.
        sign = one if direction > zero else (-one if direction < zero else direction)
        theta[i] -= rate * sign
        mean[i] = beta2 * mean[i] + (one - beta2) * dtheta[i]


register(UpdateRow("lion", lion, n_slots=1, settings=("beta1", "beta2")))

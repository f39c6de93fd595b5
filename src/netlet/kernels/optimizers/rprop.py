"""Rprop, in the form iRprop-: a step size for each weight, which grows while the sign of its gradient stays.

    a = sign(dtheta) s
    d <- d eta_plus where a > 0, d eta_minus where a < 0, else d;  then d <- min(max(d, least_step), most_step)
    s <- 0 where a < 0, else sign(dtheta)
    theta <- theta - d s

On a change of sign the gradient counts as 0: the weight stays for one update, and the step size after it is kept. d
begins as the learning rate, which has no other effect. Only the signs are kept: the product of two gradients, of which
the papers take the sign, can underflow.

Arrays are slices (n,) of the flat vectors; `last_sign`, s above, and `step_size`, d above, start at 0; a step size of 0
is one that has not begun. `number` counts updates from 1. The gradient must be that of all samples, or nearly: over
small batches signs change by chance.

References: Riedmiller, Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", ICNN
1993; this form: Igel, Huesken, "Empirical evaluation of the improved Rprop learning algorithms", Neurocomputing 50,
2003.
"""

from netlet.kernels.compiling import UPDATE, kernel
from netlet.kernels.registry import UpdateRow, register

ETA_MINUS, ETA_PLUS, LEAST_STEP, MOST_STEP = 0, 1, 2, 3


@kernel(UPDATE)
def rprop(theta, dtheta, last_sign, step_size, slot3, settings, learning_rate, number):
    real = theta.dtype.type
    eta_minus, eta_plus = settings[ETA_MINUS], settings[ETA_PLUS]
    least, most = settings[LEAST_STEP], settings[MOST_STEP]
    zero, one, first = real(0), real(1), real(learning_rate)
    for i in range(theta.size):
        # Left as it is, 0 stays 0 and NaN stays NaN.
        sign = one if dtheta[i] > zero else (-one if dtheta[i] < zero else dtheta[i])
        agreement = sign * last_sign[i]
        factor = eta_plus if agreement > zero else (eta_minus if agreement < zero else one)
        step = factor * (step_size[i] if step_size[i] > zero else first)
        step = least if step < least else step
        step = most if step > most else step
        sign = zero if agreement < zero else sign
        theta[i] -= step * sign
        last_sign[i] = sign
        step_size[i] = step


register(UpdateRow("rprop", rprop, n_slots=2, settings=("eta_minus", "eta_plus", "least_step", "most_step")))

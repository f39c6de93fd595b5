"""Hinge loss: a yes-or-no question for each output, wrong or not surely right. A sample's loss is the sum over them.

    s_ij   = 2 t_ij - 1        targets 0 and 1 stand for -1 and 1
    loss_i = sum_j max(0, 1 - s_ij z_ij)
    dz_ij  = scale w_i (-s_ij where s_ij z_ij < 1, else 0)

The derivative at the kink, ``s_ij z_ij = 1``, is taken as 0. The kernel returns ``scale * sum_i w_i loss_i`` and writes
the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, n_outputs) | z and its gradient |
| targets | (n, n_outputs) | t, 0 or 1 |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

Reference: Cortes, Vapnik, "Support-vector networks", Machine Learning 20, 1995.
"""

from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def hinge(logits, targets, weights, scale, factors, dlogits):
    z, t, dz = flat(logits), flat(targets), flat(dlogits)
    zero, one = logits.dtype.type(0), logits.dtype.type(1)
    for j in range(z.size):
        missing = one - (t[j] + t[j] - one) * z[j]
        dz[j] = zero if missing < zero else missing
    total = weighted_total(dlogits, weights, scale)
    for j in range(z.size):
        side = t[j] + t[j] - one
        missing = one - side * z[j]
        dz[j] = -side if missing > zero else (zero if missing <= zero else missing)  # NaN as it is
    weight_rows(dlogits, weights, scale)
    return total


register(LossRow("hinge", hinge, answers=True, only_0_and_1=True))

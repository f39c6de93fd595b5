"""Binary cross-entropy, from logits: a yes-or-no question for each output. A sample's loss is the sum over its outputs.

    loss_i = sum_j max(z_ij, 0) - z_ij t_ij + log(1 + e^-|z_ij|)
    dz_ij  = scale w_i (sigmoid(z_ij) - t_ij)

The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, n_outputs) | z and its gradient |
| targets | (n, n_outputs) | t, from 0 to 1 |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

Reference: Murphy, "Probabilistic machine learning: an introduction", 2022, section 10.2.3.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def binary_cross_entropy(logits, targets, weights, scale, factors, dlogits):
    z, t, dz = flat(logits), flat(targets), flat(dlogits)
    for j in range(z.size):
        dz[j] = functions.log1p_exp(z[j]) - z[j] * t[j]
    total = weighted_total(dlogits, weights, scale)
    for j in range(z.size):
        dz[j] = functions.sigmoid(z[j]) - t[j]
    weight_rows(dlogits, weights, scale)
    return total


register(LossRow("binary_cross_entropy", binary_cross_entropy, output="sigmoid", answers=True))

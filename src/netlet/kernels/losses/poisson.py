"""Poisson loss, from the logarithm of the rate: counts whose mean is e^z; averaged over the k outputs.

    loss_i = 1 / k sum_j e^(z_ij) - t_ij z_ij        dz_ij = scale w_i (e^(z_ij) - t_ij) / k

That is the negative logarithm of the count's probability, less ``log(t!)``, on which no weight depends: it can be
negative. The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, k) | z and its gradient |
| targets | (n, k) | t, >= 0 |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

Reference: McCullagh, Nelder, "Generalized linear models", 2nd edition 1989, chapter 6.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def poisson(logits, targets, weights, scale, factors, dlogits):
    z, t, dz = flat(logits), flat(targets), flat(dlogits)
    share = scale / logits.dtype.type(logits.shape[1])
    for j in range(z.size):
        dz[j] = functions.exp(z[j]) - t[j] * z[j]
    total = weighted_total(dlogits, weights, share)
    for j in range(z.size):
        dz[j] = functions.exp(z[j]) - t[j]
    weight_rows(dlogits, weights, share)
    return total


register(LossRow("poisson", poisson, output="exponential", least_target=0.0))

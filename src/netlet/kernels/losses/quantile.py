"""Quantile loss, also called pinball loss: q quantiles of each of m targets at once, averaged over the k = m q outputs.

    d      = t_ij - y_il,  l = j q + r        the r-th quantile of target j, at the share tau_r
    loss_i = 1 / k sum_l max(tau_r d, (tau_r - 1) d)
    dy_il  = scale w_i / k (-tau_r where d > 0, 1 - tau_r where d < 0)

Its mean is least where a share tau_r of the targets lies below y. The derivative at the kink, ``d = 0``, is taken as 0.
The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum. (Named `logits` as in every loss:
here the output itself.)

| array | shape | |
|---|---|---|
| logits, dlogits | (n, m q) | y and its gradient |
| targets | (n, m) | t |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |
| factors | (8,) | tau_0 .. tau_(q-1), between 0 and 1 |

Reference: Koenker, Bassett, "Regression quantiles", Econometrica 46, 1978.
"""

from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.registry import LossRow, register

MOST_QUANTILES = 7


@kernel(LOSS, flags=EXACT)
def quantile(logits, targets, weights, scale, factors, dlogits):
    zero, one = logits.dtype.type(0), logits.dtype.type(1)
    n, n_targets = targets.shape
    n_quantiles = logits.shape[1] // n_targets
    share = scale / logits.dtype.type(logits.shape[1])
    for i in range(n):
        for j in range(n_targets):
            for r in range(n_quantiles):
                d, tau = targets[i, j] - logits[i, j * n_quantiles + r], factors[r]
                dlogits[i, j * n_quantiles + r] = (tau if d > zero else tau - one) * d
    total = weighted_total(dlogits, weights, share)
    for i in range(n):
        for j in range(n_targets):
            for r in range(n_quantiles):
                d, tau = targets[i, j] - logits[i, j * n_quantiles + r], factors[r]
                slope = -tau if d > zero else (one - tau if d < zero else d)  # 0, or NaN as it is
                dlogits[i, j * n_quantiles + r] = slope
    weight_rows(dlogits, weights, share)
    return total


register(LossRow("quantile", quantile, factors=tuple(f"quantile_{place + 1}" for place in range(MOST_QUANTILES))))

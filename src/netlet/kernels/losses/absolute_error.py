"""Absolute error: the size of the difference, averaged over the k outputs. Its least value is at the targets' median.

    loss_i = 1 / k sum_j |y_ij - t_ij|        dy_ij = scale w_i sign(y_ij - t_ij) / k

The derivative at the kink, ``y_ij = t_ij``, is taken as 0. The kernel returns ``scale * sum_i w_i loss_i`` and writes
the gradient of that sum. (Named `logits` as in every loss: here the output itself.)

| array | shape | |
|---|---|---|
| logits, dlogits | (n, k) | y and its gradient |
| targets | (n, k) | t |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

Reference: Hastie, Tibshirani, Friedman, "The elements of statistical learning", 2nd edition 2009, section 10.6.
"""

from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def absolute_error(logits, targets, weights, scale, factors, dlogits):
    y, t, dy = flat(logits), flat(targets), flat(dlogits)
    zero, one = logits.dtype.type(0), logits.dtype.type(1)
    share = scale / logits.dtype.type(logits.shape[1])
    for j in range(y.size):
        dy[j] = abs(y[j] - t[j])
    total = weighted_total(dlogits, weights, share)
    for j in range(y.size):
        difference = y[j] - t[j]
        dy[j] = one if difference > zero else (-one if difference < zero else difference)  # 0, or NaN as it is
    weight_rows(dlogits, weights, share)
    return total


register(LossRow("absolute_error", absolute_error))

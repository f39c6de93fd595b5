"""Huber's loss: half the squared difference up to `delta`, a straight line beyond; averaged over the k outputs.

    d_ij   = y_ij - t_ij        c_ij = d_ij clipped to -delta .. delta
    loss_i = 1 / k sum_j c_ij (d_ij - c_ij / 2)        dy_ij = scale w_i c_ij / k

Inside that is ``d^2 / 2``, outside ``delta (|d| - delta / 2)``; value and slope agree where they meet. The kernel
returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum. (Named `logits` as in every loss: here the
output itself.)

| array | shape | |
|---|---|---|
| logits, dlogits | (n, k) | y and its gradient |
| targets | (n, k) | t |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |
| factors | (8,) | delta, > 0 |

Reference: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.
"""

from netlet.kernels.compiling import EXACT, LOSS, inline, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register

DELTA = 0


@inline(flags=EXACT)
def _clipped(difference, delta):
    return -delta if difference < -delta else (delta if difference > delta else difference)


@kernel(LOSS, flags=EXACT)
def huber(logits, targets, weights, scale, factors, dlogits):
    y, t, dy = flat(logits), flat(targets), flat(dlogits)
    delta, half = factors[DELTA], logits.dtype.type(0.5)
    share = scale / logits.dtype.type(logits.shape[1])
    for j in range(y.size):
        difference = y[j] - t[j]
        inside = _clipped(difference, delta)
        dy[j] = inside * (difference - half * inside)
    total = weighted_total(dlogits, weights, share)
    for j in range(y.size):
        dy[j] = _clipped(y[j] - t[j], delta)
    weight_rows(dlogits, weights, share)
    return total


register(LossRow("huber", huber, factors=("delta",)))

"""Squared error: half the squared difference, averaged over the k outputs.

    loss_i = 1 / (2 k) sum_j (y_ij - t_ij)^2        dy_ij = scale w_i (y_ij - t_ij) / k

The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum. (Named `logits` as in every loss:
here the output itself.)

| array | shape | |
|---|---|---|
| logits, dlogits | (n, k) | y and its gradient |
| targets | (n, k) | t |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |
"""

from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def squared_error(logits, targets, weights, scale, factors, dlogits):
    total = 0.0
    k = logits.shape[1]
    for i in range(logits.shape[0]):
        weight = (scale * weights[i] if weights.size > 0 else scale) / logits.dtype.type(k)
        for j in range(k):
            difference = logits[i, j] - targets[i, j]
            total += weight * difference * difference / 2
            dlogits[i, j] = weight * difference
    return total


register(LossRow("squared_error", squared_error))

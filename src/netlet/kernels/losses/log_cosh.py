"""Log-cosh: the logarithm of the difference's hyperbolic cosine, averaged over the k outputs.

    d_ij   = y_ij - t_ij
    loss_i = 1 / k sum_j log cosh(d_ij)        dy_ij = scale w_i tanh(d_ij) / k

Near 0 it is about ``d^2 / 2``, far from it ``|d| - log 2``: Huber's loss without an edge. Where ``|d| >= 1/2`` it is
computed as ``|d| + log(1 + e^(-2 |d|)) - log 2``, which cannot overflow; below, where that would lose the leading
digits, as ``-log(1 - tanh(d)^2) / 2``. The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that
sum. (Named `logits` as in every loss: here the output itself.)

| array | shape | |
|---|---|---|
| logits, dlogits | (n, k) | y and its gradient |
| targets | (n, k) | t |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

References: for the loss, Saleh, Saleh, "Statistical properties of the log-cosh loss function used in machine learning",
2022, arXiv 2208.04564; for log(1 + f), Goldberg, "What every computer scientist should know about floating-point
arithmetic", 1991, theorem 4.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, inline, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register

EDGE = 0.5
LN2 = 0.6931471805599453


@inline(flags=EXACT)
def _near(slope):
    """Return ``-log(1 - slope^2) / 2``, to a few units in the last place however small the slope is."""
    zero, half, one = type(slope)(0.0), type(slope)(0.5), type(slope)(1.0)
    square = slope * slope
    rest = one - square
    lost = one - rest  # the square as it was rounded: by it, not by the square, the logarithm is to be divided
    ratio = -functions.log(rest) / (lost if lost > zero else one)
    return half * square * (ratio if lost > zero else one)


@inline(flags=EXACT)
def _far(size):
    return size + (functions.log1p_exp(-(size + size)) - type(size)(LN2))


@kernel(LOSS, flags=EXACT)
def log_cosh(logits, targets, weights, scale, factors, dlogits):
    y, t, dy = flat(logits), flat(targets), flat(dlogits)
    edge = logits.dtype.type(EDGE)
    share = scale / logits.dtype.type(logits.shape[1])
    for j in range(y.size):  # two small functions: one that held both would not be inlined, and the loop not vectorised
        size = abs(y[j] - t[j])
        near, far = _near(functions.tanh(size)), _far(size)
        dy[j] = near if size < edge else far
    total = weighted_total(dlogits, weights, share)
    for j in range(y.size):
        dy[j] = functions.tanh(y[j] - t[j])
    weight_rows(dlogits, weights, share)
    return total


register(LossRow("log_cosh", log_cosh))

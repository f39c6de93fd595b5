"""What losses of single numbers share: the sum over a batch, and the gradient's scale, by the samples' weights.

A kernel computes the loss of each number in one loop, calls `weighted_total`, computes each derivative in a second loop
and calls `weight_rows`. The sum in between, in order, would keep a single loop from vector registers.
"""

from netlet.kernels.compiling import EXACT, inline


@inline(flags=EXACT)
def weighted_total(losses, weights, scale):
    """Return ``sum_i scale w_i sum_j losses_ij``; `weights` is empty where all are 1."""
    total = 0.0
    for i in range(losses.shape[0]):
        weight = scale * weights[i] if weights.size > 0 else scale
        for j in range(losses.shape[1]):
            total += weight * losses[i, j]
    return total


@inline(flags=EXACT)
def weight_rows(dlogits, weights, scale):
    """Multiply row i by ``scale w_i``, in place."""
    for i in range(dlogits.shape[0]):
        weight = scale * weights[i] if weights.size > 0 else scale
        for j in range(dlogits.shape[1]):
            dlogits[i, j] *= weight

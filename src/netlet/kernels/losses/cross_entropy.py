"""Softmax cross-entropy, from logits: the negative logarithm of the probability that the right class is given.

    q_ij   = (1 - s) [j = t] + s / K        t the label of sample i, K classes, s the label smoothing
    loss_i = log(sum_k e^(z_ik - max z_i)) - sum_j q_ij (z_ij - max z_i)
    dz_ij  = scale w_i (softmax(z_i)_j - q_ij)

The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, n_classes) | z and its gradient |
| targets | (n, 1) | the label, 0 to n_classes - 1 |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |
| factors | (8,) | label smoothing, from 0 to below 1 |

References: Goodfellow, Bengio, Courville, "Deep learning", 2016, section 6.2.2.3; for label smoothing, Szegedy and
others, "Rethinking the Inception architecture for computer vision", 2016, section 7.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weighted_total
from netlet.kernels.memory import vector
from netlet.kernels.registry import LossRow, register

LABEL_SMOOTHING = 0


@kernel(LOSS, flags=EXACT)
def cross_entropy(logits, targets, weights, scale, factors, dlogits):
    n, n_classes = logits.shape
    smoothing = factors[LABEL_SMOOTHING]
    own, each = logits.dtype.type(1) - smoothing, smoothing / logits.dtype.type(n_classes)
    for i in range(n):
        largest = logits[i, 0]
        for j in range(1, n_classes):
            largest = max(largest, logits[i, j])
        for j in range(n_classes):
            dlogits[i, j] = logits[i, j] - largest
    total = 0.0
    for i in range(n):
        weight = scale * weights[i] if weights.size > 0 else scale
        total -= weight * own * dlogits[i, int(targets[i, 0])]
    if smoothing > 0:
        total -= weighted_total(dlogits, weights, scale * each)
    exponentials = vector(dlogits, 0, n * n_classes)  # one long loop: rows are often shorter than a vector register
    for j in range(exponentials.size):
        exponentials[j] = functions.exp(exponentials[j])
    for i in range(n):
        weight = scale * weights[i] if weights.size > 0 else scale
        normaliser = dlogits[i, 0]
        for j in range(1, n_classes):
            normaliser += dlogits[i, j]
        total += weight * functions.log(normaliser)
        for j in range(n_classes):
            dlogits[i, j] *= weight / normaliser
        dlogits[i, int(targets[i, 0])] -= weight * own
    if smoothing > 0:
        for i in range(n):
            weight = scale * weights[i] if weights.size > 0 else scale
            for j in range(n_classes):
                dlogits[i, j] -= weight * each
    return total


register(LossRow("cross_entropy", cross_entropy, labels=True, output="softmax", factors=("label_smoothing",)))

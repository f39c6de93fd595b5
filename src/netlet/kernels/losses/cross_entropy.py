"""Softmax cross-entropy, from logits: the negative logarithm of the probability that the network gives to the right class.

    loss_i = log(sum_k e^(z_ik - max z_i)) - (z_it - max z_i)        t the label of sample i
    dz_ij  = scale w_i (softmax(z_i)_j - [j = t])

The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, n_classes) | z and its gradient |
| targets | (n, 1) | the label, 0 to n_classes - 1 |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

Reference: Goodfellow, Bengio, Courville, "Deep learning", 2016, section 6.2.2.3.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def cross_entropy(logits, targets, weights, scale, factors, dlogits):
    total = 0.0
    for i in range(logits.shape[0]):
        weight = scale * weights[i] if weights.size > 0 else scale
        label = int(targets[i, 0])
        largest = logits[i, 0]
        for j in range(1, logits.shape[1]):
            largest = max(largest, logits[i, j])
        for j in range(logits.shape[1]):
            dlogits[i, j] = functions.exp(logits[i, j] - largest)
        normaliser = dlogits[i, 0]
        for j in range(1, logits.shape[1]):
            normaliser += dlogits[i, j]
        for j in range(logits.shape[1]):
            dlogits[i, j] *= weight / normaliser
        dlogits[i, label] -= weight
        total += weight * (functions.log(normaliser) - (logits[i, label] - largest))
    return total


register(LossRow("cross_entropy", cross_entropy, labels=True, output="softmax"))

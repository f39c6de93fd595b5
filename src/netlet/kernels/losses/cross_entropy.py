"""Softmax cross-entropy, from logits: the negative logarithm of the probability that the right class is given.

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
from netlet.kernels.memory import vector
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def cross_entropy(logits, targets, weights, scale, factors, dlogits):
    n, n_classes = logits.shape
    for i in range(n):
        largest = logits[i, 0]
        for j in range(1, n_classes):
            largest = max(largest, logits[i, j])
        for j in range(n_classes):
            dlogits[i, j] = logits[i, j] - largest
    total = 0.0
    for i in range(n):
        weight = scale * weights[i] if weights.size > 0 else scale
        total -= weight * dlogits[i, int(targets[i, 0])]
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
        dlogits[i, int(targets[i, 0])] -= weight
    return total


register(LossRow("cross_entropy", cross_entropy, labels=True, output="softmax"))

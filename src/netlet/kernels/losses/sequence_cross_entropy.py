"""Softmax cross-entropy at every step of a sequence, from logits: the mean of the steps' losses that have a label.

    loss_i = (1 / c_i) sum_(t labelled) (log(sum_k e^(z_itk - max z_it)) - sum_j q_itj (z_itj - max z_it))
    dz_itj = (scale w_i / c_i) (softmax(z_it)_j - q_itj)        0 at a step without a label
    q_itj  = (1 - s) [j = label of step t] + s / K              s the label smoothing, K classes

c_i is how many steps of sample i have a label; a step whose target is the ignored number has none. A sample without any
has the loss 0. The kernel returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, steps * n_classes) | z and its gradient, step by step |
| targets | (n, steps) | labels, 0 to n_classes - 1, or the ignored number |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |
| factors | (8,) | label smoothing, from 0 to below 1; the ignored number |

Reference: Goodfellow, Bengio, Courville, "Deep learning", 2016, sections 6.2.2.3 and 10.2.
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, inline, kernel
from netlet.kernels.memory import flat, matrix
from netlet.kernels.registry import LossRow, register

LABEL_SMOOTHING, IGNORED = 0, 1


@inline(flags=EXACT)
def _share(targets, weights, scale, sample, ignored):
    """Return ``scale w_i / c_i``."""
    count = 0
    for step in range(targets.shape[1]):
        count += 1 if targets[sample, step] != ignored else 0
    weight = scale * weights[sample] if weights.size > 0 else scale
    return weight / targets.dtype.type(max(count, 1))


@kernel(LOSS, flags=EXACT)
def sequence_cross_entropy(logits, targets, weights, scale, factors, dlogits):
    n_samples, n_steps = targets.shape
    n_classes = logits.shape[1] // n_steps
    ignored, smoothing, zero = factors[IGNORED], factors[LABEL_SMOOTHING], logits.dtype.type(0)
    own, each = logits.dtype.type(1) - smoothing, smoothing / logits.dtype.type(n_classes)
    z, dz = matrix(logits, 0, n_samples * n_steps, n_classes), matrix(dlogits, 0, n_samples * n_steps, n_classes)
    labels, total = flat(targets), 0.0
    for row in range(z.shape[0]):
        largest = z[row, 0]
        for j in range(1, n_classes):
            largest = max(largest, z[row, j])
        for j in range(n_classes):
            dz[row, j] = z[row, j] - largest
    for i in range(n_samples):
        share = _share(targets, weights, scale, i, ignored)
        for row in range(i * n_steps, (i + 1) * n_steps):
            if labels[row] != ignored:
                total -= share * own * dz[row, int(labels[row])]
                if smoothing > 0:
                    for j in range(n_classes):
                        total -= share * each * dz[row, j]
    exponentials = flat(dz)  # one long loop: rows are often shorter than a vector register
    for j in range(exponentials.size):
        exponentials[j] = functions.exp(exponentials[j])
    for i in range(n_samples):
        share = _share(targets, weights, scale, i, ignored)
        for row in range(i * n_steps, (i + 1) * n_steps):
            if labels[row] == ignored:
                for j in range(n_classes):
                    dz[row, j] = zero
                continue
            normaliser = dz[row, 0]
            for j in range(1, n_classes):
                normaliser += dz[row, j]
            total += share * functions.log(normaliser)
            for j in range(n_classes):
                dz[row, j] = dz[row, j] * (share / normaliser) - share * each
            dz[row, int(labels[row])] -= share * own
    return total


register(
    LossRow(
        "sequence_cross_entropy", sequence_cross_entropy,
        labels=True, output="softmax", factors=("label_smoothing", "ignored"),
    )
)  # fmt: skip

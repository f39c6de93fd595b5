"""Perceptron loss: a yes-or-no question for each output, of which only wrong answers count. Summed over the outputs.

    p_ij   = 1 where z_ij >= 0, else 0        the answer of the hard step
    loss_i = sum_j (p_ij - t_ij) z_ij
    dz_ij  = scale w_i (p_ij - t_ij)

With it, gradient descent on one sample at a time is the perceptron's learning rule. At the kink, ``z_ij = 0``, the
answer is yes: where it should be no the loss is 0 and the derivative 1. The kernel returns ``scale * sum_i w_i loss_i``
and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, n_outputs) | z and its gradient |
| targets | (n, n_outputs) | t, 0 or 1 |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |

Reference: Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain",
Psychological Review 65, 1958; as a loss, Bishop, "Pattern recognition and machine learning", 2006, section 4.1.7.
"""

from netlet.kernels.compiling import EXACT, LOSS, kernel
from netlet.kernels.losses.weighting import weight_rows, weighted_total
from netlet.kernels.memory import flat
from netlet.kernels.registry import LossRow, register


@kernel(LOSS, flags=EXACT)
def perceptron(logits, targets, weights, scale, factors, dlogits):
    z, t, dz = flat(logits), flat(targets), flat(dlogits)
    zero, one = logits.dtype.type(0), logits.dtype.type(1)
    for j in range(z.size):
        answer = one if z[j] >= zero else (zero if z[j] < zero else z[j])  # NaN as it is
        dz[j] = (answer - t[j]) * z[j]
    total = weighted_total(dlogits, weights, scale)
    for j in range(z.size):
        answer = one if z[j] >= zero else (zero if z[j] < zero else z[j])
        dz[j] = answer - t[j]
    weight_rows(dlogits, weights, scale)
    return total


register(
    LossRow(
        "perceptron",
        perceptron,
        output="step",
        answers=True,
        only_0_and_1=True,
        yes_at_zero=True,
        until_correct=True,
    )
)

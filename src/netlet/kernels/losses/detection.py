"""What a single-shot detector is trained with: for each cell of a grid whether an object is there, its box, its class.

    loss_i   = (1 / c_i) (sum_(cells) object_ik + sum_(full cells) (B box_ik + L label_ik))
    object   = a (1 - p)^g (-log p)              p = sigmoid(s z_0); full cell: s = 1, a = 1; empty one: s = -1, a = E
    dz_0     = (scale w_i / c_i) a s (1 - p)^g (g p log p + p - 1)
    box      = sum_(j = 1..4) f(z_j - t_j)       f(d) = d^2 / (2 beta) inside -beta .. beta, |d| - beta / 2 beyond
    dz_j     = (scale w_i / c_i) B d / beta, clipped to -B .. B (times the first factor)
    label    = log(sum_k e^(z_(5+k) - max z)) - (z_(5+label) - max z)
    dz_(5+k) = (scale w_i / c_i) L (softmax(z_5 ..)_k - [k = label])

A cell is full where its target says so; the other numbers of an empty cell's target are not read. c_i is how many cells
of sample i are full, at least 1: a sample without objects counts the loss of its empty cells as it is. The kernel
returns ``scale * sum_i w_i loss_i`` and writes the gradient of that sum.

| array | shape | |
|---|---|---|
| logits, dlogits | (n, n_cells * (5 + n_classes)) | z and its gradient, cell by cell: object, box (4), classes |
| targets | (n, n_cells * 6) | cell by cell: 1 (full) or 0, four numbers of the box, the class's number |
| weights | (n,) or (0,) | sample weights; empty where all are 1 |
| factors | (8,) | E, B, L, g (all >= 0) and beta (> 0) |

References: Lin, Goyal, Girshick, He, Dollar, "Focal loss for dense object detection", ICCV 2017 (object); Girshick,
"Fast R-CNN", ICCV 2015 (box).
"""

from netlet.kernels import functions
from netlet.kernels.compiling import EXACT, LOSS, inline, kernel
from netlet.kernels.memory import vector
from netlet.kernels.registry import LossRow, register

EMPTY_WEIGHT, BOX_WEIGHT, LABEL_WEIGHT, FOCUS, BETA = 0, 1, 2, 3, 4
N_TARGETS, BOX, LABEL, CLASSES = 6, 1, 5, 5  # of a cell: numbers of its target, and where parts begin


@inline(flags=EXACT)
def _object(z, is_full, factors, weight, dz):
    """Return the loss of a cell's logit of an object; its derivative goes to ``dz[0]``."""
    one = z.dtype.type(1)
    sign, focus = (one if is_full else -one), factors[FOCUS]
    own = weight if is_full else weight * factors[EMPTY_WEIGHT]
    u = sign * z[0]
    negative_log, wrong = functions.log1p_exp(-u), functions.sigmoid(-u)
    factor = own * functions.exp(-focus * functions.log1p_exp(u))
    dz[0] = -sign * factor * (focus * (one - wrong) * negative_log + wrong)
    return factor * negative_log


@inline(flags=EXACT)
def _box(z, t, factors, weight, dz):
    """Return the loss of a full cell's box, and write its derivatives."""
    one, half, beta, total = z.dtype.type(1), z.dtype.type(0.5), factors[BETA], z.dtype.type(0)
    for j in range(BOX, BOX + 4):
        slope = (z[j] - t[j]) / beta
        inside = -one if slope < -one else (one if slope > one else slope)
        total += beta * inside * (slope - half * inside)
        dz[j] = weight * inside
    return weight * total


@inline(flags=EXACT)
def _label(z, t, weight, dz):
    """Return the loss of a full cell's class, and write its derivatives."""
    label = CLASSES + int(t[LABEL])
    largest = z[CLASSES]
    for j in range(CLASSES + 1, z.size):
        largest = max(largest, z[j])
    normaliser = z.dtype.type(0)
    for j in range(CLASSES, z.size):
        dz[j] = functions.exp(z[j] - largest)
        normaliser += dz[j]
    for j in range(CLASSES, z.size):
        dz[j] *= weight / normaliser
    dz[label] -= weight
    return weight * (functions.log(normaliser) - (z[label] - largest))


@kernel(LOSS, flags=EXACT)
def detection(logits, targets, weights, scale, factors, dlogits):
    n_samples, n_cells, total = logits.shape[0], targets.shape[1] // N_TARGETS, 0.0
    width, zero, one = logits.shape[1] // n_cells, logits.dtype.type(0), logits.dtype.type(1)
    for i in range(n_samples):
        n_full = zero
        for cell in range(n_cells):
            n_full += targets[i, cell * N_TARGETS]
        share = (scale * weights[i] if weights.size > 0 else scale) / max(n_full, one)
        for cell in range(i * n_cells, (i + 1) * n_cells):
            z, dz = vector(logits, cell * width, width), vector(dlogits, cell * width, width)
            t = vector(targets, cell * N_TARGETS, N_TARGETS)
            is_full = t[0] > zero
            total += _object(z, is_full, factors, share, dz)
            if is_full:
                total += _box(z, t, factors, share * factors[BOX_WEIGHT], dz)
                total += _label(z, t, share * factors[LABEL_WEIGHT], dz)
            else:
                for j in range(BOX, width):
                    dz[j] = zero
    return total


register(LossRow("detection", detection, factors=("empty_weight", "box_weight", "label_weight", "focus", "beta")))

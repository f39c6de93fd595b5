"""Dropout ("inverted"): while training, drop each input with probability `rate` and enlarge the others: the mean stays.

    y = x m        dx = dy m        m = 0 with probability rate, else 1 / (1 - rate)

In evaluation y = x. Shapes: x, y, dx, dy are (n, n_features); `saved` keeps m and is up to 3 columns wider; `factors`
holds the rate. The mask of a sample depends on the seed, the step, the layer and the sample's place in the batch alone.

Reference: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.memory import flat
from netlet.kernels.random import philox
from netlet.kernels.registry import LayerRow, register

STREAM = 0  # of settings
RATE = 0  # of factors
_SHIFT, _PARTS = 8, 2**24  # the rate is rounded to 24 bits, which float32 holds exactly


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    training, key_low, key_high, number, first_row = step
    real = x.dtype.type
    dropped, whole = real(0), real(1)
    kept = whole / (whole - factors[RATE])
    limit = int(factors[RATE] * real(_PARTS))
    mask = flat(saved)
    if training == 0:
        for j in range(mask.size):
            mask[j] = whole
    else:
        before = first_row * (saved.shape[1] // 4)
        for j in range(mask.size // 4):  # one block of four words for four places of the mask
            word0, word1, word2, word3 = philox(key_low, key_high, before + j, settings[STREAM], number, 0)
            mask[4 * j] = dropped if word0 >> _SHIFT < limit else kept
            mask[4 * j + 1] = dropped if word1 >> _SHIFT < limit else kept
            mask[4 * j + 2] = dropped if word2 >> _SHIFT < limit else kept
            mask[4 * j + 3] = dropped if word3 >> _SHIFT < limit else kept
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] * saved[i, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = dy[i, j] * saved[i, j]


def _mask_size(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return -(-n_in // 4) * 4


register(
    LayerRow(
        "dropout", forward, backward_input, n_saved=_mask_size, settings=("stream",), factors=("rate",), is_random=True
    )
)

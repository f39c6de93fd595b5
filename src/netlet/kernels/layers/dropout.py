"""Dropout ("inverted"): while training, drop each input with probability `rate` and enlarge the others: the mean stays.

    y = x m        dx = dy m        m = 0 with probability rate, else 1 / (1 - rate)

In evaluation y = x. Shapes: x, y, dx, dy and `saved` (which keeps m) are (n, n_features); `factors` holds the rate.
The mask of a sample depends on the seed, the step, the layer and the sample's place in the batch alone.

Reference: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014.
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.random import philox, unit
from netlet.kernels.registry import LayerRow, register

STREAM = 0  # of settings
RATE = 0  # of factors


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    training, key_low, key_high, number, first_row = step
    real = x.dtype.type
    rate, dropped, whole = factors[RATE], real(0), real(1)
    kept = whole / (whole - rate)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if training == 0:
                saved[i, j] = whole
            else:
                word, _, _, _ = philox(key_low, key_high, j, first_row + i, number, settings[STREAM])
                saved[i, j] = dropped if unit(word) < rate else kept
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] * saved[i, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = dy[i, j] * saved[i, j]


def _mask_size(n_in: int, n_out: int) -> int:
    return n_in


register(
    LayerRow(
        "dropout", forward, backward_input, n_saved=_mask_size, settings=("stream",), factors=("rate",), is_random=True
    )
)

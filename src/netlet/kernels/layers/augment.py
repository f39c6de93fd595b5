"""Augmentation: while training, move, turn, enlarge, flip and brighten each picture, by chance; else y = x.

    (u, v) = ((r, q) - c) A + c + t        y_rq = bilinear interpolation of x at (u, v), plus b
    dx = the transposed interpolation: each dy_rq goes to the places that y_rq was made from, with the same weights

c = ((height - 1) / 2, (width - 1) / 2) is the middle of the picture. With s uniform in [1 - zoom, 1 + zoom], an angle a
uniform in [-rotation, rotation], and signs f_r, f_q that are -1 with probability 1/2 where the picture may be flipped,

    A = [ f_r cos(a) / s    f_q sin(a) / s ]        t_r = shift height w_r        b = brightness w_b
        [ -f_r sin(a) / s   f_q cos(a) / s ]        t_q = shift width w_q         w_r, w_q, w_b uniform in [-1, 1)

Outside the picture lies either zero or the nearest place of its edge.

| array | shape | |
|---|---|---|
| x, dx, y, dy | (n, height * width * channels) | the pictures, channels last, and their gradients |
| saved | (n, 8) | a sample's A, column by column, c - c A + t, b, and 1 where it was changed at all |

What a sample draws depends on the seed, the step, the layer and the sample's place in the batch alone.

Reference: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
analysis", ICDAR 2003.
"""

from collections.abc import Mapping

import numpy as np

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, inline, kernel
from netlet.kernels.layers.runs import copy_run
from netlet.kernels.memory import flat
from netlet.kernels.random import philox, unit
from netlet.kernels.registry import LayerRow, register

HEIGHT, WIDTH, CHANNELS, FLIPS, EDGE, STREAM = range(6)  # of settings
SHIFT, ROTATION, ZOOM, BRIGHTNESS = range(4)  # of factors; the rotation is in radians
FLIP_VERTICAL, FLIP_HORIZONTAL = 1, 2  # of the setting "flips", which is their sum
# Of a sample's row of `saved`.
ROWS_BY_ROW, ROWS_BY_COLUMN, COLUMNS_BY_ROW, COLUMNS_BY_COLUMN, FIRST_ROW, FIRST_COLUMN, ADDED, CHANGED = range(8)
N_SAVED = 8


@inline
def _signed(word):
    return 2.0 * unit(word) - 1.0


@inline
def draw_map(saved, i, settings, factors, step):
    """Draw what happens to sample `i`, in float64, and keep it in its row of `saved`."""
    _, key_low, key_high, number, first_row = step
    row, column, turn, size = philox(key_low, key_high, first_row + i, settings[STREAM], number, 0)
    light, upside, mirror, _ = philox(key_low, key_high, first_row + i, settings[STREAM], number, 1)
    angle = np.float64(factors[ROTATION]) * _signed(turn)
    scale = 1.0 / (1.0 + np.float64(factors[ZOOM]) * _signed(size))
    down = -scale if settings[FLIPS] & FLIP_VERTICAL and unit(upside) < 0.5 else scale
    across = -scale if settings[FLIPS] & FLIP_HORIZONTAL and unit(mirror) < 0.5 else scale
    cosine, sine = np.cos(angle), np.sin(angle)
    middle_row, middle_column = 0.5 * (settings[HEIGHT] - 1), 0.5 * (settings[WIDTH] - 1)
    shift_row = np.float64(factors[SHIFT]) * settings[HEIGHT] * _signed(row)
    shift_column = np.float64(factors[SHIFT]) * settings[WIDTH] * _signed(column)
    saved[i, ROWS_BY_ROW], saved[i, COLUMNS_BY_ROW] = down * cosine, across * sine
    saved[i, ROWS_BY_COLUMN], saved[i, COLUMNS_BY_COLUMN] = -down * sine, across * cosine
    saved[i, FIRST_ROW] = middle_row + shift_row - down * (cosine * middle_row - sine * middle_column)
    saved[i, FIRST_COLUMN] = middle_column + shift_column - across * (sine * middle_row + cosine * middle_column)
    saved[i, ADDED], saved[i, CHANGED] = np.float64(factors[BRIGHTNESS]) * _signed(light), 1.0


@inline
def source_of(saved, i, r, q, height, width, keeps_edge):
    """Return where the place (r, q) of sample `i` is read, with what is too far outside drawn near, in float64."""
    u = np.float64(saved[i, FIRST_ROW])
    u += np.float64(saved[i, ROWS_BY_ROW]) * r + np.float64(saved[i, ROWS_BY_COLUMN]) * q
    v = np.float64(saved[i, FIRST_COLUMN])
    v += np.float64(saved[i, COLUMNS_BY_ROW]) * r + np.float64(saved[i, COLUMNS_BY_COLUMN]) * q
    border = 0.0 if keeps_edge else 1.0
    return min(max(u, -border), height - 1 + border), min(max(v, -border), width - 1 + border)


@inline
def neighbours(place, size):
    """Return the two places around one on an axis, within the picture, and their weights: 0 for what lies outside."""
    before = int(np.floor(place))
    after, share = before + 1, place - before
    first = 1.0 - share if before >= 0 and before < size else 0.0
    second = share if after < size else 0.0
    return min(max(before, 0), size - 1), min(after, size - 1), first, second


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    n, keeps_edge, real = x.shape[0], settings[EDGE] != 0, x.dtype.type
    size = height * width * channels
    pixels, out = flat(x), flat(y)
    for i in range(n):
        if step[0] == 0:
            for k in range(N_SAVED):
                saved[i, k] = 0
            copy_run(pixels, i * size, out, i * size, size)
            continue
        draw_map(saved, i, settings, factors, step)
        added = saved[i, ADDED]
        for r in range(height):
            for q in range(width):
                u, v = source_of(saved, i, r, q, height, width, keeps_edge)
                top, bottom, high, low = neighbours(u, height)
                left, right, near, far = neighbours(v, width)
                w00, w01, w10, w11 = real(high * near), real(high * far), real(low * near), real(low * far)
                above, below = i * size + top * width * channels, i * size + bottom * width * channels
                left, right, place = left * channels, right * channels, i * size + (r * width + q) * channels
                for c in range(channels):
                    out[place + c] = (
                        w00 * pixels[above + left + c] + w01 * pixels[above + right + c]
                        + w10 * pixels[below + left + c] + w11 * pixels[below + right + c] + added
                    )  # fmt: skip


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    n, keeps_edge, real = dx.shape[0], settings[EDGE] != 0, dx.dtype.type
    size = height * width * channels
    given, gradient = flat(dy), flat(dx)
    for i in range(n):
        if saved[i, CHANGED] == 0:
            copy_run(given, i * size, gradient, i * size, size)
            continue
        for j in range(i * size, (i + 1) * size):
            gradient[j] = 0
        for r in range(height):
            for q in range(width):
                u, v = source_of(saved, i, r, q, height, width, keeps_edge)
                top, bottom, high, low = neighbours(u, height)
                left, right, near, far = neighbours(v, width)
                w00, w01, w10, w11 = real(high * near), real(high * far), real(low * near), real(low * far)
                above, below = i * size + top * width * channels, i * size + bottom * width * channels
                left, right, place = left * channels, right * channels, i * size + (r * width + q) * channels
                for c in range(channels):
                    slope = given[place + c]
                    gradient[above + left + c] += w00 * slope
                    gradient[above + right + c] += w01 * slope
                    gradient[below + left + c] += w10 * slope
                    gradient[below + right + c] += w11 * slope


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return N_SAVED


register(
    LayerRow(
        "augment", forward, backward_input, n_saved=_n_saved,
        settings=("height", "width", "channels", "flips", "edge", "stream"),
        factors=("shift", "rotation", "zoom", "brightness"), is_random=True,
    )
)  # fmt: skip

"""Max pooling: the largest number under each window, channel by channel.

    y_pc = max of x at the window p's places, channel c        dx = sum of the dy_pc whose maximum x is

The derivative at a tie is that of the first maximum, row by row of the window. Padding is never the maximum. A NaN
under a window is its maximum.

| array | shape | |
|---|---|---|
| x, dx | (n, height * width * channels) | input and its gradient |
| y, dy, saved | (n, out_height * out_width * channels) | `saved`: the maximum's number in its window, from 0 |

Windows (see `windows`) hold at least one place of the picture.

Reference: Ranzato, Huang, Boureau, LeCun, "Unsupervised learning of invariant feature hierarchies with applications to
object recognition", CVPR 2007.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, EXACT, FORWARD, kernel
from netlet.kernels.layers.windows import (
    CHANNELS,
    DILATION_HEIGHT,
    DILATION_WIDTH,
    HEIGHT,
    KERNEL_HEIGHT,
    KERNEL_WIDTH,
    OUT_HEIGHT,
    OUT_WIDTH,
    PAD_LEFT,
    PAD_TOP,
    STRIDE_HEIGHT,
    STRIDE_WIDTH,
    WIDTH,
    WINDOW_SETTINGS,
    end_inside,
    first_inside,
    pooled_size,
)
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register


@kernel(FORWARD, flags=EXACT)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across, kernel_width = settings[DILATION_HEIGHT], settings[DILATION_WIDTH], settings[KERNEL_WIDTH]
    n, number = x.shape[0], x.dtype.type
    x, y, chosen = flat(x), flat(y), flat(saved)
    place = 0
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, across), end_inside(left, across, kernel_width, width)
                for i in range(above, below):
                    for j in range(begin, end):
                        source = ((sample * height + top + i * down) * width + left + j * across) * channels
                        tap = number(i * kernel_width + j)
                        if i == above and j == begin:
                            for c in range(channels):
                                y[place + c] = x[source + c]
                                chosen[place + c] = tap
                        else:
                            for c in range(channels):
                                value = x[source + c]
                                is_larger = value > y[place + c] or value != value
                                y[place + c] = value if is_larger else y[place + c]
                                chosen[place + c] = tap if is_larger else chosen[place + c]
                place += channels


@kernel(BACKWARD_INPUT, flags=EXACT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across, kernel_width = settings[DILATION_HEIGHT], settings[DILATION_WIDTH], settings[KERNEL_WIDTH]
    n, number, zero = dx.shape[0], dx.dtype.type, dx.dtype.type(0)
    dy, dx, chosen = flat(dy), flat(dx), flat(saved)
    for i in range(dx.size):
        dx[i] = zero
    place = 0
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, across), end_inside(left, across, kernel_width, width)
                for i in range(above, below):
                    for j in range(begin, end):
                        source = ((sample * height + top + i * down) * width + left + j * across) * channels
                        tap = number(i * kernel_width + j)
                        for c in range(channels):
                            dx[source + c] += dy[place + c] if chosen[place + c] == tap else zero
                place += channels


def _choices(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return n_out


register(
    LayerRow("max_pooling", forward, backward_input, n_out=pooled_size, n_saved=_choices, settings=WINDOW_SETTINGS)
)

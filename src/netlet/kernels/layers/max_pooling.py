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

from netlet.kernels.compiling import BACKWARD_INPUT, EXACT, FORWARD, inline, kernel
from netlet.kernels.lanes import (
    LANES,
    add_chosen_lanes,
    load_lanes,
    spread_lanes,
    store_lanes,
    where_equal,
    where_larger,
)
from netlet.kernels.layers.runs import copy_run, fill_run
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
from netlet.kernels.memory import flat, vector
from netlet.kernels.registry import LayerRow, register


@inline(always=True)
def keep_larger(x, source, y, chosen, target, tap, n):
    """Let each number of `x` that is larger than that of `y`, or a NaN, take its place, and say so in `chosen`."""
    read, kept, taps = vector(x, source, n), vector(y, target, n), vector(chosen, target, n)
    for j in range(n):
        is_larger = (read[j] > kept[j]) | (read[j] != read[j])
        kept[j] = read[j] if is_larger else kept[j]
        taps[j] = tap if is_larger else taps[j]


@inline(always=True)
def add_chosen(dy, chosen, source, tap, dx, target, n):
    """Add each number of `dy` whose maximum was at `tap` to that of `dx`."""
    read, taps, written = vector(dy, source, n), vector(chosen, source, n), vector(dx, target, n)
    for j in range(n):
        written[j] += read[j] if taps[j] == tap else dx.dtype.type(0)


@inline(always=True)
def largest_of_four(x, source, across, down, y, chosen, target):
    """Find LANES maxima of a window of 2 x 2, the usual one, whose loops are written out."""
    number = x.dtype.type
    kept, taps = load_lanes(x, source), spread_lanes(number(0))
    value = load_lanes(x, source + across)
    taps = where_larger(value, kept, spread_lanes(number(1)), taps)
    kept = where_larger(value, kept, value, kept)
    value = load_lanes(x, source + down)
    taps = where_larger(value, kept, spread_lanes(number(2)), taps)
    kept = where_larger(value, kept, value, kept)
    value = load_lanes(x, source + down + across)
    taps = where_larger(value, kept, spread_lanes(number(3)), taps)
    kept = where_larger(value, kept, value, kept)
    store_lanes(kept, y, target)
    store_lanes(taps, chosen, target)


@inline(always=True)
def share_among_four(dy, chosen, source, dx, target, across, down):
    """Set the gradients under a window of 2 x 2 that no other overlaps."""
    number = dx.dtype.type
    slope, taps, none = load_lanes(dy, source), load_lanes(chosen, source), spread_lanes(number(0))
    store_lanes(where_equal(taps, none, slope, none), dx, target)
    store_lanes(where_equal(taps, spread_lanes(number(1)), slope, none), dx, target + across)
    store_lanes(where_equal(taps, spread_lanes(number(2)), slope, none), dx, target + down)
    store_lanes(where_equal(taps, spread_lanes(number(3)), slope, none), dx, target + down + across)


@inline
def is_two_by_two(settings):
    """Tell whether windows are 2 x 2 and do not overlap."""
    is_small = settings[KERNEL_HEIGHT] == 2 and settings[KERNEL_WIDTH] == 2
    is_apart = settings[STRIDE_HEIGHT] >= 2 and settings[STRIDE_WIDTH] >= 2
    return is_small and is_apart and settings[DILATION_HEIGHT] == 1 and settings[DILATION_WIDTH] == 1


@kernel(FORWARD, flags=EXACT)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across, kernel_width = settings[DILATION_HEIGHT], settings[DILATION_WIDTH], settings[KERNEL_WIDTH]
    n, number, is_usual = x.shape[0], x.dtype.type, is_two_by_two(settings)
    x, y, chosen = flat(x), flat(y), flat(saved)
    place, whole = 0, channels // LANES * LANES
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, across), end_inside(left, across, kernel_width, width)
                corner = ((sample * height + top) * width + left) * channels
                step, step_across = down * width * channels, across * channels
                is_four = is_usual and below - above == 2 and end - begin == 2
                for c in range(0, whole, LANES):
                    if is_four:
                        largest_of_four(x, corner + c, step_across, step, y, chosen, place + c)
                        continue
                    kept = load_lanes(x, corner + above * step + begin * step_across + c)
                    taps = spread_lanes(number(above * kernel_width + begin))
                    for i in range(above, below):
                        for j in range(begin, end):
                            value = load_lanes(x, corner + i * step + j * step_across + c)
                            taps = where_larger(value, kept, spread_lanes(number(i * kernel_width + j)), taps)
                            kept = where_larger(value, kept, value, kept)
                    store_lanes(kept, y, place + c)
                    store_lanes(taps, chosen, place + c)
                rest = channels - whole
                copy_run(x, corner + above * step + begin * step_across + whole, y, place + whole, rest)
                fill_run(number(above * kernel_width + begin), chosen, place + whole, rest)
                for i in range(above, below):
                    for j in range(begin, end):
                        source, tap = corner + i * step + j * step_across + whole, number(i * kernel_width + j)
                        keep_larger(x, source, y, chosen, place + whole, tap, rest)
                place += channels


@kernel(BACKWARD_INPUT, flags=EXACT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across, kernel_width = settings[DILATION_HEIGHT], settings[DILATION_WIDTH], settings[KERNEL_WIDTH]
    n, number, is_usual = dx.shape[0], dx.dtype.type, is_two_by_two(settings)
    dy, dx, chosen = flat(dy), flat(dx), flat(saved)
    for i in range(dx.size):
        dx[i] = 0
    place, whole = 0, channels // LANES * LANES
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, across), end_inside(left, across, kernel_width, width)
                lanes = whole
                if is_usual and below - above == 2 and end - begin == 2:
                    corner = ((sample * height + top) * width + left) * channels
                    for c in range(0, whole, LANES):
                        share_among_four(dy, chosen, place + c, dx, corner + c, channels, width * channels)
                    lanes = 0
                for i in range(above, below):
                    for j in range(begin, end):
                        source = ((sample * height + top + i * down) * width + left + j * across) * channels
                        tap = number(i * kernel_width + j)
                        for c in range(0, lanes, LANES):
                            add_chosen_lanes(dy, chosen, place + c, tap, dx, source + c)
                        add_chosen(dy, chosen, place + whole, tap, dx, source + whole, channels - whole)
                place += channels


def _choices(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return n_out


register(
    LayerRow("max_pooling", forward, backward_input, n_out=pooled_size, n_saved=_choices, settings=WINDOW_SETTINGS)
)

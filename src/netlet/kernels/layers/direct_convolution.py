"""Convolution by loops, without patches: where a window holds few numbers, gathering them costs more than their use.

    y_p = b + sum_k P_pk W_k        dW_k = sum_p P_pk dy_p

As in `convolution`, whose kernels call these; W_k and dW_k are rows of as many numbers as there are filters, whole
lanes of them. Windows are not dilated across, so that a kernel's row lies side by side in the picture.
"""

from netlet.kernels.compiling import inline
from netlet.kernels.lanes import LANES, load_lanes, multiply_add, spread_lanes, store_lanes
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
    end_inside,
    first_inside,
)
from netlet.kernels.memory import vector

_FEW_TAPS = 16


@inline
def is_direct(settings, n_filters):
    """Tell whether a convolution is done without patches."""
    n_taps = settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH] * settings[CHANNELS]
    return n_taps <= _FEW_TAPS and n_filters % LANES == 0 and settings[DILATION_WIDTH] == 1


@inline
def weigh_directly(x, theta, settings, n, n_filters, y):
    """Set `y`, flat, to the convolution of the `n` pictures of `x`, flat."""
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, kernel_width = settings[DILATION_HEIGHT], settings[KERNEL_WIDTH]
    bias, zero = settings[KERNEL_HEIGHT] * kernel_width * channels * n_filters, x.dtype.type(0)
    place = 0
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, 1), end_inside(left, 1, kernel_width, width)
                for first in range(0, n_filters, LANES):
                    total = load_lanes(theta, bias + first) if theta.size > bias else spread_lanes(zero)
                    for i in range(above, below):
                        source = ((sample * height + top + i * down) * width + left + begin) * channels
                        row = (i * kernel_width + begin) * channels * n_filters + first
                        numbers = vector(x, source, max(end - begin, 0) * channels)
                        for k in range(numbers.size):
                            total = multiply_add(numbers[k], load_lanes(theta, row + k * n_filters), total)
                    store_lanes(total, y, place + first)
                place += n_filters


@inline
def weight_gradient_directly(x, dy, settings, n, n_filters, first, last, dweight):
    """Add rows `first` to `last` of the gradient of W to `dweight`, flat; `x` and `dy` are flat."""
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, out_width = settings[DILATION_HEIGHT], settings[OUT_WIDTH]
    stride, size_of_row = settings[STRIDE_WIDTH] * channels, settings[KERNEL_WIDTH] * channels
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            for k in range(first, last):
                row = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP] + k // size_of_row * down
                if row < 0 or row >= height:
                    continue
                column = k % size_of_row // channels - settings[PAD_LEFT]
                begin = min(first_inside(column, settings[STRIDE_WIDTH]), out_width)
                end = end_inside(column, settings[STRIDE_WIDTH], out_width, width)
                source = ((sample * height + row) * width + column) * channels + k % channels + begin * stride
                numbers = vector(x, source, max(end - begin, 0) * stride)
                place = ((sample * settings[OUT_HEIGHT] + r) * out_width + begin) * n_filters
                for lane in range(0, n_filters, LANES):
                    add_weighted(
                        numbers,
                        stride,
                        dy,
                        place + lane,
                        n_filters,
                        end - begin,
                        dweight,
                        (k - first) * n_filters + lane,
                    )


@inline
def add_weighted(numbers, stride, dy, place, step, n, dweight, target):
    """Add to lanes of `dweight` n lanes of `dy`, `step` apart, each times its number.

    Two sums, since each addition waits for the one before.
    """
    total, other = load_lanes(dweight, target), spread_lanes(dy.dtype.type(0))
    for q in range(0, n - 1, 2):
        total = multiply_add(numbers[q * stride], load_lanes(dy, place + q * step), total)
        other = multiply_add(numbers[(q + 1) * stride], load_lanes(dy, place + (q + 1) * step), other)
    if n > 0 and n % 2 == 1:
        total = multiply_add(numbers[(n - 1) * stride], load_lanes(dy, place + (n - 1) * step), total)
    store_lanes(multiply_add(dy.dtype.type(1), other, total), dweight, target)

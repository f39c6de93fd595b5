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
    stride, place = settings[STRIDE_WIDTH] * channels, 0
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            q = 0
            while q < settings[OUT_WIDTH]:
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, 1), end_inside(left, 1, kernel_width, width)
                # Four places share what they load of W where all of them lie within the width.
                right = left + 3 * settings[STRIDE_WIDTH] + kernel_width
                is_four = q + 4 <= settings[OUT_WIDTH] and left >= 0 and right <= width
                for first in range(0, n_filters, LANES):
                    total = load_lanes(theta, bias + first) if theta.size > bias else spread_lanes(zero)
                    second, third, fourth = total, total, total
                    for i in range(above, below):
                        source = ((sample * height + top + i * down) * width + left + begin) * channels
                        row = (i * kernel_width + begin) * channels * n_filters + first
                        size = max(end - begin, 0) * channels
                        numbers = vector(x, source, size)
                        if is_four:
                            numbers2, numbers3 = vector(x, source + stride, size), vector(x, source + 2 * stride, size)
                            numbers4 = vector(x, source + 3 * stride, size)
                            for k in range(size):
                                weight = load_lanes(theta, row + k * n_filters)
                                total = multiply_add(numbers[k], weight, total)
                                second = multiply_add(numbers2[k], weight, second)
                                third = multiply_add(numbers3[k], weight, third)
                                fourth = multiply_add(numbers4[k], weight, fourth)
                        else:
                            for k in range(size):
                                total = multiply_add(numbers[k], load_lanes(theta, row + k * n_filters), total)
                    store_lanes(total, y, place + first)
                    if is_four:
                        store_lanes(second, y, place + n_filters + first)
                        store_lanes(third, y, place + 2 * n_filters + first)
                        store_lanes(fourth, y, place + 3 * n_filters + first)
                count = 4 if is_four else 1
                place += count * n_filters
                q += count


@inline
def weight_gradient_directly(x, dy, settings, n, n_filters, first, last, dweight):
    """Add rows `first` to `last` of the gradient of W to `dweight`, flat; `x` and `dy` are flat."""
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, out_width = settings[DILATION_HEIGHT], settings[OUT_WIDTH]
    stride, size_of_row = settings[STRIDE_WIDTH] * channels, settings[KERNEL_WIDTH] * channels
    reach = (out_width - 1) * settings[STRIDE_WIDTH] + settings[KERNEL_WIDTH]
    is_padless = settings[PAD_LEFT] == 0 and reach <= width
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            k = first
            while k < last:
                # Three neighbours in a row of the kernel share what they load of dy, where they have the same places.
                count = 3 if k + 3 <= last and k % size_of_row + 3 <= size_of_row and is_padless else 1
                row = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP] + k // size_of_row * down
                column = k % size_of_row // channels - settings[PAD_LEFT]
                begin = min(first_inside(column, settings[STRIDE_WIDTH]), out_width)
                n_inside = end_inside(column, settings[STRIDE_WIDTH], out_width, width) - begin
                if row >= 0 and row < height and n_inside > 0:
                    source = ((sample * height + row) * width + column) * channels + k % channels + begin * stride
                    place = ((sample * settings[OUT_HEIGHT] + r) * out_width + begin) * n_filters
                    for lane in range(0, n_filters, LANES):
                        target = (k - first) * n_filters + lane
                        if count == 3:
                            add_three_weighted(
                                x, source, stride, dy, place + lane, n_filters, n_inside, dweight, target
                            )
                        else:
                            add_weighted(x, source, stride, dy, place + lane, n_filters, n_inside, dweight, target)
                k += count


@inline
def add_weighted(x, source, stride, dy, place, step, n, dweight, target):
    """Add to lanes of `dweight` n lanes of `dy`, `step` apart, each times its number of `x`, `stride` apart."""
    total = load_lanes(dweight, target)
    for _ in range(n):
        total = multiply_add(vector(x, source, 1)[0], load_lanes(dy, place), total)
        source += stride
        place += step
    store_lanes(total, dweight, target)


@inline
def add_three_weighted(x, source, stride, dy, place, step, n, dweight, target):
    """Do so for three rows of `dweight`, which are `step` apart, and three neighbours in `x`."""
    first, second = load_lanes(dweight, target), load_lanes(dweight, target + step)
    third = load_lanes(dweight, target + 2 * step)
    for _ in range(n):
        numbers, lanes = vector(x, source, 3), load_lanes(dy, place)
        first = multiply_add(numbers[0], lanes, first)
        second = multiply_add(numbers[1], lanes, second)
        third = multiply_add(numbers[2], lanes, third)
        source += stride
        place += step
    store_lanes(first, dweight, target)
    store_lanes(second, dweight, target + step)
    store_lanes(third, dweight, target + 2 * step)

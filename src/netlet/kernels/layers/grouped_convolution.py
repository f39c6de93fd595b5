"""Grouped convolution: channels and filters are divided into groups, and a filter sees the channels of its group.

    y_pf = b_f + sum_k P_pfk W_kf        dP_pfk = dy_pf W_kf        dx = sum of the dP read from x
    dW_kf = sum_p P_pfk dy_pf        db_f = sum_p dy_pf

P_pfk is the number under the window at the place p (see `windows`), k = (i kernel_width + j) m + c for its row i, its
column j and channel c of the m = channels / groups of f's group. With as many groups as channels it is the depthwise
convolution.

| array | shape | |
|---|---|---|
| x, dx | (n, height * width * channels) | input and its gradient |
| y, dy | (n, out_height * out_width * filters) | output and its gradient |
| theta | (k * filters [+ filters],) | W, k = kernel_height * kernel_width * m rows; then b or not |

Loops and no products: the matrices of a group are small. The parameters are k rows of W and one more of b; any range of
them may be asked for.

References: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", NeurIPS
2012; Chollet, "Xception: deep learning with depthwise separable convolutions", CVPR 2017.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, inline, kernel
from netlet.kernels.layers.convolution import BIAS, FILTERS, filtered_size, uses_of_filters
from netlet.kernels.layers.runs import add_multiple, add_products, sum_of_runs
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
)
from netlet.kernels.memory import flat, vector
from netlet.kernels.registry import Block, LayerRow, register

GROUPS = BIAS + 1  # of settings


@inline
def source_of(settings, p, tap):
    """Return where the numbers of a place's window at a tap begin in the input, -1 where that is padding."""
    out_width, kernel_width = settings[OUT_WIDTH], settings[KERNEL_WIDTH]
    places = settings[OUT_HEIGHT] * out_width
    sample, place = p // places, p % places
    row = place // out_width * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
    row += tap // kernel_width * settings[DILATION_HEIGHT]
    column = place % out_width * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
    column += tap % kernel_width * settings[DILATION_WIDTH]
    if row < 0 or row >= settings[HEIGHT] or column < 0 or column >= settings[WIDTH]:
        return -1
    return ((sample * settings[HEIGHT] + row) * settings[WIDTH] + column) * settings[CHANNELS]


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n_filters, groups = settings[FILTERS], settings[GROUPS]
    depth, width = settings[CHANNELS] // groups, n_filters // groups
    n_taps = settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH]
    n_weights, zero = n_taps * depth * n_filters, x.dtype.type(0)
    x, y = flat(x), flat(y)
    for p in range(y.size // n_filters):
        out = p * n_filters
        for f in range(n_filters):
            y[out + f] = theta[n_weights + f] if theta.size > n_weights else zero
        for tap in range(n_taps):
            source = source_of(settings, p, tap)
            if source < 0:
                continue
            if depth == 1 and width == 1:
                add_products(x, source, theta, tap * n_filters, y, out, n_filters)
                continue
            for c in range(settings[CHANNELS]):
                first, value = c // depth * width, x[source + c]
                weight = (tap * depth + c % depth) * n_filters
                add_multiple(theta, weight + first, value, y, out + first, width)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n_filters, groups = settings[FILTERS], settings[GROUPS]
    depth, width = settings[CHANNELS] // groups, n_filters // groups
    n_taps, zero = settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH], dx.dtype.type(0)
    dy, dx = flat(dy), flat(dx)
    for i in range(dx.size):
        dx[i] = zero
    for p in range(dy.size // n_filters):
        out = p * n_filters
        for tap in range(n_taps):
            source = source_of(settings, p, tap)
            if source < 0:
                continue
            if depth == 1 and width == 1:
                add_products(dy, out, theta, tap * n_filters, dx, source, n_filters)
                continue
            for c in range(settings[CHANNELS]):
                first, total = c // depth * width, zero
                weight = (tap * depth + c % depth) * n_filters
                part, weights = vector(dy, out + first, width), vector(theta, weight + first, width)
                for f in range(width):
                    total += part[f] * weights[f]
                dx[source + c] += total


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n_filters, groups = settings[FILTERS], settings[GROUPS]
    depth, width = settings[CHANNELS] // groups, n_filters // groups
    k = settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH] * depth
    for i in range(dtheta.size):
        dtheta[i] = 0
    places = dy.size // n_filters
    x, dy = flat(x), flat(dy)
    end = min(last, k)
    for p in range(places if first < end else 0):
        for tap in range(first // depth, (end + depth - 1) // depth):
            source = source_of(settings, p, tap)
            if source < 0:
                continue
            if depth == 1 and width == 1:
                add_products(x, source, dy, p * n_filters, dtheta, (tap - first) * n_filters, n_filters)
                continue
            for row in range(max(first, tap * depth), min(end, (tap + 1) * depth)):
                for group in range(groups):
                    value = x[source + group * depth + row - tap * depth]
                    place = group * width
                    add_multiple(dy, p * n_filters + place, value, dtheta, (row - first) * n_filters + place, width)
    if last > k:
        sum_of_runs(dy, places, n_filters, vector(dtheta, (k - first) * n_filters, n_filters))


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    n_filters, groups = settings["filters"], settings["groups"]
    places = settings["kernel_height"] * settings["kernel_width"]
    k = places * settings["channels"] // groups
    weight = Block("weight", k, n_filters, is_weight=True, fans=(k, places * n_filters // groups))
    return (weight, Block("bias", 1, n_filters)) if settings["bias"] else (weight,)


register(
    LayerRow(
        "grouped_convolution", forward, backward_input, backward_parameters,
        n_out=filtered_size, parameters=_parameters, n_uses=uses_of_filters,
        settings=(*WINDOW_SETTINGS, "filters", "bias", "groups"),
    )
)  # fmt: skip

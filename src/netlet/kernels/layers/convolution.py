"""Convolution: every output is a weighted sum of the numbers under a window that slides over a picture.

    y_p = P_p W + b        dP_p = dy_p W^T        dx = sum over all p of dP_p put back        dW = P^T dy
    db = sum_p dy_p

P_p are the numbers under the window at the place p (see `windows` and `patches`), p counted through all samples. It is
the cross-correlation that the field calls convolution: the kernel is not turned round.

| array | shape | |
|---|---|---|
| x, dx | (n, height * width * channels) | input and its gradient |
| y, dy | (n, out_height * out_width * filters) | output and its gradient |
| theta | (k * filters [+ filters],) | W, k = kernel_height * kernel_width * channels, in this order; then b or not |
| saved | (n, room * k) | room for the patches of some places: of one block, or of a thread's rows of the weight |
| derived | (k * filters,) or (0,) | W^T row by row, where BLAS computes dP faster with it than with W |

Where a window holds few numbers, loops without patches are faster (`direct_convolution`). Else the patches are made
again by each pass, for as many places as a near cache holds. The parameters are k rows of W and
one more of b; a thread that is asked for some of these rows fills only these columns of the patches.

References: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86,
1998; Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing", IWFHR 2006.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, DERIVE, FORWARD, inline, kernel
from netlet.kernels.layers.direct_convolution import is_direct, weigh_directly, weight_gradient_directly
from netlet.kernels.layers.patches import gather_patches, scatter_patches
from netlet.kernels.layers.runs import fill_run, repeat_run, sum_of_runs
from netlet.kernels.layers.windows import (
    CHANNELS,
    HEIGHT,
    KERNEL_HEIGHT,
    KERNEL_WIDTH,
    N_WINDOW_SETTINGS,
    OUT_HEIGHT,
    OUT_WIDTH,
    STRIDE_HEIGHT,
    STRIDE_WIDTH,
    WIDTH,
    WINDOW_SETTINGS,
    n_places,
)
from netlet.kernels.memory import flat, matrix, vector
from netlet.kernels.products import HAS_SMALL_KERNELS, add_dot, add_transposed_dot, dot, dot_transposed
from netlet.kernels.registry import Block, LayerRow, register

FILTERS, BIAS = N_WINDOW_SETTINGS, N_WINDOW_SETTINGS + 1  # of settings

_NUMBERS_OF_A_BLOCK = 16_384  # of patches: half of a second cache of 256 KiB, in float64
_PLACES_OF_SMALL = 64  # samples of at most half as many places are taken together
_LEAST_PLACES = (
    _PLACES_OF_SMALL // 2
)  # of a block, where there are as many: so samples that are taken together have room


@inline
def n_taps(settings):
    """Return how many numbers are under a window."""
    return settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH] * settings[CHANNELS]


@inline
def is_pointwise(settings):
    """Tell whether the patches are the input itself."""
    return (
        settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH] == 1
        and settings[OUT_HEIGHT] == settings[HEIGHT]
        and settings[OUT_WIDTH] == settings[WIDTH]
        and settings[STRIDE_HEIGHT] == 1
        and settings[STRIDE_WIDTH] == 1
    )


@inline
def samples_together(places, n):
    """Return how many samples make one block: several where each has few places."""
    return max(1, min(n, _PLACES_OF_SMALL // max(places, 1)))


@inline
def places_together(places, room, samples):
    """Return how many places make one block: those of all samples that are taken together, or as `saved` has room."""
    return places * samples if samples > 1 else min(places, room)


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    k, n_filters, n = n_taps(settings), settings[FILTERS], x.shape[0]
    weight, places = matrix(theta, 0, k, n_filters), settings[OUT_HEIGHT] * settings[OUT_WIDTH]
    pointwise = is_pointwise(settings)
    if is_direct(settings, n_filters) and not pointwise:
        weigh_directly(flat(x), theta, settings, n, n_filters, flat(y))
        return
    samples = samples_together(places, n)
    block = places_together(places, places if pointwise else saved.shape[1] // k, samples)
    for sample in range(0, n, samples):
        end = min(sample + samples, n) * places
        for start in range(sample * places, end, block):
            count = min(block, end - start)
            y_block = matrix(y, start * n_filters, count, n_filters)
            patches = matrix(x, start * k, count, k) if pointwise else matrix(saved, 0, count, k)
            if not pointwise:
                gather_patches(x, settings, start, 0, k, patches)
            if theta.size > k * n_filters:
                repeat_run(flat(theta), k * n_filters, flat(y_block), count, n_filters)
                add_dot(patches, weight, y_block)
            else:
                dot(patches, weight, y_block)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    k, n_filters, n = n_taps(settings), settings[FILTERS], dx.shape[0]
    places = settings[OUT_HEIGHT] * settings[OUT_WIDTH]
    pointwise = is_pointwise(settings)
    samples = samples_together(places, n)
    block = places_together(places, places if pointwise else saved.shape[1] // k, samples)
    if not pointwise:
        fill_run(dx.dtype.type(0), flat(dx), 0, dx.size)
    for sample in range(0, n, samples):
        end = min(sample + samples, n) * places
        for start in range(sample * places, end, block):
            count = min(block, end - start)
            dy_block = matrix(dy, start * n_filters, count, n_filters)
            patches = matrix(dx, start * k, count, k) if pointwise else matrix(saved, 0, count, k)
            if derived.size > 0:
                dot(dy_block, matrix(derived, 0, n_filters, k), patches)
            else:
                dot_transposed(dy_block, matrix(theta, 0, k, n_filters), patches)
            if not pointwise:
                scatter_patches(patches, settings, start, dx)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    k, n_filters, n = n_taps(settings), settings[FILTERS], x.shape[0]
    places = settings[OUT_HEIGHT] * settings[OUT_WIDTH]
    columns = min(last, k) - first
    for i in range(dtheta.size):
        dtheta[i] = 0
    pointwise = is_pointwise(settings)
    if columns > 0 and is_direct(settings, n_filters) and not pointwise:
        weight_gradient_directly(flat(x), flat(dy), settings, n, n_filters, first, first + columns, dtheta)
    elif columns > 0:
        dweight = matrix(dtheta, 0, columns, n_filters)
        samples = samples_together(places, n)
        block = places_together(places, places if pointwise else saved.shape[1] // k, samples)
        for sample in range(0, n, samples):
            end = min(sample + samples, n) * places
            for start in range(sample * places, end, block):
                count = min(block, end - start)
                dy_block = matrix(dy, start * n_filters, count, n_filters)
                if pointwise:
                    add_transposed_dot(matrix(x, start * k, count, k), first, dy_block, dweight)
                else:
                    # Threads that have other rows of the weight use other parts of the room.
                    patches = matrix(saved, block * first, count, columns)
                    gather_patches(x, settings, start, first, first + columns, patches)
                    add_transposed_dot(patches, 0, dy_block, dweight)
    if last > k:
        bias = vector(dtheta, (k - first) * n_filters, n_filters)
        sum_of_runs(flat(dy), n * places, n_filters, flat(bias))


@kernel(DERIVE)
def derive(theta, settings, factors, first, last, derived):
    k, n_filters = n_taps(settings), settings[FILTERS]
    weight, weight_transposed = matrix(theta, 0, k, n_filters), matrix(derived, 0, n_filters, k)
    for j in range(n_filters):
        for i in range(first, min(last, k)):
            weight_transposed[j, i] = weight[i, j]


def taps_of(settings: Mapping[str, int]) -> int:
    """Return how many numbers are under a window, of all channels."""
    return settings["kernel_height"] * settings["kernel_width"] * settings["channels"]


def _room(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    k = taps_of(settings)
    if k == settings["channels"] and n_in == n_places(settings) * k:  # the patches are the input itself
        return 0
    return min(n_places(settings), max(_NUMBERS_OF_A_BLOCK // k, _LEAST_PLACES)) * k


def _size_of_transposed(n_in: int, n_out: int, batch_size: int, settings: Mapping[str, int]) -> int:
    """Return the size of W^T where it pays: OpenBLAS's small kernels are slow at ``dy W^T`` (see `dense`)."""
    return taps_of(settings) * settings["filters"] if HAS_SMALL_KERNELS and settings["filters"] <= 128 else 0


def filtered_size(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    """Return the size of an output with a number for each filter at each place."""
    return n_places(settings) * settings["filters"]


def uses_of_filters(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    """Return how often a sample's forward pass multiplies by a weight: once at each place."""
    return n_places(settings)


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    n_filters, k = settings["filters"], taps_of(settings)
    fans = k, settings["kernel_height"] * settings["kernel_width"] * n_filters
    weight = Block("weight", k, n_filters, is_weight=True, fans=fans)
    return (weight, Block("bias", 1, n_filters)) if settings["bias"] else (weight,)


register(
    LayerRow(
        "convolution", forward, backward_input, backward_parameters,
        derive=derive, n_out=filtered_size, parameters=_parameters, n_saved=_room, n_derived=_size_of_transposed,
        n_uses=uses_of_filters, settings=(*WINDOW_SETTINGS, "filters", "bias"),
    )
)  # fmt: skip

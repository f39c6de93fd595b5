"""Patches: the numbers under each place of a sliding window as the rows of a matrix, and back.

    patches[p, (i kernel_width + j) channels + c] = x at window p's place (i, j), channel c; 0 in the padding

Row p belongs to the output place p, counted through all samples. `scatter_patches` is the transpose: it adds every
number of such a matrix to the place that it would have been read from. A convolution is a product of patches with the
weight ("im2col").

Where the columns of a kernel's row lie side by side in the picture, they are copied in one run; where such a run is
short, a column of the patches is filled at a time instead, along a row of the picture.

Reference: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing", IWFHR
2006.
"""

from netlet.kernels.compiling import inline
from netlet.kernels.layers.runs import add_run, copy_run, fill_run
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
from netlet.kernels.memory import distinct

_SHORT_RUN = 8


@inline
def gather_patches(x, settings, start, first, last, patches):
    """Set `patches` (n, last - first) to columns `first` to `last` of the patches of places `start` to ``start + n``.

    `x` is flat: the pictures of a batch, one after another.
    """
    if run_of(settings) < _SHORT_RUN:
        gather_columns(x, settings, start, first, last, patches)
    else:
        gather_runs(distinct(x), settings, start, first, last, patches.shape[0], distinct(patches))


@inline
def scatter_patches(patches, settings, start, dx):
    """Add the patches (n, k) of places `start` to ``start + n`` to `dx`, flat: the pictures of a batch."""
    if run_of(settings) < _SHORT_RUN:
        scatter_columns(patches, settings, start, dx)
    else:
        scatter_runs(distinct(patches), patches.shape[0], settings, start, distinct(dx))


@inline
def run_of(settings):
    """Return how many numbers of a patch lie side by side in the picture."""
    return settings[CHANNELS] * (settings[KERNEL_WIDTH] if settings[DILATION_WIDTH] == 1 else 1)


@inline
def gather_runs(x, settings, start, first, last, n, patches):
    """Gather place by place, a run of numbers at a time."""
    height, width, channels, out_width = settings[HEIGHT], settings[WIDTH], settings[CHANNELS], settings[OUT_WIDTH]
    run, n_places = run_of(settings), settings[OUT_HEIGHT] * out_width
    runs_of_row = settings[KERNEL_WIDTH] * channels // run
    zero, n_columns = x.dtype.type(0), last - first
    for p in range(n):
        sample, place = (start + p) // n_places, (start + p) % n_places
        top = place // out_width * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
        left = place % out_width * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
        for piece in range(first // run, (last + run - 1) // run):
            row = top + piece // runs_of_row * settings[DILATION_HEIGHT]
            column = left + piece % runs_of_row * settings[DILATION_WIDTH]
            # Of the columns k of the patches, those from `begin` to `end` lie within the picture.
            offset = piece * run
            begin, end = max(first, offset), min(last, offset + run)
            inside = min(max(begin, offset - column * channels), end)
            outside = max(min(end, offset + (width - column) * channels), inside)
            if row < 0 or row >= height:
                inside = outside = end
            source = ((sample * height + row) * width + column) * channels - offset
            target = p * n_columns - first
            fill_run(zero, patches, target + begin, inside - begin)
            copy_run(x, source + inside, patches, target + inside, outside - inside)
            fill_run(zero, patches, target + outside, end - outside)


@inline
def scatter_runs(patches, n, settings, start, dx):
    """Scatter place by place, a run of numbers at a time."""
    height, width, channels, out_width = settings[HEIGHT], settings[WIDTH], settings[CHANNELS], settings[OUT_WIDTH]
    run, n_places = run_of(settings), settings[OUT_HEIGHT] * out_width
    runs_of_row = settings[KERNEL_WIDTH] * channels // run
    n_columns = settings[KERNEL_HEIGHT] * settings[KERNEL_WIDTH] * channels
    for p in range(n):
        sample, place = (start + p) // n_places, (start + p) % n_places
        top = place // out_width * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
        left = place % out_width * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
        for piece in range(n_columns // run):
            row = top + piece // runs_of_row * settings[DILATION_HEIGHT]
            column = left + piece % runs_of_row * settings[DILATION_WIDTH]
            if 0 <= row < height:
                source = ((sample * height + row) * width + column) * channels
                begin = max(0, -column * channels)
                end = max(min(run, (width - column) * channels), begin)
                add_run(patches, p * n_columns + piece * run + begin, dx, source + begin, end - begin)


@inline
def gather_columns(x, settings, start, first, last, patches):
    """Gather column by column of the patches, a row of the output at a time."""
    height, width, channels, out_width = settings[HEIGHT], settings[WIDTH], settings[CHANNELS], settings[OUT_WIDTH]
    n_places, stride, zero = settings[OUT_HEIGHT] * out_width, settings[STRIDE_WIDTH], x.dtype.type(0)
    p = 0
    while p < patches.shape[0]:
        sample, place = (start + p) // n_places, (start + p) % n_places
        r, q = place // out_width, place % out_width
        count = min(out_width - q, patches.shape[0] - p)
        for k in range(first, last):
            tap, channel = k // channels, k % channels
            row = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            row += tap // settings[KERNEL_WIDTH] * settings[DILATION_HEIGHT]
            column = q * stride - settings[PAD_LEFT] + tap % settings[KERNEL_WIDTH] * settings[DILATION_WIDTH]
            inside = min(first_inside(column, stride), count)
            outside = max(end_inside(column, stride, count, width), inside)
            if row < 0 or row >= height:
                inside = outside = count
            source, step = ((sample * height + row) * width + column) * channels + channel, stride * channels
            for each in range(inside):
                patches[p + each, k - first] = zero
            for each in range(inside, outside):
                patches[p + each, k - first] = x[source + each * step]
            for each in range(outside, count):
                patches[p + each, k - first] = zero
        p += count


@inline
def scatter_columns(patches, settings, start, dx):
    """Scatter column by column of the patches, a row of the output at a time."""
    height, width, channels, out_width = settings[HEIGHT], settings[WIDTH], settings[CHANNELS], settings[OUT_WIDTH]
    n_places, stride = settings[OUT_HEIGHT] * out_width, settings[STRIDE_WIDTH]
    p = 0
    while p < patches.shape[0]:
        sample, place = (start + p) // n_places, (start + p) % n_places
        r, q = place // out_width, place % out_width
        count = min(out_width - q, patches.shape[0] - p)
        for k in range(patches.shape[1]):
            tap, channel = k // channels, k % channels
            row = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            row += tap // settings[KERNEL_WIDTH] * settings[DILATION_HEIGHT]
            column = q * stride - settings[PAD_LEFT] + tap % settings[KERNEL_WIDTH] * settings[DILATION_WIDTH]
            if 0 <= row < height:
                source, step = ((sample * height + row) * width + column) * channels + channel, stride * channels
                for each in range(first_inside(column, stride), end_inside(column, stride, count, width)):
                    dx[source + each * step] += patches[p + each, k]
        p += count

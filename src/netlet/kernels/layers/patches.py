"""Patches: the numbers under each place of a sliding window as the rows of a matrix, and back.

    patches[p, (i kernel_width + j) channels + c] = x at window p's place (i, j), channel c; 0 in the padding

Row p belongs to the output place p, counted through all samples. `scatter_patches` is the transpose: it adds every
number of such a matrix to the place that it would have been read from. A convolution is a product of patches with the
weight ("im2col").

A row is filled piece by piece, from left to right: a piece is what lies side by side in the picture, a kernel's row, or
one of its places where it is dilated.

Reference: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing", IWFHR
2006.
"""

from netlet.kernels.compiling import inline
from netlet.kernels.layers.runs import LANES, add_run, copy_at_least, copy_run, fill_run
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
)
from netlet.kernels.memory import flat


@inline
def size_of_piece(settings):
    """Return how many numbers of a patch lie side by side in the picture."""
    return settings[CHANNELS] * (settings[KERNEL_WIDTH] if settings[DILATION_WIDTH] == 1 else 1)


@inline
def next_place(sample, r, q, settings):
    """Return the sample, the row and the column of the output that follow."""
    q += 1
    if q == settings[OUT_WIDTH]:
        q, r = 0, r + 1
        if r == settings[OUT_HEIGHT]:
            r, sample = 0, sample + 1
    return sample, r, q


@inline
def gather_patches(x, settings, start, first, last, patches):
    """Set `patches` (n, last - first) to columns `first` to `last` of the patches of places `start` to ``start + n``.

    `x` (n_samples, height * width * channels) are the pictures.
    """
    height, width, channels, out_width = settings[HEIGHT], settings[WIDTH], settings[CHANNELS], settings[OUT_WIDTH]
    n, n_columns = patches.shape[0], last - first
    x, patches = flat(x), flat(patches)
    piece = size_of_piece(settings)
    size_of_row = settings[KERNEL_WIDTH] * channels
    pieces_of_row = size_of_row // piece
    first_row, end_row = first // size_of_row, (last + size_of_row - 1) // size_of_row
    places = settings[OUT_HEIGHT] * out_width
    sample, r, q = start // places, start % places // out_width, start % out_width
    reach = (settings[KERNEL_HEIGHT] - 1) * settings[DILATION_HEIGHT] + 1
    reach_across = (settings[KERNEL_WIDTH] - 1) * settings[DILATION_WIDTH] + 1
    step, step_across = settings[DILATION_HEIGHT] * width * channels, settings[DILATION_WIDTH] * channels
    for p in range(n):
        top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
        left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
        target = p * n_columns - first
        is_inside = top >= 0 and left >= 0 and top + reach <= height and left + reach_across <= width
        source = ((sample * height + top) * width + left) * channels
        # What a copy spoils beyond its end is written after it, and read from within the pictures.
        if is_inside and p < n - LANES and source + reach * width * channels + LANES <= x.size:
            for i in range(first_row, end_row):
                for j in range(pieces_of_row):
                    offset = i * size_of_row + j * piece
                    begin, end = max(first, offset), min(last, offset + piece)
                    place = source + i * step + j * step_across + begin - offset
                    copy_at_least(x, place, patches, target + begin, end - begin)
        else:
            gather_patch(x, source, top, left, settings, first, last, patches, target)
        sample, r, q = next_place(sample, r, q, settings)


@inline
def gather_patch(x, source, top, left, settings, first, last, patches, target):
    """Set columns `first` to `last` of one patch, parts of which may be padding.

    `source` is where the place (top, left) of the picture would lie in `x`, `target` where column 0 would in `patches`.
    """
    width, channels, zero = settings[WIDTH], settings[CHANNELS], x.dtype.type(0)
    piece = size_of_piece(settings)
    pieces_of_row = settings[KERNEL_WIDTH] * channels // piece
    for each in range(first // piece, (last + piece - 1) // piece):
        i, j = each // pieces_of_row, each % pieces_of_row
        row, column = top + i * settings[DILATION_HEIGHT], left + j * settings[DILATION_WIDTH]
        # Of the columns of the patches, those from `inside` to `outside` lie within the picture.
        offset = each * piece
        begin, end = max(first, offset), min(last, offset + piece)
        inside = min(max(begin, offset - column * channels), end)
        outside = max(min(end, offset + (width - column) * channels), inside)
        if row < 0 or row >= settings[HEIGHT]:
            inside = outside = end
        place = source + ((row - top) * width + column - left) * channels - offset
        fill_run(zero, patches, target + begin, inside - begin)
        copy_run(x, place + inside, patches, target + inside, outside - inside)
        fill_run(zero, patches, target + outside, end - outside)


@inline
def scatter_patches(patches, settings, start, dx):
    """Add the patches (n, k) of places `start` to ``start + n`` to `dx` (n_samples, height * width * channels)."""
    height, width, channels, out_width = settings[HEIGHT], settings[WIDTH], settings[CHANNELS], settings[OUT_WIDTH]
    n, n_columns = patches.shape
    patches, dx = flat(patches), flat(dx)
    piece = size_of_piece(settings)
    pieces_of_row = settings[KERNEL_WIDTH] * channels // piece
    places = settings[OUT_HEIGHT] * out_width
    sample, r, q = start // places, start % places // out_width, start % out_width
    for p in range(n):
        top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
        left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
        for i in range(settings[KERNEL_HEIGHT]):
            row = top + i * settings[DILATION_HEIGHT]
            if row < 0 or row >= height:
                continue
            for j in range(pieces_of_row):
                column = left + j * settings[DILATION_WIDTH]
                source = p * n_columns + (i * pieces_of_row + j) * piece
                target = ((sample * height + row) * width + column) * channels
                begin = max(0, -column * channels)
                end = max(min(piece, (width - column) * channels), begin)
                add_run(patches, source + begin, dx, target + begin, end - begin)
        sample, r, q = next_place(sample, r, q, settings)

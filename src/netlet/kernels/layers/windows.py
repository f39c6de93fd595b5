"""Windows: where a kernel that slides over pictures lies, for convolution and pooling.

A sample is a picture of `height` rows, `width` columns and `channels` numbers at each place, the channels last. The
window of the output place (r, q) holds the places

    (r stride_height - pad_top + i dilation_height, q stride_width - pad_left + j dilation_width)

for i < kernel_height and j < kernel_width; those outside the picture are padding. A sequence is a picture of one row.
What is padded at the bottom and the right follows from the output's height and width. The first settings of a layer
with windows are those named here, in this order.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import inline

(
    HEIGHT, WIDTH, CHANNELS, KERNEL_HEIGHT, KERNEL_WIDTH, STRIDE_HEIGHT, STRIDE_WIDTH, PAD_TOP, PAD_LEFT, OUT_HEIGHT,
    OUT_WIDTH, DILATION_HEIGHT, DILATION_WIDTH,
) = range(13)  # fmt: skip
N_WINDOW_SETTINGS = 13

WINDOW_SETTINGS = (
    "height", "width", "channels", "kernel_height", "kernel_width", "stride_height", "stride_width", "pad_top",
    "pad_left", "out_height", "out_width", "dilation_height", "dilation_width",
)  # fmt: skip


def n_places(settings: Mapping[str, int]) -> int:
    """Return how many places the output has."""
    return settings["out_height"] * settings["out_width"]


def pooled_size(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    """Return the size of an output with the input's channels."""
    return n_places(settings) * settings["channels"]


@inline
def first_inside(start, step):
    """Return the first i >= 0 for which ``start + i step`` is >= 0."""
    return 0 if start >= 0 else (-start + step - 1) // step


@inline
def end_inside(start, step, count, size):
    """Return the first i <= count from which on ``start + i step`` is >= size."""
    return max(min(count, (size - start + step - 1) // step), 0)

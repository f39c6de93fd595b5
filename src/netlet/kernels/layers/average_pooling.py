"""Average pooling: the mean of the numbers under each window, channel by channel.

    y_pc = sum of x at the window p's places, channel c, / m_p        dx = sum over the windows above it of dy_pc / m_p

m_p counts the places of the window that lie in the picture: padding is not averaged in, neither as a zero nor as a
place. (PyTorch counts it unless told ``count_include_pad=False``; TensorFlow does not.)

Shapes: x, dx are (n, height * width * channels), y, dy are (n, out_height * out_width * channels). Windows (see
`windows`) hold at least one place of the picture.

Reference: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86,
1998.
"""

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.layers.runs import add_multiple, add_run, fill_run
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


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across = settings[DILATION_HEIGHT], settings[DILATION_WIDTH]
    n, zero, one = x.shape[0], x.dtype.type(0), x.dtype.type(1)
    x, y = flat(x), flat(y)
    place = 0
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, across), end_inside(left, across, settings[KERNEL_WIDTH], width)
                fill_run(zero, y, place, channels)
                for i in range(above, below):
                    for j in range(begin, end):
                        source = ((sample * height + top + i * down) * width + left + j * across) * channels
                        add_run(x, source, y, place, channels)
                share = one / x.dtype.type((below - above) * (end - begin))
                mean = vector(y, place, channels)
                for c in range(channels):
                    mean[c] *= share
                place += channels


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    height, width, channels = settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across = settings[DILATION_HEIGHT], settings[DILATION_WIDTH]
    n, one = dx.shape[0], dx.dtype.type(1)
    dy, dx = flat(dy), flat(dx)
    for i in range(dx.size):
        dx[i] = 0
    place = 0
    for sample in range(n):
        for r in range(settings[OUT_HEIGHT]):
            top = r * settings[STRIDE_HEIGHT] - settings[PAD_TOP]
            above, below = first_inside(top, down), end_inside(top, down, settings[KERNEL_HEIGHT], height)
            for q in range(settings[OUT_WIDTH]):
                left = q * settings[STRIDE_WIDTH] - settings[PAD_LEFT]
                begin, end = first_inside(left, across), end_inside(left, across, settings[KERNEL_WIDTH], width)
                share = one / dx.dtype.type((below - above) * (end - begin))
                for i in range(above, below):
                    for j in range(begin, end):
                        source = ((sample * height + top + i * down) * width + left + j * across) * channels
                        add_multiple(dy, place, share, dx, source, channels)
                place += channels


register(LayerRow("average_pooling", forward, backward_input, n_out=pooled_size, settings=WINDOW_SETTINGS))

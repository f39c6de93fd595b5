"""Nearest upsampling: every place of a picture is repeated, a factor of times along each axis.

    y_rqc = x at (r // factor_height, q // factor_width, c)        dx = sum of the dy that repeat x

Shapes: x, dx are (n, height * width * channels); y, dy are (n, height * factor_height * width * factor_width *
channels).

Reference: Odena, Dumoulin, Olah, "Deconvolution and checkerboard artifacts", Distill, 2016.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, kernel
from netlet.kernels.layers.runs import add_run, copy_run
from netlet.kernels.memory import flat
from netlet.kernels.registry import LayerRow, register

HEIGHT, WIDTH, CHANNELS, FACTOR_HEIGHT, FACTOR_WIDTH = range(5)  # of settings


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    rows, width, channels = x.shape[0] * settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across = settings[FACTOR_HEIGHT], settings[FACTOR_WIDTH]
    x, y = flat(x), flat(y)
    for r in range(rows * down):
        for q in range(width * across):
            target, source = (r * width * across + q) * channels, (r // down * width + q // across) * channels
            copy_run(x, source, y, target, channels)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    rows, width, channels = dx.shape[0] * settings[HEIGHT], settings[WIDTH], settings[CHANNELS]
    down, across = settings[FACTOR_HEIGHT], settings[FACTOR_WIDTH]
    dy, dx = flat(dy), flat(dx)
    for i in range(dx.size):
        dx[i] = 0
    for r in range(rows * down):
        for q in range(width * across):
            source, target = (r * width * across + q) * channels, (r // down * width + q // across) * channels
            add_run(dy, source, dx, target, channels)


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] * settings["factor_height"] * settings["factor_width"]


register(
    LayerRow(
        "upsampling", forward, backward_input, n_out=_n_out,
        settings=("height", "width", "channels", "factor_height", "factor_width"),
    )
)  # fmt: skip

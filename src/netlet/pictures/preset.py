"""The network for pictures of a size: blocks of convolution and pooling, then a small dense layer."""

from __future__ import annotations

from netlet.graph.convolution import Conv2D
from netlet.graph.layers import Dense, Dropout
from netlet.graph.pooling import MaxPool2D
from netlet.graph.shaping import Flatten, Input
from netlet.graph.specification import Layer

# Filters of each block. Multiples of 8 fill vector registers, and the first block's loops need no patches.
_FILTERS = (16, 32, 64, 64, 96, 96, 128, 128)
_SMALLEST = 4  # a side shorter than this is not halved
_UNITS = 128
_DROPOUT = 0.3
_WINDOW = 3


def preset(shape: tuple[int, ...], n_outputs: int) -> list[Layer]:
    """Return the layers from `Input` to ``Dense(n_outputs)`` for pictures of a shape (height, width, channels).

    As long as a side has 4 places or more, a block of a 3 x 3 convolution and max pooling halves it; a side that is
    shorter keeps its size. So there are three blocks for 28 x 28 and one for 4 x 4; pictures of fewer places have a
    convolution whose windows lie partly outside.
    """
    height, width, _ = shape
    layers: list[Layer] = [Input(shape)]
    for filters in _FILTERS:
        halves = tuple(2 if side >= _SMALLEST else 1 for side in (height, width))
        window = tuple(min(_WINDOW, side) for side in (height, width))
        layers.append(Conv2D(filters, (window[0], window[1]), padding="same", activation="relu"))
        if max(halves) == 1:
            break
        layers.append(MaxPool2D((halves[0], halves[1])))
        height, width = height // halves[0], width // halves[1]
        if max(height, width) < _SMALLEST:
            break
    layers += [Flatten(), Dropout(_DROPOUT), Dense(_UNITS, activation="relu"), Dropout(_DROPOUT), Dense(n_outputs)]
    return layers

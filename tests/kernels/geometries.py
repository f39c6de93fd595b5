"""Geometries of windows for the tests: pictures, kernels, strides, paddings, dilations, groups and filters."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calls import LayerCall

from netlet.graph.windows import window_settings
from netlet.kernels.registry import layers


@dataclass(frozen=True)
class Geometry:
    shape: tuple[int, int, int]
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    padding: object = "valid"
    dilation: tuple[int, int] = (1, 1)
    filters: int = 3
    groups: int = 1

    @property
    def settings(self):
        found = window_settings("layer", self.shape, self.kernel, self.stride, self.padding, self.dilation)
        return found | {"filters": self.filters, "groups": self.groups}

    def call(self, row, **given):
        return LayerCall(layers[row], n_in=math.prod(self.shape), **({"n": 3} | given), **self.settings)


# By what is particular about them. Up to 16 numbers under a window and whole lanes of filters need no patches; few
# places are taken together, many are cut into blocks.
CONVOLUTIONS = {
    "plain": Geometry((7, 6, 4), filters=5),
    "as large as the input": Geometry((4, 5, 2), (4, 5)),
    "1x1": Geometry((5, 4, 3), (1, 1), filters=4),
    "1x1 with a stride": Geometry((5, 4, 3), (1, 1), (2, 2)),
    "1x1 with padding": Geometry((3, 2, 3), (1, 1), padding=((1, 0), (0, 2))),
    "stride beyond the kernel": Geometry((9, 8, 2), (2, 1), (4, 3)),
    "same": Geometry((5, 6, 3), (3, 2), padding="same"),
    "same with a stride": Geometry((6, 7, 3), (4, 3), (2, 3), "same"),
    "explicit": Geometry((4, 3, 2), (3, 2), padding=((2, 0), (1, 3))),
    "padded beyond the kernel": Geometry((2, 2, 2), (2, 2), padding=((5, 3), (3, 4))),
    "dilated": Geometry((9, 8, 5), (3, 3), dilation=(2, 3)),
    "dilated and padded": Geometry((6, 5, 9), (3, 2), (2, 1), ((2, 3), (2, 2)), (2, 3)),
    "long pieces": Geometry((5, 6, 9), (2, 3), padding="same", filters=8),
    "many places": Geometry((12, 11, 2), (3, 3), padding="same", filters=2),
    "blocks of places": Geometry((10, 9, 70), (5, 5), padding="same", filters=2),
    "a sequence": Geometry((1, 11, 4), (1, 3), (1, 2), ((0, 0), (2, 0)), (1, 2)),
    "direct": Geometry((6, 5, 1), filters=8),
    "direct, four places at a time": Geometry((4, 14, 1), (3, 4), (1, 1), "same", filters=8),
    "direct, four with a stride": Geometry((4, 19, 2), (2, 4), (2, 2), filters=16),
    "direct, two lanes, padded": Geometry((5, 6, 2), (2, 3), (1, 2), "same", filters=16),
    "direct, dilated down": Geometry((7, 4, 1), (3, 2), (2, 1), ((3, 0), (1, 2)), (3, 1), filters=8),
    "direct beyond the picture": Geometry((1, 2, 1), (2, 2), (1, 1), ((3, 3), (4, 3)), filters=8),
}
GROUPED = {
    "depthwise": Geometry((5, 6, 3), (3, 2), (1, 2), "same", filters=3, groups=3),
    "depthwise, lanes": Geometry((4, 4, 11), (3, 3), (1, 1), "same", filters=11, groups=11),
    "depthwise, multiplied": Geometry((4, 5, 2), (2, 2), filters=6, groups=2),
    "two groups": Geometry((5, 4, 6), (3, 3), (2, 1), ((1, 2), (0, 1)), filters=4, groups=2),
    "two groups, dilated": Geometry((6, 6, 4), (2, 3), (1, 1), "same", (3, 2), filters=18, groups=2),
    "one filter a group": Geometry((4, 4, 6), (2, 2), filters=3, groups=3),
}
POOLS = {
    "halves": Geometry((6, 8, 3), (2, 2), (2, 2)),
    "halves of odd sizes": Geometry((5, 7, 9), (2, 2), (2, 2)),
    "halves, padded above": Geometry((5, 6, 8), (2, 2), (2, 2), ((1, 0), (1, 1))),
    "halves, apart": Geometry((8, 7, 17), (2, 2), (3, 2), "same"),
    "halves, overlapping": Geometry((4, 5, 8), (2, 2), (1, 2)),
    "overlapping": Geometry((7, 6, 2), (3, 3), (2, 1)),
    "overlapping and padded": Geometry((7, 6, 8), (3, 3), (2, 2), ((1, 1), (1, 1))),
    "same": Geometry((5, 6, 2), (3, 4), (2, 3), "same"),
    "unevenly padded": Geometry((4, 4, 1), (3, 3), (2, 2), ((2, 0), (0, 2))),
    "whole": Geometry((4, 3, 17), (4, 3), (4, 3)),
    "1x1": Geometry((3, 3, 2), (1, 1)),
    "stride beyond the kernel": Geometry((8, 7, 2), (2, 2), (3, 4)),
    "a sequence": Geometry((1, 9, 3), (1, 3), (1, 2)),
}
CASES = (
    [("convolution", name, geometry) for name, geometry in CONVOLUTIONS.items()]
    + [("grouped_convolution", name, geometry) for name, geometry in GROUPED.items()]
    + [(row, name, geometry) for row in ("max_pooling", "average_pooling") for name, geometry in POOLS.items()]
)
NAMES = [f"{row}, {name}" for row, name, _ in CASES]

"""Augmentation: a layer that changes pictures by chance while a network learns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from netlet.errors import unknown_name
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.specification import Layer, check_real
from netlet.graph.windows import check_axes_read
from netlet.kernels.layers.augment import FLIP_HORIZONTAL, FLIP_VERTICAL

_FLIPS = {
    None: 0, "vertical": FLIP_VERTICAL, "horizontal": FLIP_HORIZONTAL, "both": FLIP_VERTICAL + FLIP_HORIZONTAL
}  # fmt: skip
_FILLS = ("edge", "zeros")


@dataclass(frozen=True)
class Augment(Layer):
    """While training, move, turn, enlarge, flip and brighten each picture by chance; in prediction, change nothing.

    Parameters
    ----------
    shift : float, 0 <= shift < 1, default 0.0
        The most by which a picture is moved up or down, and left or right, as a share of its height and of its width:
        ``2 / 28`` is two pixels of 28.
    rotation : float, 0 <= rotation <= 180, default 0.0
        The most by which it is turned, in degrees, to either side.
    zoom : float, 0 <= zoom < 1, default 0.0
        It is enlarged by a factor from ``1 - zoom`` to ``1 + zoom``. With `shift`, which moves what is then cut off,
        this is a random crop.
    flip : {None, "horizontal", "vertical", "both"}, default None
        Half of the pictures are flipped: left to right ("horizontal"), upside down ("vertical"), or either by a chance
        of its own ("both"). Not for digits and letters.
    brightness : float, >= 0, default 0.0
        The most that is added to, or taken from, all numbers of a picture, in the numbers' own unit.
    fill : {"edge", "zeros"}, default "edge"
        What lies outside of the picture: the nearest place of its edge, or 0.

    Raises
    ------
    ValueError
        If a parameter is none of these; where it is built, if it does not read a picture.

    Notes
    -----
    Every picture of every batch is drawn anew, from the network's seed, whatever the number of threads. Places between
    pixels are interpolated bilinearly. Simard, Steinkraus, Platt, "Best practices for convolutional neural networks
    applied to visual document analysis", ICDAR 2003.
    """

    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    flip: str | None = None
    brightness: float = 0.0
    fill: str = "edge"

    def __post_init__(self) -> None:
        self._check("shift", 1, "it is a share of the height and the width, 0.1 is usual")
        self._check("rotation", 180, "it is in degrees, 10 is usual", takes_most=True)
        self._check("zoom", 1, "pictures are enlarged by 1 - zoom to 1 + zoom, 0.1 is usual")
        self._check("brightness", math.inf, "it is in the unit of the picture's numbers")
        if not (self.flip is None or isinstance(self.flip, str)) or self.flip not in _FLIPS:
            raise ValueError(f"flip={self.flip!r} of Augment is not None, 'horizontal', 'vertical' or 'both'")
        if self.fill not in _FILLS:
            raise ValueError(unknown_name("fill of Augment", self.fill, _FILLS))

    def _check(self, parameter: str, most: float, remedy: str, takes_most: bool = False) -> None:
        check_real(self, parameter, remedy)
        value = getattr(self, parameter)
        if not (0 <= value < most or (takes_most and value == most)):
            raise ValueError(
                f"{parameter}={value!r} of Augment is not in [0, {most}{']' if takes_most else ')'}; {remedy}"
            )

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        shape = sources[0].shape
        check_axes_read(builder.layer, shape, 2)
        settings = {
            "height": shape[0], "width": shape[1], "channels": shape[2], "flips": _FLIPS[self.flip],
            "edge": int(self.fill == "edge"),
        }  # fmt: skip
        factors = (self.shift, math.radians(self.rotation), self.zoom, self.brightness)
        return builder.add(Kernel("augment", settings, factors), sources)

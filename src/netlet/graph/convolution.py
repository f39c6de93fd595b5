"""Convolution over pictures and sequences, channels last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from netlet.graph.activations import activated, check_activation
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Initialiser, check_initialiser
from netlet.graph.specification import Layer, check_positive
from netlet.graph.windows import check_axes, check_axes_read, check_padding, out_shape, window_settings


class _Convolution(Layer):
    """What convolutions of one and of two dimensions share."""

    n_axes: ClassVar[int]
    filters: int
    kernel_size: Any
    stride: Any
    padding: Any
    dilation: Any
    groups: int
    activation: str | Layer
    bias: bool
    initialiser: str | Initialiser

    def __post_init__(self) -> None:
        check_positive(self, "filters", "give the number of channels of the output")
        check_axes(self, "kernel_size", self.n_axes, "3 is usual")
        check_axes(self, "stride", self.n_axes, "1 is usual, 2 halves the size")
        check_padding(self, self.n_axes)
        check_axes(self, "dilation", self.n_axes, "1 leaves no gaps")
        check_positive(self, "groups", "1 is usual")
        if self.filters % self.groups:
            raise ValueError(
                f"groups={self.groups} of {type(self).__name__} does not divide filters={self.filters}; "
                "each group has as many filters"
            )
        check_activation(self.activation)
        check_initialiser(self.initialiser)
        object.__setattr__(self, "bias", bool(self.bias))

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        shape = sources[0].shape
        check_axes_read(builder.layer, shape, self.n_axes)
        if shape[-1] % self.groups:
            raise ValueError(
                f"groups={self.groups} of {builder.layer} does not divide the {shape[-1]} channels that it reads; "
                f"use a divisor, {shape[-1]} for a depthwise convolution"
            )
        settings = window_settings(builder.layer, shape, self.kernel_size, self.stride, self.padding, self.dilation)
        settings |= {"filters": self.filters, "bias": int(self.bias)}
        name = "convolution"
        if self.groups > 1:
            name = "grouped_convolution"
            settings["groups"] = self.groups
        kernel = Kernel(name, settings, initialisers={"weight": self.initialiser})
        value = builder.add(kernel, sources, out_shape(settings, self.n_axes, self.filters))
        return activated(builder, value, self.activation)


@dataclass(frozen=True)
class Conv2D(_Convolution):
    """Slide filters over a picture: it reads (height, width, channels) and gives (height, width, filters).

    Parameters
    ----------
    filters : int, >= 1
        Channels of the output.
    kernel_size : int or (int, int), >= 1
        Height and width of the window.
    stride : int or (int, int), >= 1, default 1
        How far apart windows are.
    padding : {"valid", "same"}, int, or (int or (before, after), int or (before, after)), default "valid"
        Zeros around the picture: none ("valid"), so many that the size is ``ceil(size / stride)`` ("same", an odd one
        below or at the right), or as many as are given, for the height and for the width.
    dilation : int or (int, int), >= 1, default 1
        How far apart the places under a window are.
    groups : int, >= 1, default 1
        Into how many groups channels and filters are divided, in their order; a filter sees the channels of its group.
        As many as the input has channels is a depthwise convolution.
    activation : str or layer, default "identity"
        As of `Dense`.
    bias : bool, default True
    initialiser : str or Initialiser, default "auto"
        As of `Dense`. An output is computed from ``height * width * channels / groups`` numbers under the window, and
        an input goes to ``height * width * filters / groups`` outputs (at a stride of 1); PyTorch and Keras leave out
        the division of the latter.

    Raises
    ------
    ValueError
        If a parameter is none of these; where it is built, if the window is larger than the picture with its padding,
        or the groups do not divide the channels.

    Notes
    -----
    The weight is a matrix with a row for each number under the window, by height, width and channel, and a column for
    each filter. LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
    """

    filters: int
    kernel_size: int | tuple[int, int]
    stride: int | tuple[int, int] = 1
    padding: str | int | tuple[Any, ...] = "valid"
    dilation: int | tuple[int, int] = 1
    groups: int = 1
    activation: str | Layer = "identity"
    bias: bool = True
    initialiser: str | Initialiser = "auto"
    n_axes: ClassVar[int] = 2


@dataclass(frozen=True)
class Conv1D(_Convolution):
    """Slide filters over a sequence: it reads (time, features) and gives (time, filters).

    Parameters
    ----------
    filters : int, >= 1
        Features of the output.
    kernel_size : int, >= 1
        Moments under the window.
    stride : int, >= 1, default 1
    padding : {"valid", "same"}, int or (before, after), default "valid"
        ``(kernel_size - 1, 0)`` is a causal convolution: no output sees later moments (times the dilation, if any).
    dilation : int, >= 1, default 1
    groups : int, >= 1, default 1
    activation : str or layer, default "identity"
    bias : bool, default True
    initialiser : str or Initialiser, default "auto"
        All as of `Conv2D`.

    Raises
    ------
    ValueError
        As of `Conv2D`.
    """

    filters: int
    kernel_size: int
    stride: int = 1
    padding: str | int | tuple[Any, ...] = "valid"
    dilation: int = 1
    groups: int = 1
    activation: str | Layer = "identity"
    bias: bool = True
    initialiser: str | Initialiser = "auto"
    n_axes: ClassVar[int] = 1

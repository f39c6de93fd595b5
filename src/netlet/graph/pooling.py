"""Layers that make pictures and sequences smaller, channel by channel, and one that makes them larger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.specification import Layer
from netlet.graph.windows import check_axes, check_axes_read, check_padding, out_shape, window_settings


class _Pool(Layer):
    """What pooling layers share: a window whose stride is its size unless told otherwise."""

    n_axes: ClassVar[int]
    row: ClassVar[str]
    kernel_size: Any
    stride: Any
    padding: Any

    def __post_init__(self) -> None:
        check_axes(self, "kernel_size", self.n_axes, "2 is usual")
        if self.stride is not None:
            check_axes(self, "stride", self.n_axes, "None, the kernel's size, is usual")
        check_padding(self, self.n_axes)
        if not isinstance(self.padding, str):
            sizes = (self.kernel_size,) if self.n_axes == 1 else self.kernel_size
            for size, pair in zip(sizes, self.padding, strict=True):
                if max(pair) >= size:
                    raise ValueError(
                        f"padding={self.padding} of {type(self).__name__} is not smaller than "
                        f"kernel_size={self.kernel_size}; a window must hold at least one number"
                    )

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        shape = sources[0].shape
        check_axes_read(builder.layer, shape, self.n_axes)
        stride = self.kernel_size if self.stride is None else self.stride
        settings = window_settings(builder.layer, shape, self.kernel_size, stride, self.padding)
        return builder.add(Kernel(self.row, settings), sources, out_shape(settings, self.n_axes, shape[-1]))


@dataclass(frozen=True)
class MaxPool2D(_Pool):
    """The largest number under each window of a picture (height, width, channels), channel by channel.

    Parameters
    ----------
    kernel_size : int or (int, int), >= 1, default 2
        Height and width of the window.
    stride : int or (int, int), >= 1, or None, default None
        How far apart windows are; None: as far as the window is large. A smaller one lets windows overlap.
    padding : {"valid", "same"}, int, or (int or (before, after), int or (before, after)), default "valid"
        As of `Conv2D`, but smaller than the window. It is never the maximum.

    Notes
    -----
    Of several maxima the first, row by row, gets the gradient. What does not fill a window at the right and at the
    bottom is left out, unless padding makes it one.
    """

    kernel_size: int | tuple[int, int] = 2
    stride: int | tuple[int, int] | None = None
    padding: str | int | tuple[Any, ...] = "valid"
    n_axes: ClassVar[int] = 2
    row: ClassVar[str] = "max_pooling"


@dataclass(frozen=True)
class MaxPool1D(_Pool):
    """The largest number under each window of a sequence (time, features), feature by feature.

    Parameters
    ----------
    kernel_size : int, >= 1, default 2
    stride : int, >= 1, or None, default None
    padding : {"valid", "same"}, int or (before, after), default "valid"
        All as of `MaxPool2D`.
    """

    kernel_size: int = 2
    stride: int | None = None
    padding: str | int | tuple[Any, ...] = "valid"
    n_axes: ClassVar[int] = 1
    row: ClassVar[str] = "max_pooling"


@dataclass(frozen=True)
class AveragePool2D(_Pool):
    """The mean of the numbers under each window of a picture (height, width, channels), channel by channel.

    Parameters
    ----------
    kernel_size : int or (int, int), >= 1, default 2
    stride : int or (int, int), >= 1, or None, default None
    padding : {"valid", "same"}, int, or (int or (before, after), int or (before, after)), default "valid"
        All as of `MaxPool2D`. Padding does not count: the mean is that of the window's numbers within the picture, as
        in TensorFlow; PyTorch counts zeros unless told ``count_include_pad=False``.
    """

    kernel_size: int | tuple[int, int] = 2
    stride: int | tuple[int, int] | None = None
    padding: str | int | tuple[Any, ...] = "valid"
    n_axes: ClassVar[int] = 2
    row: ClassVar[str] = "average_pooling"


@dataclass(frozen=True)
class AveragePool1D(_Pool):
    """The mean of the numbers under each window of a sequence (time, features), feature by feature.

    Parameters
    ----------
    kernel_size : int, >= 1, default 2
    stride : int, >= 1, or None, default None
    padding : {"valid", "same"}, int or (before, after), default "valid"
        All as of `AveragePool2D`.
    """

    kernel_size: int = 2
    stride: int | None = None
    padding: str | int | tuple[Any, ...] = "valid"
    n_axes: ClassVar[int] = 1
    row: ClassVar[str] = "average_pooling"


def _check_places(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (2, 3):
        raise ValueError(
            f"{name} reads the shape (height, width, channels) or (time, features), not {shape}; "
            "put Reshape(...) before it"
        )


class _GlobalPool(Layer):
    row: ClassVar[str]

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        shape = sources[0].shape
        _check_places(builder.layer, shape)
        size = shape[0] if len(shape) == 2 else shape[:2]
        settings = window_settings(builder.layer, shape, size, size, "valid")
        return builder.add(Kernel(self.row, settings), sources, (shape[-1],))


@dataclass(frozen=True)
class GlobalAveragePool(_GlobalPool):
    """The mean of each channel over a whole picture or sequence: a row of as many numbers as there are channels.

    Notes
    -----
    Lin, Chen, Yan, "Network in network", ICLR 2014.
    """

    row: ClassVar[str] = "average_pooling"


@dataclass(frozen=True)
class GlobalMaxPool(_GlobalPool):
    """The largest number of each channel over a whole picture or sequence."""

    row: ClassVar[str] = "max_pooling"


@dataclass(frozen=True)
class Upsample(Layer):
    """Repeat every place of a picture (height, width, channels) or a sequence (time, features): nearest neighbour.

    Parameters
    ----------
    factor : int or (int, int), >= 1, default 2
        How often, along the height and along the width; of a sequence, an int.
    """

    factor: int | tuple[int, int] = 2

    def __post_init__(self) -> None:
        check_axes(self, "factor", 1 if not isinstance(self.factor, (tuple, list)) else 2, "2 doubles the size")

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        shape = sources[0].shape
        _check_places(builder.layer, shape)
        if len(shape) == 2 and not isinstance(self.factor, int):
            raise ValueError(
                f"factor={self.factor} of {builder.layer} has two numbers, but it reads a sequence of shape {shape}; "
                "give one int"
            )
        down, across = (self.factor, self.factor) if isinstance(self.factor, int) else self.factor
        height, width = (1, shape[0]) if len(shape) == 2 else (shape[0], shape[1])
        down = 1 if len(shape) == 2 else down
        settings = {
            "height": height, "width": width, "channels": shape[-1], "factor_height": down, "factor_width": across
        }  # fmt: skip
        places = (height * down, width * across)
        return builder.add(Kernel("upsampling", settings), sources, (*places[-(len(shape) - 1) :], shape[-1]))

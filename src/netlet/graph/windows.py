"""Windows that slide over pictures and sequences: their sizes, checked, and where they come to lie."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any

from netlet.graph.specification import Layer

PADDINGS = ("valid", "same")
AXES = {1: ("time",), 2: ("height", "width")}
_REMEDIES = {1: "Input((time, features))", 2: "Input((height, width, channels)), with 1 channel for grey pictures"}


def check_axes(layer: Layer, parameter: str, n_axes: int, remedy: str) -> None:
    """Raise unless a parameter is an int >= 1 or one for each axis; make it an int (1-D) or a tuple of them."""
    value = getattr(layer, parameter)
    sizes: tuple[Any, ...] = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n_axes
    wrong = any(isinstance(size, bool) or not isinstance(size, Integral) or size < 1 for size in sizes)
    if wrong or len(sizes) != n_axes:
        wanted = "an int >= 1" + (f" or a tuple of {n_axes} of them" if n_axes > 1 else "")
        raise ValueError(f"{parameter}={value!r} of {type(layer).__name__} is not {wanted}; {remedy}")
    plain = tuple(int(size) for size in sizes)
    object.__setattr__(layer, parameter, plain[0] if n_axes == 1 else plain)


def check_padding(layer: Layer, n_axes: int) -> None:
    """Raise unless a layer's padding is a name or says how much; make it a name or a pair of ints for each axis."""
    value = layer.padding  # type: ignore[attr-defined]
    if isinstance(value, str) and value in PADDINGS:
        return
    pairs: tuple[Any, ...] = ((value, value),) * n_axes
    if isinstance(value, (tuple, list)):
        # In one dimension a pair is (before, after); in two, each axis has an int or a pair.
        given = (value,) if n_axes == 1 and not any(isinstance(each, (tuple, list)) for each in value) else value
        pairs = tuple(tuple(each) if isinstance(each, (tuple, list)) else (each, each) for each in given)
    wrong = any(isinstance(each, bool) or not isinstance(each, Integral) or each < 0 for pair in pairs for each in pair)
    if wrong or len(pairs) != n_axes or any(len(pair) != 2 for pair in pairs):
        each = "a pair (left, right)" if n_axes == 1 else "a tuple of 2, each an int or a pair (before, after)"
        raise ValueError(
            f"padding={value!r} of {type(layer).__name__} is not 'valid', 'same', an int >= 0 or {each}; "
            "'same' keeps the size where the stride is 1"
        )
    object.__setattr__(layer, "padding", tuple((int(before), int(after)) for before, after in pairs))


def check_axes_read(name: str, shape: tuple[int, ...], n_axes: int) -> None:
    """Raise unless a layer reads a picture (height, width, channels) or a sequence (time, features)."""
    if len(shape) != n_axes + 1:
        wanted = "(height, width, channels)" if n_axes == 2 else "(time, features)"
        raise ValueError(
            f"{name} reads the shape {wanted}, not {shape}; begin with {_REMEDIES[n_axes]}, or put Reshape(...) before "
            "it"
        )


def as_pairs(sizes: int | tuple[int, ...]) -> tuple[int, int]:
    """Return the two sizes of a window; that of a sequence is one row high."""
    return (1, sizes) if isinstance(sizes, int) else (sizes[0], sizes[1])


def padding_of(padding: Any, size: int, kernel: int, stride: int, axis: int) -> tuple[int, int]:
    """Return how many places are padded before and after an axis of `size` places, for a window of `kernel` places.

    "same" gives ``ceil(size / stride)`` windows; an odd place of padding comes after, as in TensorFlow and PyTorch.
    """
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    before, after = padding[axis]
    return before, after


def window_settings(
    name: str,
    shape: tuple[int, ...],
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    padding: Any,
    dilation: int | tuple[int, ...] = 1,
) -> dict[str, int]:
    """Return the settings of a kernel with windows, by name.

    Parameters
    ----------
    name : str
        The layer's, for messages.
    shape : tuple of int
        (height, width, channels) or (time, features).
    kernel_size, stride, dilation : int or tuple of int
        As `check_axes` leaves them.
    padding : str or tuple of pairs
        As `check_padding` leaves it.

    Raises
    ------
    ValueError
        If a window is larger than what it slides over.
    """
    n_axes = len(shape) - 1
    sizes = (1, shape[0]) if n_axes == 1 else shape[:2]
    kernels, strides = as_pairs(kernel_size), as_pairs(stride)
    dilations = (dilation, dilation) if isinstance(dilation, int) else (dilation[0], dilation[1])
    pads, outs = [], []
    for axis in range(2):
        reach = (kernels[axis] - 1) * dilations[axis] + 1
        within = axis - (2 - n_axes)
        before, after = padding_of(padding, sizes[axis], reach, strides[axis], within) if within >= 0 else (0, 0)
        padded = sizes[axis] + before + after
        if reach > padded:
            spread = f", spread over {reach} by dilation={dilation}," if reach > kernels[axis] else ""
            pad = f" with {before} + {after} of padding" if before + after else ""
            raise ValueError(
                f"kernel_size={kernel_size} of {name}{spread} is larger than the {AXES[n_axes][within]} of "
                f"{sizes[axis]}{pad} that it slides over; use a smaller kernel, padding='same', or less pooling "
                "before it"
            )
        pads.append(before)
        outs.append((padded - reach) // strides[axis] + 1)
    return {
        "height": sizes[0], "width": sizes[1], "channels": shape[-1],
        "kernel_height": kernels[0], "kernel_width": kernels[1],
        "stride_height": strides[0], "stride_width": strides[1],
        "pad_top": pads[0], "pad_left": pads[1], "out_height": outs[0], "out_width": outs[1],
        "dilation_height": dilations[0], "dilation_width": dilations[1],
    }  # fmt: skip


def out_shape(settings: dict[str, int], n_axes: int, channels: int) -> tuple[int, ...]:
    """Return the shape of what windows give."""
    places = (settings["out_height"], settings["out_width"])
    return (*places[2 - n_axes :], channels)

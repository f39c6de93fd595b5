"""Layers that compute nothing new: the network's inputs, and what gives a value another shape or takes a part of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, ClassVar

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.specification import Layer, check_positive, check_row


@dataclass(frozen=True)
class Input(Layer):
    """An input of the network.

    Parameters
    ----------
    shape : int or tuple of int, >= 1
        Features of a sample, or the shape of a sample such as (28, 28), of which the numbers are read row by row.
    """

    shape: int | tuple[int, ...]
    n_inputs: ClassVar[int | None] = 0

    def __post_init__(self) -> None:
        sizes: tuple[Any, ...] = tuple(self.shape) if isinstance(self.shape, (tuple, list)) else (self.shape,)
        for size in sizes:
            if isinstance(size, bool) or not isinstance(size, Integral) or size < 1:
                raise ValueError(
                    f"shape={self.shape!r} of Input is not an int >= 1 or a tuple of them; give the number of features"
                )
        if not sizes:
            raise ValueError("shape=() of Input is empty; give the number of features")
        plain = tuple(int(size) for size in sizes)
        object.__setattr__(self, "shape", plain[0] if len(plain) == 1 else plain)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The shape, always as a tuple."""
        return self.shape if isinstance(self.shape, tuple) else (self.shape,)

    @property
    def size(self) -> int:
        """Numbers of a sample."""
        return math.prod(self.dimensions)

    def kernels(self) -> tuple[Kernel, ...]:
        return ()


@dataclass(frozen=True)
class Reshape(Layer):
    """Give a sample another shape; its numbers stay as they are, row by row.

    Parameters
    ----------
    shape : int or tuple of int
        Each >= 1, or -1 once: that size follows from the others.
    """

    shape: int | tuple[int, ...]

    def __post_init__(self) -> None:
        sizes: tuple[Any, ...] = tuple(self.shape) if isinstance(self.shape, (tuple, list)) else (self.shape,)
        if not sizes:
            raise ValueError("shape=() of Reshape is empty; give the sizes of the new axes")
        for size in sizes:
            if isinstance(size, bool) or not isinstance(size, Integral) or (size < 1 and size != -1):
                raise ValueError(f"shape={self.shape!r} of Reshape holds {size!r}, which is not an int >= 1 or -1")
        if sizes.count(-1) > 1:
            raise ValueError(f"shape={self.shape!r} of Reshape holds -1 more than once; give all sizes but one")
        object.__setattr__(self, "shape", tuple(int(size) for size in sizes))

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        source = sources[0]
        shape = self.shape if isinstance(self.shape, tuple) else (self.shape,)
        known = math.prod(size for size in shape if size != -1)
        if source.size % known or (-1 not in shape and source.size != known):
            raise ValueError(
                f"{builder.layer} cannot give {source.size} numbers the shape {shape}; "
                "the sizes must multiply to as many, and one of them may be -1"
            )
        return replace(source, shape=tuple(source.size // known if size == -1 else size for size in shape))


@dataclass(frozen=True)
class Flatten(Layer):
    """Make one row of a sample's numbers, whatever its shape."""

    def build(self, _builder: Builder, sources: tuple[Value, ...]) -> Value:
        return replace(sources[0], shape=(sources[0].size,))


@dataclass(frozen=True)
class Columns(Layer):
    """Take `count` neighbouring numbers of a sample, from place `first` on.

    Parameters
    ----------
    first : int, >= 0
    count : int, >= 1
    """

    first: int
    count: int

    def __post_init__(self) -> None:
        first: Any = self.first
        if isinstance(first, bool) or not isinstance(first, Integral) or first < 0:
            raise ValueError(f"first={first!r} of Columns is not an int >= 0; columns are counted from 0")
        object.__setattr__(self, "first", int(first))
        check_positive(self, "count", "give the number of columns")

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("columns", {"first": self.first, "count": self.count}),)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        check_row(builder.layer, sources[0].shape)
        if self.first + self.count > sources[0].size:
            raise ValueError(
                f"{builder.layer} takes the columns {self.first} to {self.first + self.count - 1}, "
                f"but what it reads has {sources[0].size}, counted from 0"
            )
        return super().build(builder, sources)

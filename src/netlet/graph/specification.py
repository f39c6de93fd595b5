"""What a layer's specification is made of: a small immutable dataclass that holds no weights and knows no data."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any, ClassVar

from netlet.graph.building import Builder, Kernel, Value

_order = itertools.count()


@dataclass(frozen=True)
class Node:
    """A layer applied to earlier nodes: what calling a layer returns, for building graphs."""

    layer: Layer
    sources: tuple[Node, ...]
    order: int = field(
        default_factory=lambda: next(_order), compare=False, repr=False
    )  # inputs stand as they were made

    def __repr__(self) -> str:
        # Written out, what several layers read would stand there as often: 2**n times after n residual blocks.
        below: dict[int, Node] = {}
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) not in below:
                below[id(node)] = node
                waiting.extend(node.sources)
        return f"Node({self.layer!r}, the last of {len(below)} layers)" if self.sources else f"Node({self.layer!r})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        """Return itself: nothing in it can change, and a deep graph is deeper than Python's stack."""
        return self


@dataclass(frozen=True)
class Layer:
    """Base of all layer specifications.

    Calling a layer with nodes builds a graph: ``Add()(a, Dense(8)(a))``.
    """

    n_inputs: ClassVar[int | None] = 1  # None: two or more
    n_optional: ClassVar[int] = 0  # how many more it may read, such as lengths

    def reads(self, count: int) -> bool:
        """Tell whether the layer can read so many values."""
        if self.n_inputs is None:
            return count >= 2
        return self.n_inputs <= count <= self.n_inputs + self.n_optional

    @property
    def reads_in_words(self) -> str:
        """How many values the layer reads, for messages."""
        if self.n_inputs is None:
            return "two or more"
        return " or ".join(str(self.n_inputs + more) for more in range(self.n_optional + 1))

    def kernels(self) -> tuple[Kernel, ...]:
        """Return the operations that the layer consists of, first to last."""
        raise NotImplementedError

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        """Append the layer's operations to a program to be and return the layer's value.

        By default its kernels follow one another, and the value keeps its shape.

        Raises
        ------
        ValueError
            If the sources' shapes do not suit the layer.
        """
        for kernel in self.kernels():
            sources = (builder.add(kernel, sources),)
        return sources[0]

    def __call__(self, *sources: Node) -> Node:
        """Apply the layer to earlier nodes.

        Raises
        ------
        TypeError
            If a source is not a node, or their number is not the layer's.
        """
        name = type(self).__name__
        if not self.reads(len(sources)):
            raise TypeError(
                f"{name} reads {self.reads_in_words} node(s), {len(sources)} given; call it as {name}(...)(node)"
            )
        for source in sources:
            if not isinstance(source, Node):
                raise TypeError(
                    f"{name} was called with {type(source).__name__}, which is not a node; begin with Input(size)()"
                )
        return Node(self, sources)

    def describe(self) -> dict[str, Any]:
        """Return the layer as a dict of plain values, for the model file."""
        return {"layer": type(self).__name__} | {
            field.name: _describe(getattr(self, field.name)) for field in fields(self)
        }


def _describe(value: Any) -> Any:
    """Return plain values for a field: those of layers and initialisers, one by one where there are several."""
    if isinstance(value, tuple):
        return [_describe(each) for each in value]
    return value.describe() if hasattr(value, "describe") else value


def check_row(name: str, shape: tuple[int, ...]) -> None:
    """Raise unless what a layer reads is a plain row of numbers for each sample."""
    if len(shape) != 1:
        raise ValueError(
            f"{name} reads a row of numbers for each sample, not the shape {shape}; put Flatten() before it"
        )


def check_positive(layer: Layer, parameter: str, remedy: str = "give the number of units") -> None:
    """Raise unless a parameter is a positive int; make a NumPy integer one of Python, for the model file."""
    value = getattr(layer, parameter)
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{parameter}={value!r} of {type(layer).__name__} is not an int >= 1; {remedy}")
    object.__setattr__(layer, parameter, int(value))


def check_real(layer: Layer, parameter: str, remedy: str) -> None:
    """Raise unless a parameter is a finite number; make a NumPy float one of Python, for the model file."""
    value = getattr(layer, parameter)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{parameter}={value!r} of {type(layer).__name__} is not a finite number; {remedy}")
    object.__setattr__(layer, parameter, float(value))

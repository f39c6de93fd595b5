"""From a graph whose input size is known to operations: sizes, and the places of parameters and state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.graph import initialisers
from netlet.graph.specification import Kernel
from netlet.kernels import layers as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.memory import aligned_zeros
from netlet.kernels.random import STREAM_WEIGHTS, new_generator
from netlet.kernels.registry import Block, StateBlock
from netlet.kernels.registry import layers as registry

if TYPE_CHECKING:
    from netlet.graph.graph import Graph


@dataclass(frozen=True)
class Value:
    """What a layer gives: the operation that computes it, and its shape for one sample."""

    operation: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Numbers per sample."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Operation:
    """One row of a program to be: a kernel with its sources, sizes, parameters and state.

    Parameters
    ----------
    row : str
        The registry row; "input" for the input.
    layer : str
        The name of the layer it belongs to, for messages: ``dense_2``.
    sources : tuple of int
        The operations that it reads.
    size : int
        Numbers per sample.
    settings : mapping of str to int
    factors : tuple of float
    theta : int
        Where its parameters begin.
    blocks : tuple of Block
        Its parameters, one block after another; all as wide.
    initialisers : mapping of str to initialiser
        By the block's name.
    state : int
        Where its state begins.
    states : tuple of StateBlock
    """

    row: str
    layer: str
    sources: tuple[int, ...]
    size: int
    settings: Mapping[str, int] = field(default_factory=dict)
    factors: tuple[float, ...] = ()
    theta: int = 0
    blocks: tuple[Block, ...] = ()
    initialisers: Mapping[str, Any] = field(default_factory=dict)
    state: int = 0
    states: tuple[StateBlock, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The layer's name and those of the layers that it is a part of: ``residual_1.dense_1``, ``residual_1``."""
        parts = self.layer.split(".")
        return tuple(".".join(parts[:count]) for count in range(len(parts), 0, -1))

    @property
    def width(self) -> int:
        """Numbers of one row of its parameters."""
        return self.blocks[0].width if self.blocks else 0

    @property
    def n_rows(self) -> int:
        """Rows of its parameters."""
        return sum(block.n_rows for block in self.blocks)

    @property
    def n_theta(self) -> int:
        """Numbers of its parameters."""
        return self.n_rows * self.width

    @property
    def n_state(self) -> int:
        """Numbers of its state."""
        return sum(block.size for block in self.states)

    def places(self) -> list[tuple[Block, slice]]:
        """Return each block of parameters with its part of theta."""
        placed, start = [], self.theta
        for block in self.blocks:
            stop = start + block.n_rows * block.width
            placed.append((block, slice(start, stop)))
            start = stop
        return placed


class Builder:
    """Appends operations; layers build themselves with it.

    Attributes
    ----------
    operations : list of Operation
    layer : str
        The name of the layer under construction, which its operations carry.
    """

    def __init__(self, n_features: int) -> None:
        self.operations = [Operation("input", "input", (), n_features)]
        self.layer = "input"

    def add(self, kernel: Kernel, sources: Sequence[Value], shape: tuple[int, ...] | None = None) -> Value:
        """Append one operation.

        Parameters
        ----------
        kernel : Kernel
        sources : sequence of Value
            As many as the kernel reads.
        shape : tuple of int, optional
            Of the result. Default: that of the first source where the size is the same, else the plain size.

        Returns
        -------
        Value
        """
        row = registry[kernel.name]
        sizes = tuple(source.size for source in sources)
        settings = dict(kernel.settings)
        size = row.n_out(sizes, settings)
        if shape is None:
            shape = sources[0].shape if size == sizes[0] else (size,)
        last = self.operations[-1]
        operation = Operation(
            row=kernel.name,
            layer=self.layer,
            sources=tuple(source.operation for source in sources),
            size=size,
            settings=settings,
            factors=kernel.factors,
            theta=last.theta + last.n_theta,
            blocks=row.parameters(sizes, size, settings),
            initialisers=kernel.initialisers,
            state=last.state + last.n_state,
            states=row.state(sizes, size, settings),
        )
        self.operations.append(operation)
        return Value(len(self.operations) - 1, shape)

    def fold(self, kernel: Kernel, sources: Sequence[Value]) -> Value:
        """Append a kernel that joins two values of one shape, as often as it takes to join them all.

        Raises
        ------
        ValueError
            If their shapes differ.
        """
        shapes = [source.shape for source in sources]
        if len(set(shapes)) > 1:
            found = " and ".join(str(shape[0]) if len(shape) == 1 else str(shape) for shape in shapes)
            raise ValueError(
                f"{self.layer} reads values of sizes {found}; they must be equal: give the layers before it one size"
            )
        value = sources[0]
        for source in sources[1:]:
            value = self.add(kernel, (value, source))
        return value


def operations_of(graph: Graph) -> tuple[Operation, ...]:
    """Bind a graph whose input size is known: sizes, parameters' places and initialisers of each operation.

    Raises
    ------
    ValueError
        If a layer cannot read values of the shapes that it is given.
    """
    return bound(graph)[0]


def bound(graph: Graph) -> tuple[tuple[Operation, ...], tuple[int, ...]]:
    """Return a graph's operations, as `operations_of` does, and the shape of its output for one sample.

    The last operation computes the output: where no layer's does, as for an input that is only reshaped, an identity is
    appended.
    """
    inputs = graph.inputs
    builder = Builder(sum(each.size for each in inputs))
    whole, start = Value(0, (builder.operations[0].size,)), 0
    values: list[Value] = []
    for layer, reads, name in zip(graph.layers, graph.sources, graph.names(), strict=True):
        builder.layer = name
        if not reads:  # an input: the whole of what is read, or its own columns
            shape = layer.dimensions  # type: ignore[attr-defined]
            columns = Kernel("columns", {"first": start, "count": math.prod(shape)})
            values.append(Value(0, shape) if len(inputs) == 1 else builder.add(columns, (whole,), shape))
            start += math.prod(shape)
        else:
            values.append(layer.build(builder, tuple(values[read] for read in reads)))
    output = values[-1]
    if output.operation == 0 or output.operation != len(builder.operations) - 1:
        output = builder.add(Kernel("identity"), (output,))
    return tuple(_resolve_initialisers(builder.operations)), output.shape


def _resolve_initialisers(operations: list[Operation]) -> list[Operation]:
    """Put the initialiser that "auto" means in its place: it depends on the activation that reads the value."""
    readers: dict[int, str] = {}
    for operation in operations:
        for source in operation.sources:
            readers.setdefault(source, operation.row)
    return [
        replace(
            operation,
            initialisers={
                block: initialisers.resolve(chosen, readers.get(place))
                for block, chosen in operation.initialisers.items()
            },
        )
        for place, operation in enumerate(operations)
    ]


def initial_parameters(operations: Sequence[Operation], seed: int, dtype: str) -> np.ndarray:
    """Return the flat parameter vector that a seed gives: each block by its initialiser, zero where it has none.

    Parameters
    ----------
    operations : sequence of Operation
    seed : int
    dtype : {"float32", "float64"}

    Returns
    -------
    dtype, (n_theta,)
    """
    theta = aligned_zeros((sum(operation.n_theta for operation in operations),), dtype)
    generator = new_generator(seed, STREAM_WEIGHTS)
    for operation in operations:
        for block, place in operation.places():
            if block.name in operation.initialisers:
                values = theta[place].reshape(block.n_rows, block.width)
                initialisers.initialise(operation.initialisers[block.name], values, generator)
    return theta


def initial_state(operations: Sequence[Operation], dtype: str) -> np.ndarray:
    """Return the state before any training, such as running means of 0 and variances of 1: dtype, (n_state,)."""
    blocks = [np.full(block.size, block.value) for operation in operations for block in operation.states]
    return np.concatenate([np.empty(0), *blocks]).astype(dtype)

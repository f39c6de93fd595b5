"""What layers build: operations, one for each kernel, with their sizes and the places of parameters and state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netlet.kernels import layers as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.registry import Block, StateBlock
from netlet.kernels.registry import layers as registry


@dataclass(frozen=True)
class Kernel:
    """One operation that a layer consists of: a row of the registry with its settings.

    Parameters
    ----------
    name : str
        The row's name.
    settings : mapping of str to int
        Values for the row's settings; those that are left out are 0, or lowering's to fill in.
    factors : tuple of float
        Values for the row's factors.
    initialisers : mapping of str to initialiser
        How each of the row's parameter blocks begins; those that are left out begin at zero.
    """

    name: str
    settings: Mapping[str, int] = field(default_factory=dict)
    factors: tuple[float, ...] = ()
    initialisers: Mapping[str, Any] = field(default_factory=dict)


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
    shape : tuple of int
        Of its value for one sample.
    shares : int, optional
        The operation whose parameters it uses as its own; it then has none itself.
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
    shape: tuple[int, ...] = ()
    shares: int | None = None

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

    def add(
        self,
        kernel: Kernel,
        sources: Sequence[Value],
        shape: tuple[int, ...] | None = None,
        shares: int | None = None,
    ) -> Value:
        """Append one operation.

        Parameters
        ----------
        kernel : Kernel
        sources : sequence of Value
            As many as the kernel reads.
        shape : tuple of int, optional
            Of the result. Default: that of the first source where the size is the same, else the plain size.
        shares : int, optional
            An operation that it depends on, whose parameters it uses: their gradient is the sum of both. At most one
            operation shares those of another; its row's blocks must be the other's, and it derives nothing from them.

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
            blocks=row.parameters(sizes, size, settings) if shares is None else (),
            initialisers=kernel.initialisers,
            state=last.state + last.n_state,
            states=row.state(sizes, size, settings),
            shape=shape,
            shares=shares,
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

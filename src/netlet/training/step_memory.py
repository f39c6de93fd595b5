"""The memory that steps of training need, known from the lowered network before anything is allocated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netlet.errors import NotEnoughMemory
from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.lowering import needed_for
from netlet.graph.program import Program
from netlet.kernels.memory import row_of_streams
from netlet.training.free_memory import free_memory
from netlet.training.learnt import Learnt

_SMALL = 2**24  # bytes up to which nobody asks whether they are free
_COPIES = 2  # of the numbers of a network, to which a training goes back where it fails


@dataclass(frozen=True)
class StepMemory:
    """What a training needs, in bytes.

    Attributes
    ----------
    parameters : int
        The network's parameters and state.
    copies : int
        Two copies of those, to go back to where a step fails.
    optimizer : int
        The optimizer's memory: for Adam two numbers for each parameter.
    gradients : int
        Of the parameters.
    activations : int
        Of a batch: the values of all layers, their gradients, and what layers keep for the way back. It grows with the
        batch size; threads share it.
    measuring : int
        What measuring held-out samples needs: room for a block of them for each thread, and their outputs.
    samples : int
        Inputs and targets, as the network's numbers.
    layers : dict of str to int
        The part of `activations` that belongs to each layer; "batch" for the samples that are gathered.
    """

    parameters: int
    copies: int
    optimizer: int
    gradients: int
    activations: int
    measuring: int
    samples: int
    layers: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return self.samples + self.parameters + self.needed

    @property
    def needed(self) -> int:
        """What a training allocates: all but the samples and the network itself."""
        return self.copies + self.optimizer + self.gradients + self.activations + self.measuring

    @property
    def largest_layer(self) -> str:
        """The layer whose part of `activations` is largest."""
        return max(self.layers, key=lambda name: self.layers[name])

    def __str__(self) -> str:
        names = ("parameters", "copies", "optimizer", "gradients", "activations", "measuring", "samples", "total")
        lines = [f"{name:<11}  {readable(getattr(self, name)):>9}" for name in names]
        largest = self.largest_layer
        return "\n".join([*lines, f"most of the activations: {largest}, {readable(self.layers[largest])}"])


def slots_shape(n_slots: int, n_theta: int, dtype: str) -> tuple[int, int]:
    """Return the shape of an optimizer's memory: its rows begin at different places of a page."""
    return n_slots, row_of_streams(n_theta, dtype)


def memory_of(
    program: Program,
    operations: Sequence[Operation],
    reads: int,
    learnt: Learnt,
    n_slots: int,
    samples: int = 0,
    measuring: int = 0,
) -> StepMemory:
    """Return what steps of a program that is lowered for training need.

    Parameters
    ----------
    program : Program
    operations : sequence of Operation
        What it was lowered from.
    reads : int
        The operation that the loss reads.
    learnt : Learnt
    n_slots : int
        Numbers that the optimizer keeps for each parameter.
    samples, measuring : int
        In bytes, as they are to stand in the result.

    Returns
    -------
    StepMemory
    """
    item = np.dtype(program.dtype).itemsize
    own = learnt.theta.nbytes + learnt.state.nbytes
    n_rows, width = slots_shape(n_slots, learnt.theta.size, program.dtype)
    return StepMemory(
        parameters=own,
        copies=_COPIES * own,
        optimizer=n_rows * width * item,
        gradients=learnt.theta.size * item,
        activations=program.arena_size * item,
        measuring=measuring,
        samples=samples,
        layers=_by_layer(program, [operations[place] for place in needed_for(operations, reads)], item),
    )


def _by_layer(program: Program, chosen: Sequence[Operation], item: int) -> dict[str, int]:
    """Return the bytes of each layer in the arena, but for what aligns them."""
    nodes, batch_size = program.nodes, program.batch_size
    parts: dict[str, int] = {}
    for node, operation in zip(nodes, chosen, strict=True):
        places = [node[table.SIZE] * (node[place] >= 0) for place in (table.VALUE, table.GRADIENT)]
        for source, place, is_scratch in (
            (table.SOURCE, table.DX, table.ADD_DX),
            (table.SOURCE2, table.DX2, table.ADD_DX2),
        ):
            if operation.sources and node[is_scratch]:
                places.append(nodes[node[source], table.SIZE] * (node[place] >= 0))
        numbers = batch_size * (int(sum(places)) + int(node[table.SAVED_SIZE])) + int(node[table.DERIVED_SIZE])
        name = operation.names[-1] if operation.sources else "batch"
        parts[name] = parts.get(name, 0) + numbers * item
    return parts


def require(memory: StepMemory, batch_size: int) -> None:
    """Raise unless what steps allocate is free; a system that does not say how much is free is not asked further.

    Raises
    ------
    NotEnoughMemory
        With the figure, what is free, and what to change.
    """
    if memory.needed <= _SMALL:
        return
    free = free_memory()
    if free is None or memory.needed <= free:
        return
    fixed = memory.needed - memory.activations
    largest = memory.largest_layer
    rows = int(0.9 * batch_size * (free - fixed) / max(1, memory.activations))
    if rows >= 1:
        remedy = f"use batch_size={2 ** (rows.bit_length() - 1)} or less, or make {largest} smaller"
    elif memory.activations > fixed:
        remedy = f"make {largest} smaller: not even a batch of one sample would fit"
    else:
        remedy = "use fewer parameters" + (", or optimizer='sgd', which keeps nothing" if memory.optimizer else "")
    raise NotEnoughMemory(
        f"training with batch_size={batch_size} needs {readable(memory.needed)} beside the samples, and "
        f"{readable(free)} is free: {readable(memory.activations)} are values and gradients of a batch, of which "
        f"{largest} needs most ({readable(memory.layers[largest])}), and {readable(fixed)} are copies, gradients and "
        f"the optimizer's memory; {remedy}"
    )


def readable(n_bytes: int) -> str:
    """Return a number of bytes with its unit: 1.5 GB, of 1000 MB each."""
    number, unit = float(n_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    return f"{number:.3g} {unit}" if number < 1000 else f"{number:.0f} {unit}"

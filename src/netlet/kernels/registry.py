"""The registry: one row for every layer, loss and update rule. What is listed here, every parametrised test covers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Block:
    """A block of a layer's parameters: a matrix, row by row. All blocks of a layer are as wide.

    Parameters
    ----------
    name : str
        "weight", "bias", "scale", "shift", "slope".
    n_rows, width : int
    is_weight : bool
        Whether penalties and weight decay apply to it without being asked to apply to biases too.
    fans : tuple of int, optional
        How many numbers an output is computed from, and how many outputs an input goes to, which initialisers go by.
        Default: the rows and the width.
    """

    name: str
    n_rows: int
    width: int
    is_weight: bool = False
    fans: tuple[int, int] | None = None


@dataclass(frozen=True)
class StateBlock:
    """A part of a layer's state: `size` numbers that begin as `value`, which is one number or as many."""

    name: str
    size: int
    value: float | tuple[float, ...]


Sizes = tuple[int, ...]
Integers = Mapping[str, int]


def same_size(n_in: Sizes, settings: Integers) -> int:
    """Return the size of an output that is as wide as its (first) input."""
    return n_in[0]


def no_parameters(n_in: Sizes, n_out: int, settings: Integers) -> tuple[Block, ...]:
    """Return no blocks: the layer has no parameters."""
    return ()


def no_state(n_in: Sizes, n_out: int, settings: Integers) -> tuple[StateBlock, ...]:
    """Return no blocks: the layer has no state."""
    return ()


def nothing(n_in: int, n_out: int, settings: Integers) -> int:
    """Return 0: the layer keeps nothing."""
    return 0


def nothing_derived(n_in: int, n_out: int, batch_size: int, settings: Integers) -> int:
    """Return 0: the layer derives nothing from its parameters."""
    return 0


def once(n_in: int, n_out: int, settings: Integers) -> int:
    """Return 1: every parameter is used once for a sample."""
    return 1


@dataclass(frozen=True)
class LayerRow:
    """A layer's kernels and the sizes that lowering needs.

    Parameters
    ----------
    name : str
        The name in a program and in a model file.
    forward, backward_input : kernel
        Of the families ``FORWARD`` and ``BACKWARD_INPUT``.
    backward_parameters : kernel or None
        Of the family ``BACKWARD_PARAMETERS``; None for a layer without parameters.
    n_inputs : int
        How many earlier values it reads at most: 1 or 2. Where the second is left out, x2 has no columns.
    n_out : callable
        From the sizes of the inputs and the settings by name to the size of the output.
    parameters : callable
        From the sizes of the inputs, the size of the output and the settings by name to the blocks of parameters.
    state : callable
        From the same to the blocks of state: what training keeps beside the parameters, such as running means.
    n_saved : callable
        From the sizes of input and output and the settings by name to how many numbers a sample's forward pass keeps
        for its backward pass, or how much room a sample's passes need.
    derive : kernel or None
        Of the family ``DERIVE``: brings up to date what follows from the parameters alone, after each update of some of
        them.
    n_derived : callable
        From the sizes of input and output, the batch size and the settings by name to how many such numbers there are;
        0 where it need not be done.
    n_uses : callable
        From the sizes of input and output and the settings by name to how often a sample's forward pass multiplies by
        each parameter, which decides into how many pieces the work is cut.
    settings, factors : tuple of str
        The names of the integers and of the floats it takes, in order.
    is_random : bool
        Whether it draws random numbers while training; one of its settings is then "stream", which lowering fills in.
    whole_batch : bool
        Whether it must see all rows of a batch at once, but where it is frozen: one of its settings is "frozen", which
        lowering fills in.
    backward_fills_saved : bool
        Whether `backward_parameters` reads what `backward_input` leaves in `saved`. That one is then called even where
        nobody needs the input's gradient: dx has no columns there.
    """

    name: str
    forward: Any
    backward_input: Any
    backward_parameters: Any = None
    n_inputs: int = 1
    n_out: Callable[[Sizes, Integers], int] = same_size
    parameters: Callable[[Sizes, int, Integers], tuple[Block, ...]] = no_parameters
    state: Callable[[Sizes, int, Integers], tuple[StateBlock, ...]] = no_state
    n_saved: Callable[[int, int, Integers], int] = nothing
    derive: Any = None
    n_derived: Callable[[int, int, int, Integers], int] = nothing_derived
    n_uses: Callable[[int, int, Integers], int] = once
    settings: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    is_random: bool = False
    whole_batch: bool = False
    backward_fills_saved: bool = False


@dataclass(frozen=True)
class LossRow:
    """A loss.

    Parameters
    ----------
    name : str
    kernel : kernel
        Of the family ``LOSS``.
    labels : bool
        True where the target of a sample is one class number, False where it is a row of numbers.
    output : str or None
        The output layer whose inverse link the loss contains, so that it is computed from that layer's input (the
        logits).
    factors : tuple of str
        The names of its float settings.
    answers : bool
        True where each output answers a yes-or-no question, with targets from 0 (no) to 1 (yes).
    only_0_and_1 : bool
        Whether such targets may not lie between.
    yes_at_zero : bool
        Whether an answer of exactly 0 is a yes.
    least_target : float
    until_correct : bool
        Whether training is done once an epoch makes no mistake: nothing is learnt from samples that are right.
    """

    name: str
    kernel: Any
    labels: bool = False
    output: str | None = None
    factors: tuple[str, ...] = ()
    answers: bool = False
    only_0_and_1: bool = False
    yes_at_zero: bool = False
    least_target: float = -math.inf
    until_correct: bool = False


@dataclass(frozen=True)
class UpdateRow:
    """An optimizer's update rule: its kernel (family ``UPDATE``), how many slot vectors it keeps, and its settings."""

    name: str
    kernel: Any
    n_slots: int
    settings: tuple[str, ...] = ()


layers: dict[str, LayerRow] = {}
losses: dict[str, LossRow] = {}
updates: dict[str, UpdateRow] = {}


def register(row: LayerRow | LossRow | UpdateRow) -> None:
    """Add a row; a name stands once."""
    tables: dict[type, dict[str, Any]] = {LayerRow: layers, LossRow: losses, UpdateRow: updates}
    table = tables[type(row)]
    if row.name in table:
        raise ValueError(f"name={row.name!r} is registered already; choose another name")
    table[row.name] = row

"""What a trace consists of: quantities, and the operations that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Quantity:
    """One array of a trace.

    Parameters
    ----------
    name : str
        As it is written on paper: "Z1", "dW2", "new b1".
    code : str
        As the network calls it: "dense_1", "dense_2.weight"; empty for what has no name there.
    meaning : str
    value : array
        Values of samples have these in the first axis.
    """

    name: str
    code: str
    meaning: str
    value: np.ndarray


@dataclass(frozen=True)
class Operation:
    """One operation of the pass.

    Parameters
    ----------
    row : str
        The kernel's name: "dense", "sigmoid".
    layer : str
        The layer that it belongs to, as `summary` shows it.
    reads : tuple of str
        The names of the quantities that it reads.
    gives : str
        The name of what it computes.
    parameters : tuple of str
        The names of its parameters.
    factors : tuple of float
        Its settings, such as the slope of a leaky ReLU.
    derivative : array, optional
        Of what it gives with respect to what it reads, number by number, where each depends on one alone.
    frozen : bool
        Whether its parameters stay as they are: their gradient then counts as 0.
    """

    row: str
    layer: str
    reads: tuple[str, ...]
    gives: str
    parameters: tuple[str, ...] = ()
    factors: tuple[float, ...] = ()
    derivative: np.ndarray | None = None
    frozen: bool = False


@dataclass(frozen=True)
class Ends:
    """The loss and the update: where the backward pass begins, and what it is for.

    Parameters
    ----------
    loss : str
        The loss's name.
    factors : tuple of float
        Its settings.
    reads : str
        The name of the quantity that the loss reads, and where the backward pass begins.
    output : str
        The name of the last quantity: that of the link, such as the softmax, where the loss contains it.
    optimizer : str
        The update rule's name.
    learning_rate, weight_decay : float
    settings : mapping of str to float
        The update rule's other settings.
    """

    loss: str
    factors: tuple[float, ...]
    reads: str
    output: str
    optimizer: str
    learning_rate: float
    weight_decay: float
    settings: Mapping[str, float]

    @property
    def joined(self) -> bool:
        """Whether the loss contains the last activation, so that both are derived together."""
        return self.reads != self.output

"""Recurrent layers: they read a sequence step by step and keep a state, over (steps, features) of each sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from netlet.errors import unknown_name
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.distributions import Constant, Initialiser, Zeros
from netlet.graph.initialisers import check_initialiser, initialise
from netlet.graph.specification import Layer, check_positive, check_real

_RETURNS = ("last", "sequence")
_ACTIVATIONS = ("tanh", "relu")


@dataclass(frozen=True)
class _PerGate(Initialiser):
    """Each gate's columns by themselves, as the matrices of a formula that names the gates: their sizes set the scale.

    Parameters
    ----------
    gates : tuple of str or Initialiser
        In the order of the columns.
    """

    gates: tuple[str | Initialiser, ...]

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        width = values.shape[1] // len(self.gates)
        for place, choice in enumerate(self.gates):
            own = np.empty((values.shape[0], width), values.dtype)
            initialise("glorot" if choice == "auto" else choice, own, generator)
            values[:, place * width : (place + 1) * width] = own


def _check_sequence(name: str, sources: tuple[Value, ...]) -> tuple[int, int]:
    """Return the steps and the features of what is read, and check the lengths beside it."""
    shape = sources[0].shape
    if len(shape) != 2:
        remedy = (
            f"give Input(({shape[0]}, 1)) for a series of single numbers, or put Reshape((steps, features)) before it"
            if len(shape) == 1
            else "put Reshape((steps, features)) before it"
        )
        raise ValueError(f"{name} reads (steps, features) for each sample, not the shape {shape}; {remedy}")
    if len(sources) == 2 and sources[1].size != 1:
        raise ValueError(
            f"{name} reads lengths of shape {sources[1].shape}; give one number for each sample, as Input(1)() holds"
        )
    return shape[0], shape[1]


@dataclass(frozen=True)
class _Recurrent(Layer):
    """What RNN, LSTM and GRU share: their fields and how they are checked."""

    n_optional: ClassVar[int] = 1
    row: ClassVar[str]
    n_gates: ClassVar[int]

    units: int
    returns: str = "last"
    reverse: bool = False
    bias: bool = True
    initialiser: str | Initialiser = "glorot"
    recurrent_initialiser: str | Initialiser = "orthogonal"

    def __post_init__(self) -> None:
        check_positive(self, "units")
        if self.returns not in _RETURNS:
            raise ValueError(unknown_name(f"returns of {type(self).__name__}", self.returns, _RETURNS))
        check_initialiser(self.initialiser)
        check_initialiser(self.recurrent_initialiser)

    def _settings(self) -> dict[str, int]:
        return {}

    def _bias(self) -> dict[str, Any]:
        """Return how biases begin that do not begin at zero."""
        return {}

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        steps, _ = _check_sequence(builder.layer, sources)
        whole = self.returns == "sequence"
        kernel = Kernel(
            self.row,
            {
                "units": self.units,
                "steps": steps,
                "bias": int(self.bias),
                "reverse": int(self.reverse),
                "whole": int(whole),
                **self._settings(),
            },
            initialisers={
                "weight": _PerGate((self.initialiser,) * self.n_gates),
                "recurrent_weight": _PerGate((self.recurrent_initialiser,) * self.n_gates),
                **self._bias(),
            },
        )
        return builder.add(kernel, sources, (steps, self.units) if whole else (self.units,))


@dataclass(frozen=True)
class RNN(_Recurrent):
    """Simple recurrent network (Elman): ``h_t = activation(x_t W + h_(t-1) U + b)``, with h = 0 before the first step.

    It reads (steps, features) and, where it is called with a second node, the length of each sequence: ``RNN(8)(x,
    lengths)``. A sequence ends after so many steps (0 to all; what is beyond is taken for the nearest): what stands in
    the later rows is not read, the outputs there are 0.

    Parameters
    ----------
    units : int, >= 1
        Numbers of the state.
    returns : {"last", "sequence"}, default "last"
        The state at the sequence's end, (units,), or after each of its steps, (steps, units).
    reverse : bool, default False
        Whether a sequence is read from its end to its beginning. Outputs stand at the steps that they belong to.
    bias : bool, default True
    initialiser : str or Initialiser, default "glorot"
        How W begins, as for `Dense`.
    recurrent_initialiser : str or Initialiser, default "orthogonal"
        How U begins.
    activation : {"tanh", "relu"}, default "tanh"

    Notes
    -----
    Elman, "Finding structure in time", Cognitive Science 14, 1990.
    """

    row: ClassVar[str] = "rnn"
    n_gates: ClassVar[int] = 1

    activation: str = "tanh"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activation not in _ACTIVATIONS:
            raise ValueError(unknown_name("activation of RNN", self.activation, _ACTIVATIONS))

    def _settings(self) -> dict[str, int]:
        return {"relu": int(self.activation == "relu")}


@dataclass(frozen=True)
class LSTM(_Recurrent):
    """Long short-term memory: gates decide what a state takes up, keeps and shows, so that it lasts over many steps.

    It reads (steps, features) and, where it is called with a second node, the length of each sequence, as `RNN` does.

    Parameters
    ----------
    units : int, >= 1
        Numbers of the state.
    returns : {"last", "sequence"}, default "last"
        The state at the sequence's end, (units,), or after each of its steps, (steps, units).
    reverse : bool, default False
        Whether a sequence is read from its end to its beginning. Outputs stand at the steps that they belong to.
    bias : bool, default True
    initialiser : str or Initialiser, default "glorot"
        How the weights of the inputs begin, each gate's by themselves.
    recurrent_initialiser : str or Initialiser, default "orthogonal"
        How the weights of the state begin, each gate's by themselves.
    forget_bias : float, default 1
        What the bias of the forget gate begins with: at 1 the state is kept before anything has been learnt.

    Notes
    -----
    Hochreiter, Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, with the forget gate of Gers,
    Schmidhuber, Cummins, 2000; its bias: Jozefowicz, Zaremba, Sutskever, "An empirical exploration of recurrent
    network architectures", ICML 2015.
    """

    row: ClassVar[str] = "lstm"
    n_gates: ClassVar[int] = 4

    forget_bias: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real(self, "forget_bias", "1 is usual")

    def _bias(self) -> dict[str, Any]:
        return {"bias": _PerGate((Zeros(), Constant(self.forget_bias), Zeros(), Zeros()))} if self.bias else {}


@dataclass(frozen=True)
class GRU(_Recurrent):
    """Gated recurrent unit: one gate mixes the state with a new one, another says how much of it that one sees.

    It reads (steps, features) and, where it is called with a second node, the length of each sequence, as `RNN` does.
    As in PyTorch and cuDNN, the reset gate acts on the product of the state with its weights, not on the state before
    it.

    Parameters
    ----------
    units : int, >= 1
        Numbers of the state.
    returns : {"last", "sequence"}, default "last"
        The state at the sequence's end, (units,), or after each of its steps, (steps, units).
    reverse : bool, default False
        Whether a sequence is read from its end to its beginning. Outputs stand at the steps that they belong to.
    bias : bool, default True
    initialiser : str or Initialiser, default "glorot"
        How the weights of the inputs begin, each gate's by themselves.
    recurrent_initialiser : str or Initialiser, default "orthogonal"
        How the weights of the state begin, each gate's by themselves.

    Notes
    -----
    Cho and others, "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014, version 1 of its preprint for the place of the reset gate.
    """

    row: ClassVar[str] = "gru"
    n_gates: ClassVar[int] = 3


@dataclass(frozen=True)
class Bidirectional(Layer):
    """A recurrent layer and another one like it that reads the sequence from its end, side by side on the last axis.

    Parameters
    ----------
    forward : RNN, LSTM or GRU
        The one that reads from the beginning. The value has twice its units: (2 units,) or (steps, 2 units).

    Notes
    -----
    Schuster, Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on Signal Processing 45, 1997.
    """

    n_optional: ClassVar[int] = 1

    forward: Layer

    def __post_init__(self) -> None:
        if not isinstance(self.forward, _Recurrent):
            raise ValueError(
                f"forward={self.forward!r} of Bidirectional is not a recurrent layer; "
                "give RNN(...), LSTM(...) or GRU(...)"
            )
        if self.forward.reverse:
            raise ValueError(
                f"forward={self.forward!r} of Bidirectional is reversed already; "
                "leave out reverse=True, since the other direction is added to it"
            )

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        assert isinstance(self.forward, _Recurrent), "checked above"
        name = builder.layer
        values = []
        for direction, layer in (("forward", self.forward), ("backward", replace(self.forward, reverse=True))):
            builder.layer = f"{name}.{direction}"
            values.append(layer.build(builder, sources))
        builder.layer = name
        width = self.forward.units
        widths = {"width": width, "width2": width}
        return builder.add(Kernel("concatenate", widths), values, (*values[0].shape[:-1], 2 * width))

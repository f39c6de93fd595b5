"""Layer specifications: what a layer is, as small immutable dataclasses. They hold no weights and know no data."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar

from netlet.errors import unknown_name
from netlet.graph.initialisers import check_initialiser


@dataclass(frozen=True)
class Kernel:
    """One operation that a layer consists of: a row of the registry with its settings.

    Parameters
    ----------
    name : str
        The row's name.
    units : int or None
        The output size, where the row does not follow it from the input.
    factors : tuple of float
        Values for the row's factors.
    parameters : tuple of (str, int)
        For a layer with parameters: the initialiser of its weight, and 1 or 0 for its bias.
    """

    name: str
    units: int | None = None
    factors: tuple[float, ...] = ()
    initialiser: str | None = None
    bias: bool = False


@dataclass(frozen=True)
class Node:
    """A layer applied to earlier nodes: what calling a layer returns, for building graphs."""

    layer: Layer
    sources: tuple[Node, ...]


@dataclass(frozen=True)
class Layer:
    """Base of all layer specifications.

    Calling a layer with nodes builds a graph: ``Add()(a, Dense(8)(a))``.
    """

    n_inputs: ClassVar[int] = 1

    def kernels(self) -> tuple[Kernel, ...]:
        """Return the operations that the layer consists of, first to last."""
        raise NotImplementedError

    def __call__(self, *sources: Node) -> Node:
        """Apply the layer to earlier nodes.

        Raises
        ------
        TypeError
            If a source is not a node, or their number is not the layer's.
        """
        name = type(self).__name__
        if len(sources) != self.n_inputs:
            raise TypeError(f"{name} reads {self.n_inputs} node(s), {len(sources)} given; call it as {name}(...)(node)")
        for source in sources:
            if not isinstance(source, Node):
                raise TypeError(
                    f"{name} was called with {type(source).__name__}, which is not a node; begin with Input(size)()"
                )
        return Node(self, sources)

    def describe(self) -> dict[str, Any]:
        """Return the layer as a dict of plain values, for the model file."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"layer": type(self).__name__} | {
            name: value.describe() if isinstance(value, Layer) else value for name, value in values.items()
        }


def _check_positive(layer: Layer, parameter: str) -> None:
    """Raise unless a parameter is a positive int; make a NumPy integer one of Python, for the model file."""
    value = getattr(layer, parameter)
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(
            f"{parameter}={value!r} of {type(layer).__name__} is not an int >= 1; give the number of units"
        )
    object.__setattr__(layer, parameter, int(value))


def _check_real(layer: Layer, parameter: str, remedy: str) -> None:
    """Raise unless a parameter is a finite number; make a NumPy float one of Python, for the model file."""
    value = getattr(layer, parameter)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{parameter}={value!r} of {type(layer).__name__} is not a finite number; {remedy}")
    object.__setattr__(layer, parameter, float(value))


@dataclass(frozen=True)
class Input(Layer):
    """The network's input.

    Parameters
    ----------
    size : int, >= 1
        Features of a sample.
    """

    size: int
    n_inputs: ClassVar[int] = 0

    def __post_init__(self) -> None:
        _check_positive(self, "size")

    def kernels(self) -> tuple[Kernel, ...]:
        return ()


@dataclass(frozen=True)
class Identity(Layer):
    """``y = x``."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("identity"),)


@dataclass(frozen=True)
class Sigmoid(Layer):
    """``y = 1 / (1 + e^-x)``; as the last layer, one yes-or-no probability for each output."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("sigmoid"),)


@dataclass(frozen=True)
class Tanh(Layer):
    """``y = tanh(x)``."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("tanh"),)


@dataclass(frozen=True)
class ReLU(Layer):
    """``y = max(x, 0)``."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("relu"),)


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """``y = x`` where x > 0, else ``negative_slope * x``.

    Parameters
    ----------
    negative_slope : float, default 0.01
    """

    negative_slope: float = 0.01

    def __post_init__(self) -> None:
        _check_real(self, "negative_slope", "0.01 is usual")

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("leaky_relu", factors=(float(self.negative_slope),)),)


@dataclass(frozen=True)
class Softmax(Layer):
    """Turn a sample's numbers into probabilities that sum to 1; as the last layer, the classes' probabilities."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("softmax"),)


@dataclass(frozen=True)
class Dropout(Layer):
    """While training, drop each number with probability `rate` and enlarge the others by ``1 / (1 - rate)``.

    Parameters
    ----------
    rate : float, 0 <= rate < 1, default 0.5
        The fraction dropped.
    """

    rate: float = 0.5

    def __post_init__(self) -> None:
        _check_real(self, "rate", "it is the fraction dropped, 0.1 to 0.5 is usual")
        if not 0 <= self.rate < 1:
            raise ValueError(
                f"rate={self.rate!r} of Dropout is not in [0, 1); it is the fraction dropped, 0.1 to 0.5 is usual"
            )

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("dropout", factors=(float(self.rate),)),)


@dataclass(frozen=True)
class Add(Layer):
    """``y = x + x2`` for two nodes of one size, as a residual connection does."""

    n_inputs: ClassVar[int] = 2

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("add"),)


ACTIVATIONS: dict[str, type[Layer]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "softmax": Softmax,
}


@dataclass(frozen=True)
class Dense(Layer):
    """Fully connected: ``y = activation(x W + b)``.

    Parameters
    ----------
    units : int, >= 1
        Outputs per sample.
    activation : str or layer, default "identity"
        One of "identity", "sigmoid", "tanh", "relu", "leaky_relu", "softmax", or an activation layer such as
        ``LeakyReLU(0.2)``.
    bias : bool, default True
    initialiser : str, default "auto"
        How the weight begins: "auto" (He for ReLU and its kin, else Glorot), "glorot", "he", "normal" (0.01), "uniform"
        (from -0.05 to 0.05) or "zeros". Biases begin at zero.

    Raises
    ------
    ValueError
        If `units` is no positive int, or a name is unknown.
    """

    units: int
    activation: str | Layer = "identity"
    bias: bool = True
    initialiser: str = "auto"

    def __post_init__(self) -> None:
        _check_positive(self, "units")
        check_initialiser(self.initialiser)
        if isinstance(self.activation, Layer):
            if not isinstance(self.activation, tuple(ACTIVATIONS.values())):
                raise ValueError(
                    f"activation={self.activation!r} is no activation; use one of {', '.join(ACTIVATIONS)}"
                )
        elif self.activation not in ACTIVATIONS:
            raise ValueError(unknown_name("activation", self.activation, ACTIVATIONS))

    def kernels(self) -> tuple[Kernel, ...]:
        weighted = Kernel("dense", units=self.units, initialiser=self.initialiser, bias=self.bias)
        activation = self.activation if isinstance(self.activation, Layer) else ACTIVATIONS[self.activation]()
        return (weighted,) if isinstance(activation, Identity) else (weighted, *activation.kernels())


LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer for layer in (Input, Dense, Identity, Sigmoid, Tanh, ReLU, LeakyReLU, Softmax, Dropout, Add)
}


def layer_from(description: dict[str, Any]) -> Layer:
    """Build a layer from what `Layer.describe` returned.

    Raises
    ------
    ValueError
        If the layer or one of its parameters is unknown.
    """
    values = dict(description)
    name = values.pop("layer", None)
    if name not in LAYERS:
        raise ValueError(unknown_name("layer", name, LAYERS))
    kind = LAYERS[name]
    known = {field.name for field in fields(kind)}
    for parameter, value in values.items():
        if parameter not in known:
            raise ValueError(unknown_name(f"parameter of {name}", parameter, known))
        if isinstance(value, dict):
            values[parameter] = layer_from(value)
    return kind(**values)

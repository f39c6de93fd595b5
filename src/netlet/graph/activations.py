"""Activations: the functions between layers, each a layer of its own."""

from __future__ import annotations

from dataclasses import dataclass

from netlet.graph.specification import Kernel, Layer, check_real


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
        check_real(self, "negative_slope", "0.01 is usual")

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("leaky_relu", factors=(float(self.negative_slope),)),)


@dataclass(frozen=True)
class Softmax(Layer):
    """Turn a sample's numbers into probabilities that sum to 1; as the last layer, the classes' probabilities."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("softmax"),)


ACTIVATIONS: dict[str, type[Layer]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "softmax": Softmax,
}

"""Activations: the functions between layers, each a layer of its own."""

from __future__ import annotations

from dataclasses import dataclass

from netlet.errors import unknown_name
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Constant
from netlet.graph.specification import Layer, check_real


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
class PReLU(Layer):
    """``y = x`` where x > 0, else ``slope * x``; each feature learns its slope, which begins at 0.25."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("prelu", initialisers={"slope": Constant(0.25)}),)


@dataclass(frozen=True)
class ELU(Layer):
    """``y = x`` where x > 0, else ``alpha * (e^x - 1)``.

    Parameters
    ----------
    alpha : float, default 1.0
        How far below 0 the output goes.
    """

    alpha: float = 1.0

    def __post_init__(self) -> None:
        check_real(self, "alpha", "1.0 is usual")

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("elu", factors=(float(self.alpha),)),)


@dataclass(frozen=True)
class SELU(Layer):
    """``y = 1.0507 x`` where x > 0, else ``1.7581 (e^x - 1)``: activations keep mean 0 and variance 1."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("selu"),)


@dataclass(frozen=True)
class ParametricSELU(Layer):
    """``y = x + slope * (SELU(x) - x)``; each feature learns its slope, which begins at 1: at SELU."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("parametric_selu", initialisers={"slope": Constant(1.0)}),)


@dataclass(frozen=True)
class GELU(Layer):
    """``y = x F(x)`` with the normal distribution function F.

    Parameters
    ----------
    approximate : bool, default False
        Whether F is approximated with the hyperbolic tangent, as some published networks have it. The results differ by
        5e-4 at most.
    """

    approximate: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.approximate, bool):
            raise ValueError(
                f"approximate={self.approximate!r} of GELU is not True or False; "
                "True takes the hyperbolic tangent in place of the error function"
            )

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("gelu_tanh" if self.approximate else "gelu"),)


@dataclass(frozen=True)
class SiLU(Layer):
    """``y = x / (1 + e^-x)``, also called swish."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("silu"),)


@dataclass(frozen=True)
class Softplus(Layer):
    """``y = log(1 + e^x)``, a smooth ReLU; as the last layer, positive numbers."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("softplus"),)


@dataclass(frozen=True)
class Mish(Layer):
    """``y = x tanh(log(1 + e^x))``."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("mish"),)


@dataclass(frozen=True)
class ParametricMish(Layer):
    """``y = x + slope * (Mish(x) - x)``; each feature learns its slope, which begins at 1: at Mish."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("parametric_mish", initialisers={"slope": Constant(1.0)}),)


@dataclass(frozen=True)
class Step(Layer):
    """``y = 1`` where x >= 0, else 0; its gradient is 0 everywhere, so that nothing before it learns by gradients."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("step"),)


@dataclass(frozen=True)
class Exponential(Layer):
    """``y = e^x``; as the last layer, positive numbers such as rates."""

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("exponential"),)


@dataclass(frozen=True)
class Softmax(Layer):
    """Turn a sample's numbers into probabilities that sum to 1; as the last layer, the classes' probabilities.

    Where a sample has several axes, the numbers along its last one sum to 1.
    """

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("softmax"),)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        return builder.add(Kernel("softmax", {"features": sources[0].shape[-1]}), sources)


ACTIVATIONS: dict[str, type[Layer]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "prelu": PReLU,
    "elu": ELU,
    "selu": SELU,
    "parametric_selu": ParametricSELU,
    "gelu": GELU,
    "silu": SiLU,
    "swish": SiLU,
    "softplus": Softplus,
    "mish": Mish,
    "parametric_mish": ParametricMish,
    "step": Step,
    "exponential": Exponential,
    "softmax": Softmax,
}
"""What ``Dense(activation=...)`` may name. "swish" is another name of "silu"."""


def check_activation(activation: str | Layer) -> None:
    """Raise ValueError unless `activation` is an activation layer or the name of one."""
    if isinstance(activation, Layer):
        if not isinstance(activation, tuple(ACTIVATIONS.values())):
            raise ValueError(f"activation={activation!r} is no activation; use one of {', '.join(ACTIVATIONS)}")
    elif activation not in ACTIVATIONS:
        raise ValueError(unknown_name("activation", activation, ACTIVATIONS))


def activation_layer(activation: str | Layer) -> Layer:
    """Return an activation, which may be given by its name, as a layer."""
    return activation if isinstance(activation, Layer) else ACTIVATIONS[activation]()


def activated(builder: Builder, value: Value, activation: str | Layer) -> Value:
    """Append an activation's operations, if it has any."""
    layer = activation_layer(activation)
    return value if isinstance(layer, Identity) else layer.build(builder, (value,))

"""Optimizers: what a person chooses. Each names an update rule and its settings; the rule itself is a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

from netlet.errors import unknown_name


def _check(parameter: str, value: object, low: float, high: float, open_low: bool = False) -> None:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not (low < value if open_low else low <= value) or value >= high:  # type: ignore[arg-type,operator]
        left = "(" if open_low else "["
        raise ValueError(f"{parameter}={value!r} is not a number in {left}{low:g}, {high:g}); choose one inside")


@dataclass(frozen=True)
class Optimizer:
    """Base of the optimizers.

    Parameters
    ----------
    learning_rate : float, > 0
    """

    learning_rate: float
    rule: ClassVar[str] = ""

    def __post_init__(self) -> None:
        _check("learning_rate", self.learning_rate, 0.0, math.inf, open_low=True)

    def settings(self) -> tuple[float, ...]:
        """Return the update rule's settings, in its order."""
        return ()


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent: ``theta -= learning_rate * dtheta``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.1
    """

    learning_rate: float = 0.1
    rule: ClassVar[str] = "sgd"


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum: ``v = momentum * v - learning_rate * dtheta; theta += v``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.01
    momentum : float in [0, 1), default 0.9
    """

    learning_rate: float = 0.01
    momentum: float = 0.9
    rule: ClassVar[str] = "momentum"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("momentum", self.momentum, 0.0, 1.0)

    def settings(self) -> tuple[float, ...]:
        return (self.momentum,)


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam as in algorithm 1 of Kingma and Ba, 2015: both averages corrected for their bias, `eps` outside the root.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.001
    beta1, beta2 : float in [0, 1), default 0.9 and 0.999
    eps : float, > 0, default 1e-8
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    rule: ClassVar[str] = "adam"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("beta1", self.beta1, 0.0, 1.0)
        _check("beta2", self.beta2, 0.0, 1.0)
        _check("eps", self.eps, 0.0, math.inf, open_low=True)

    def settings(self) -> tuple[float, ...]:
        return (self.beta1, self.beta2, self.eps)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def optimizer_of(choice: Any, learning_rate: float | None = None) -> Optimizer:
    """Return the optimizer that a name or an optimizer stands for.

    Raises
    ------
    ValueError
        If the name is unknown.
    TypeError
        If `choice` is neither.
    """
    if isinstance(choice, Optimizer):
        return choice
    if not isinstance(choice, str):
        raise TypeError(
            f"optimizer={choice!r} is neither a name nor an optimizer; use 'adam' or Adam(learning_rate=0.001)"
        )
    if choice not in OPTIMIZERS:
        raise ValueError(unknown_name("optimizer", choice, OPTIMIZERS))
    return OPTIMIZERS[choice]() if learning_rate is None else OPTIMIZERS[choice](learning_rate)

"""Optimizers: what a person chooses. Each names an update rule and its settings; the rule itself is a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from netlet.errors import unknown_name
from netlet.training.adaptive import (
    Adadelta,
    Adagrad,
    Adam,
    AdamEpsHat,
    AdamW,
    AMSGrad,
    Lion,
    NAdam,
    RMSprop,
    Rprop,
)
from netlet.training.optimizer import Optimizer

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "AMSGrad",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamEpsHat",
    "AdamW",
    "AveragedMomentum",
    "Lion",
    "Momentum",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "Rprop",
    "optimizer_from",
    "optimizer_of",
]


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent: ``theta -= learning_rate * dtheta``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.1
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.1
    rule = "sgd"


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum: ``v = momentum * v - learning_rate * dtheta; theta += v``.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.01
    momentum : float in [0, 1), default 0.9
    nesterov : bool, default False
        Nesterov's accelerated gradient in the form of Bengio, Boulanger-Lewandowski and Pascanu, 2013, whose parameters
        are the point looked ahead to: ``theta += momentum * v - learning_rate * dtheta``.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False

    @property
    def rule(self) -> str:
        return "nesterov" if self.nesterov else "momentum"

    @property
    def gain(self) -> float:
        return 1 / (1 - self.momentum)


@dataclass(frozen=True)
class AveragedMomentum(Optimizer):
    """Gradient descent along an average of the gradients, the first of the two averages of Adam (Kingma and Ba, 2015).

    ``v = beta * v + (1 - beta) * dtheta; theta -= learning_rate * v / (1 - beta**t)``, t the number of the update.

    Parameters
    ----------
    learning_rate : float, > 0, default 0.1
    beta : float in [0, 1), default 0.9
    bias_correction : bool, default True
        Whether to divide by ``1 - beta**t``, without which the first steps are small.
    weight_decay : float, >= 0, default 0
    """

    learning_rate: float = 0.1
    beta: float = 0.9
    bias_correction: bool = True
    rule = "averaged_momentum"


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": partial(Momentum, nesterov=True),
    "averaged_momentum": AveragedMomentum,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adam_eps_hat": AdamEpsHat,
    "amsgrad": AMSGrad,
    "adamw": AdamW,
    "nadam": NAdam,
    "lion": Lion,
    "rprop": Rprop,
}
"""What builds the optimizer of a name, from a learning rate or from its default."""

_CLASSES = {
    kind.__name__: kind
    for kind in (
        SGD, Momentum, AveragedMomentum, Adagrad, Adadelta, RMSprop, Adam, AdamEpsHat, AMSGrad, AdamW, NAdam, Lion,
        Rprop,
    )
}  # fmt: skip


def optimizer_of(choice: Any, learning_rate: float | None = None, others: Iterable[str] = ()) -> Optimizer:
    """Return the optimizer that a name or an optimizer stands for.

    Parameters
    ----------
    choice : str or Optimizer
    learning_rate : float, optional
        For a name; default: the optimizer's own.
    others : iterable of str
        Names that the caller knows beside these, for the message.

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
        raise ValueError(unknown_name("optimizer", choice, [*OPTIMIZERS, *others]))
    return OPTIMIZERS[choice]() if learning_rate is None else OPTIMIZERS[choice](learning_rate)


def optimizer_from(description: Mapping[str, Any]) -> Optimizer:
    """Build an optimizer from what `Optimizer.describe` returned.

    Raises
    ------
    ValueError
        If the optimizer or one of its parameters is unknown, or a value is out of its range.
    """
    values = dict(description)
    name = values.pop("optimizer", None)
    if name not in _CLASSES:
        raise ValueError(unknown_name("optimizer", name, _CLASSES))
    kind = _CLASSES[name]
    for parameter in values:
        if parameter not in kind.__dataclass_fields__:
            raise ValueError(unknown_name(f"parameter of {name}", parameter, kind.__dataclass_fields__))
    return kind(**values)

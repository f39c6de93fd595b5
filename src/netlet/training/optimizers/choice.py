"""The optimizers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from netlet.errors import unknown_name
from netlet.training.optimizers.adaptive import (
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
from netlet.training.optimizers.base import Optimizer
from netlet.training.optimizers.descent import SGD, AveragedMomentum, Momentum

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

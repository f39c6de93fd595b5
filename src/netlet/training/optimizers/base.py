"""The base of the optimizers: their fields are checked here, by name, since one word means one thing in all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any

from netlet.kernels import optimizers as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.registry import updates

# From the first number to below the second; "(": the first itself is not allowed.
_RANGES = {
    "learning_rate": ("(", 0.0, math.inf),
    "weight_decay": ("[", 0.0, math.inf),
    "momentum": ("[", 0.0, 1.0),
    "beta": ("[", 0.0, 1.0),
    "beta1": ("[", 0.0, 1.0),
    "beta2": ("[", 0.0, 1.0),
    "rho": ("[", 0.0, 1.0),
    "eps": ("(", 0.0, math.inf),
    "eta_minus": ("(", 0.0, 1.0),
    "eta_plus": ("(", 1.0, math.inf),
    "least_step": ("(", 0.0, math.inf),
    "most_step": ("(", 0.0, math.inf),
}


def _check(parameter: str, value: object, left: str, low: float, high: float) -> None:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not (low < value if left == "(" else low <= value) or value >= high:  # type: ignore[arg-type,operator]
        raise ValueError(f"{parameter}={value!r} is not a number in {left}{low:g}, {high:g}); choose one inside")


@dataclass(frozen=True)
class Optimizer:
    """Base of the optimizers.

    Parameters
    ----------
    learning_rate : float, > 0
    weight_decay : float, >= 0, default 0
        Decoupled weight decay (Loshchilov and Hutter, 2019): each update first takes ``learning_rate * weight_decay``
        of each weight away. It is not the gradient of a penalty: the rule's averages do not see it. By keyword only.

    Raises
    ------
    ValueError
        If a value is out of its range.
    """

    learning_rate: float
    weight_decay: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _RANGES:
                _check(each.name, value, *_RANGES[each.name])
                object.__setattr__(self, each.name, float(value))
            elif not isinstance(value, bool):
                raise ValueError(f"{each.name}={value!r} of {type(self).__name__} is neither True nor False; use one")

    @property
    def rule(self) -> str:
        """The update rule's name in the registry."""
        raise NotImplementedError

    @property
    def gain(self) -> float:
        """How far a steady gradient of 1 moves a parameter in the long run, in units of the learning rate.

        1 for rules that scale the gradient themselves.
        """
        return 1.0

    def settings(self) -> tuple[float, ...]:
        """Return the update rule's settings, in its order."""
        return tuple(float(getattr(self, name)) for name in updates[self.rule].settings)

    def describe(self) -> dict[str, Any]:
        """Return the optimizer as a dict of plain values, from which `optimizer_from` builds it again."""
        return {"optimizer": type(self).__name__} | {each.name: getattr(self, each.name) for each in fields(self)}

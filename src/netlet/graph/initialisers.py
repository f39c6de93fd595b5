"""How weights begin. Each initialiser is one row of a table: a distribution whose scale follows from the sizes.

| name | distribution | reference |
|---|---|---|
| zeros | 0 | |
| normal | N(0, 0.01^2) | |
| uniform | U(-0.05, 0.05) | |
| glorot | U(-a, a), a = sqrt(6 / (n_in + n_out)) | Glorot, Bengio, AISTATS 2010 |
| he | N(0, 2 / n_in) | He, Zhang, Ren, Sun, ICCV 2015 |
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from netlet.errors import unknown_name

INITIALISERS = ("auto", "zeros", "normal", "uniform", "glorot", "he")
_RECTIFIERS = ("relu", "leaky_relu", "prelu", "elu", "gelu", "gelu_tanh", "silu", "softplus", "mish")


@dataclass(frozen=True)
class Initialiser:
    """Base of the initialisers."""

    def describe(self) -> dict[str, Any]:
        """Return the initialiser as a dict of plain values, for the model file."""
        return {"initialiser": type(self).__name__} | {each.name: getattr(self, each.name) for each in fields(self)}

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        """Fill a block of parameters.

        Parameters
        ----------
        values : float32 or float64, (n_in, n_out), contiguous
            Filled in place.
        generator : int64, (4,)
            State array of `netlet.kernels.random.new_generator`.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Initialiser):
    """Every number the same.

    Parameters
    ----------
    value : float, default 0
    """

    value: float = 0.0

    def fill(self, values: np.ndarray, generator: np.ndarray) -> None:
        values[:] = self.value


def check_initialiser(choice: object) -> None:
    """Raise ValueError unless `choice` is an initialiser or the name of one."""
    if not isinstance(choice, Initialiser) and choice not in INITIALISERS:
        raise ValueError(unknown_name("initialiser", choice, INITIALISERS))


def initialiser_from(description: dict[str, Any]) -> Initialiser:
    """Build an initialiser from what `Initialiser.describe` returned.

    Raises
    ------
    ValueError
        If it is unknown.
    """
    kinds = {kind.__name__: kind for kind in Initialiser.__subclasses__()}
    values = dict(description)
    name = values.pop("initialiser", None)
    if name not in kinds:
        raise ValueError(unknown_name("initialiser", name, kinds))
    return kinds[name](**values)


def resolve(choice: str | Initialiser, activation: str | None) -> str | Initialiser:
    """Return the initialiser that "auto" means before the kernel `activation`: He for rectifiers, else Glorot.

    SELU keeps mean 0 and variance 1 only after weights of variance 1 / n_in, which is LeCun's.
    """
    if choice != "auto":
        return choice
    if activation == "selu":
        return "lecun_normal"
    return "he" if activation in _RECTIFIERS else "glorot"


def initialise(choice: str | Initialiser, values: np.ndarray, generator: np.ndarray) -> None:
    """Fill a block of parameters.

    Parameters
    ----------
    choice : str or Initialiser
        One of `INITIALISERS` but "auto".
    values : float32 or float64, (n_in, n_out), contiguous
        Filled in place.
    generator : int64, (4,)
        State array of `netlet.kernels.random.new_generator`.
    """
    from netlet.kernels.compiling import prepare
    from netlet.kernels.random import fill_normal, fill_uniform

    if isinstance(choice, Initialiser):
        choice.fill(values, generator)
        return
    n_in, n_out = values.shape
    fills: dict[str, tuple[Any, float, float]] = {
        "normal": (fill_normal, 0.0, 0.01),
        "uniform": (fill_uniform, -0.05, 0.05),
        "glorot": (fill_uniform, -math.sqrt(6 / (n_in + n_out)), math.sqrt(6 / (n_in + n_out))),
        "he": (fill_normal, 0.0, math.sqrt(2 / n_in)),
    }
    if choice == "zeros":
        values[:] = 0
    else:
        fill, first, second = fills[choice]
        prepare(fill, str(values.dtype))(values.reshape(-1), generator, first, second)

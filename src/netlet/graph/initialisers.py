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
from typing import Any

import numpy as np

from netlet.errors import unknown_name

INITIALISERS = ("auto", "zeros", "normal", "uniform", "glorot", "he")
_RECTIFIERS = ("relu", "leaky_relu")


def check_initialiser(name: object) -> None:
    """Raise ValueError unless `name` is an initialiser's."""
    if name not in INITIALISERS:
        raise ValueError(unknown_name("initialiser", name, INITIALISERS))


def resolve(name: str, activation: str | None) -> str:
    """Return the initialiser that "auto" means before the kernel `activation`: He for rectifiers, else Glorot."""
    if name != "auto":
        return name
    return "he" if activation in _RECTIFIERS else "glorot"


def initialise(name: str, weight: np.ndarray, n_in: int, n_out: int, generator: np.ndarray) -> None:
    """Fill a weight.

    Parameters
    ----------
    name : str
        One of `INITIALISERS` but "auto".
    weight : float32 or float64, (n_in * n_out,), contiguous
        Filled in place.
    n_in, n_out : int
    generator : int64, (4,)
        State array of `netlet.kernels.random.new_generator`.
    """
    from netlet.kernels.random import fill_normal, fill_uniform

    fills: dict[str, tuple[Any, float, float]] = {
        "normal": (fill_normal, 0.0, 0.01),
        "uniform": (fill_uniform, -0.05, 0.05),
        "glorot": (fill_uniform, -math.sqrt(6 / (n_in + n_out)), math.sqrt(6 / (n_in + n_out))),
        "he": (fill_normal, 0.0, math.sqrt(2 / n_in)),
    }
    if name == "zeros":
        weight[:] = 0
    else:
        from netlet.kernels.compiling import prepare

        fill, first, second = fills[name]
        prepare(fill, str(weight.dtype))(weight, generator, first, second)

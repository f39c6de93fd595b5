"""How weights begin, by name. An initialiser is a distribution whose scale may follow from the sizes; most have names.

| name | initialiser | distribution | reference |
|---|---|---|---|
| zeros | Zeros() | 0 | |
| normal | Normal(0.01) | N(0, 0.01^2) | |
| uniform | Uniform(0.05) | U(-0.05, 0.05) | |
| glorot, glorot_uniform | Glorot() | U(-a, a), a = sqrt(6 / (n_in + n_out)) | Glorot, Bengio, AISTATS 2010 |
| glorot_normal | Glorot("normal") | N(0, 2 / (n_in + n_out)) | |
| he, he_normal | He() | N(0, 2 / n_in) | He, Zhang, Ren, Sun, ICCV 2015 |
| he_uniform | He("uniform") | U(-a, a), a = sqrt(6 / n_in) | |
| lecun, lecun_normal | LeCun() | N(0, 1 / n_in) | LeCun, Bottou, Orr, Mueller, "Efficient BackProp", 1998 |
| lecun_uniform | LeCun("uniform") | U(-a, a), a = sqrt(3 / n_in) | |
| orthogonal | Orthogonal() | W^T W = I or W W^T = I | Saxe, McClelland, Ganguli, ICLR 2014 |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.graph.distributions import (
    Constant,
    Glorot,
    He,
    Initialiser,
    LeCun,
    Normal,
    Orthogonal,
    Uniform,
    VarianceScaling,
    Zeros,
)

__all__ = [
    "INITIALISERS",
    "NAMED",
    "Constant",
    "Glorot",
    "He",
    "Initialiser",
    "LeCun",
    "Normal",
    "Orthogonal",
    "Uniform",
    "VarianceScaling",
    "Zeros",
    "check_initialiser",
    "initialise",
    "initialiser_from",
    "resolve",
]

_RECTIFIERS = ("relu", "leaky_relu", "prelu", "elu", "gelu", "gelu_tanh", "silu", "softplus", "mish", "parametric_mish")

NAMED: dict[str, Initialiser] = {
    "zeros": Zeros(),
    "normal": Normal(),
    "uniform": Uniform(),
    "glorot": Glorot(),
    "glorot_normal": Glorot("normal"),
    "glorot_uniform": Glorot("uniform"),
    "he": He(),
    "he_normal": He("normal"),
    "he_uniform": He("uniform"),
    "lecun": LeCun(),
    "lecun_normal": LeCun("normal"),
    "lecun_uniform": LeCun("uniform"),
    "orthogonal": Orthogonal(),
}
INITIALISERS = ("auto", *NAMED)


def check_initialiser(choice: object) -> None:
    """Raise ValueError unless `choice` is an initialiser or the name of one."""
    if not isinstance(choice, Initialiser) and choice not in INITIALISERS:
        raise ValueError(unknown_name("initialiser", choice, INITIALISERS))


def _kinds(base: type[Initialiser]) -> Iterator[type[Initialiser]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def initialiser_from(description: dict[str, Any]) -> Initialiser:
    """Build an initialiser from what `Initialiser.describe` returned.

    Raises
    ------
    ValueError
        If it or one of its parameters is unknown.
    """
    kinds = {kind.__name__: kind for kind in _kinds(Initialiser)}
    values = dict(description)
    name = values.pop("initialiser", None)
    if name not in kinds:
        raise ValueError(unknown_name("initialiser", name, kinds))
    known = {each.name for each in fields(kinds[name])}
    for parameter in values:
        if parameter not in known:
            raise ValueError(unknown_name(f"parameter of {name}", parameter, known))
    return kinds[name](**values)


def resolve(choice: str | Initialiser, activation: str | None) -> str | Initialiser:
    """Return the initialiser that "auto" means before the kernel `activation`: He for rectifiers, else Glorot.

    SELU keeps mean 0 and variance 1 only after weights of variance 1 / n_in, which is LeCun's.
    """
    if choice != "auto":
        return choice
    if activation in ("selu", "parametric_selu"):
        return "lecun_normal"
    return "he" if activation in _RECTIFIERS else "glorot"


def initialise(
    choice: str | Initialiser, values: np.ndarray, generator: np.ndarray, fans: tuple[int, int] | None = None
) -> None:
    """Fill a block of parameters.

    Parameters
    ----------
    choice : str or Initialiser
        One of `INITIALISERS` but "auto".
    values : float32 or float64, (n_in, n_out), contiguous
        Filled in place.
    generator : int64, (4,)
        State array of `netlet.kernels.random.new_generator`.
    fans : tuple of int, optional
        Default: (n_in, n_out).
    """
    initialiser = choice if isinstance(choice, Initialiser) else NAMED[choice]
    if fans is None:
        initialiser.fill(values, generator)
    else:
        initialiser.fill_block(values, generator, fans)

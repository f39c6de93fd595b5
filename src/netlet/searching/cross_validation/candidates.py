"""From a space to the settings of the candidates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterGrid, ParameterSampler

from netlet.scales import Choice, Scale

Settings = dict[str, Any]


def check_space(space: Any) -> list[dict[str, Any]]:
    """Return a space as a list of dicts of name to values.

    Raises
    ------
    TypeError, ValueError
        If it is none: names the parameter.
    """
    spaces = [space] if isinstance(space, Mapping) else list(space)
    if not spaces:
        raise ValueError("space=[] has no dict; give one of name to list, distribution or scale")
    for each in spaces:
        if not isinstance(each, Mapping):
            raise TypeError(f"space={each!r} is not a dict of name to list, distribution or scale, nor a list of those")
        for name, values in each.items():
            if hasattr(values, "rvs") or isinstance(values, Scale):
                continue
            if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)):
                raise TypeError(
                    f"space[{name!r}]={values!r} is no list, no distribution with rvs, and no scale of netlet; for one "
                    f"value write [{values!r}]"
                )
            if len(values) == 0:
                raise ValueError(f"space[{name!r}] is empty; give at least one value")
    # A choice of values is a list: it can be gone through, and drawn from without replacement.
    return [{name: list(v.values) if isinstance(v, Choice) else v for name, v in each.items()} for each in spaces]


def all_of(space: list[dict[str, Any]]) -> list[Settings]:
    """Return every combination.

    Raises
    ------
    ValueError
        If a parameter has no list.
    """
    for each in space:
        for name, values in each.items():
            if not _is_list(values):
                raise ValueError(
                    f"space[{name!r}]={values!r} is not a list, so that strategy='grid' cannot go through its values; "
                    "use strategy='random', or give a list"
                )
    return list(ParameterGrid(space))


def some_of(space: list[dict[str, Any]], n_iter: int, random_state: Any) -> list[Settings]:
    """Draw candidates: those that scikit-learn's `ParameterSampler` draws.

    Where there are lists alone, without replacement, and no more than there are combinations.
    """
    if all(_is_list(values) for each in space for values in each.values()):
        n_iter = min(n_iter, sum(math.prod(len(values) for values in each.values()) for each in space))
    drawn = [{name: _Drawn(v) if isinstance(v, Scale) else v for name, v in each.items()} for each in space]
    return list(ParameterSampler(drawn, n_iter, random_state=random_state))


def _is_list(values: Any) -> bool:
    return not hasattr(values, "rvs") and not isinstance(values, Scale)


class _Drawn:
    """A scale, with the method by which scikit-learn draws from a distribution."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def rvs(self, random_state: np.random.RandomState) -> Any:
        """Draw a value."""
        return self.scale.value_at(random_state.uniform(size=self.scale.dimensions))

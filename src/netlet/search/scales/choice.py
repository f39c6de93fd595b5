"""A scale of any objects, which have no order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, ClassVar

from netlet.search.plain import plain
from netlet.search.scales.base import Point, Scale


@dataclass(frozen=True)
class Choice(Scale):
    """One of several values, all equally likely; in a space a list means the same.

    Parameters
    ----------
    values : iterable of object
        Any objects, each once: names, numbers, tuples, layers, optimizers.

    Examples
    --------
    >>> Choice(["relu", "tanh"]).value_at(0.7)
    'tanh'
    """

    values: tuple[Any, ...]

    ordered: ClassVar[bool] = False

    def __init__(self, values: Iterable[Any]) -> None:
        object.__setattr__(self, "values", _checked(values))

    def _value(self, point: Point) -> Any:
        return self.values[min(int(float(point[0]) * len(self.values)), len(self.values) - 1)]

    def _coordinates(self, value: Any) -> Sequence[float]:
        return ((self.index(value) + 0.5) / len(self.values),)

    def index(self, value: Any) -> int:
        """Return the place of a value among the values: the one that is it, or equals it.

        Raises
        ------
        ValueError
            If none does.
        """
        for agree in (_is, _equals, _reads_the_same):
            for place, own in enumerate(self.values):
                if agree(own, value):
                    return place
        raise self._outside(value)

    def count(self) -> int:
        return len(self.values)

    def all_values(self) -> Iterator[Any]:
        return iter(self.values)

    def key(self, value: Any) -> int:
        return self.index(value)  # the values themselves need not be hashable

    def suggest(self, trial: Any, name: str) -> Any:
        labels = self._labels()
        return self.values[labels.index(trial.suggest_categorical(name, labels))]

    def suggestion(self, value: Any, name: str) -> dict[str, Any]:
        return {name: self._labels()[self.index(value)]}

    def _labels(self) -> list[Any]:
        """Return what stands for the values in Optuna, which stores only numbers and strings, and takes 1 for True."""
        if all(each is None or isinstance(each, bool | int | float | str) for each in self.values) and not any(
            one == other for one, other in itertools.combinations(self.values, 2)
        ):
            return [plain(each) for each in self.values]
        return [f"{place}: {plain(each)}" for place, each in enumerate(self.values)]


def _checked(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return the values as a tuple, or raise unless they are several things in an order."""
    if isinstance(values, str | bytes | Mapping | AbstractSet) or not isinstance(values, Iterable):
        raise TypeError(
            f"values={values!r} of Choice is no list; write the values in brackets: Choice(['relu', 'tanh'])"
        )
    chosen = tuple(values)
    if not chosen:
        raise ValueError("values=[] of Choice is empty; give at least one value")
    for value in chosen:
        if isinstance(value, Scale):
            raise TypeError(f"Choice holds the scale {value!r}; scales do not nest: search each of them by itself")
    for one, other in itertools.combinations(chosen, 2):
        if _is(one, other):
            raise ValueError(f"Choice holds {one!r} twice; give each value once, all are tried equally often")
    return chosen


def _is(own: Any, value: Any) -> bool:
    return own is value or (type(own) is type(value) and _equals(own, value))


def _equals(own: Any, value: Any) -> bool:
    try:
        return bool(own == value)
    except (TypeError, ValueError):  # arrays have no one answer
        return False


def _reads_the_same(own: Any, value: Any) -> bool:
    """Return whether a value is what the own one has become in a JSON file, where a tuple is a list."""
    return bool(plain(own) == plain(value))

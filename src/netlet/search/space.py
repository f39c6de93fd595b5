"""What a search varies: a scale for each name."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

import numpy as np

from netlet.errors import unknown_name
from netlet.search.plain import plain
from netlet.search.scales.base import Point, Scale, as_point
from netlet.search.scales.choice import Choice


class Space:
    """The settings that a search tries, as a scale or a fixed value for each name. Immutable.

    Parameters
    ----------
    entries : mapping of str to object
        A scale is drawn from, a list is a `Choice` of its values, and anything else is fixed: a tuple, such as the
        sizes of hidden layers, too. At least one name.

    Raises
    ------
    TypeError
        If it is no such mapping, or an entry is most likely meant to vary but is no scale.
    ValueError
        If it is empty, or what a list holds is.

    Examples
    --------
    >>> from netlet.search.scales import LogUniform
    >>> space = Space({"learning_rate": LogUniform(1e-4, 1e-1), "activation": ["relu", "tanh"], "batch_size": 32})
    >>> space.settings_at([1.0, 0.0])
    {'learning_rate': 0.1, 'activation': 'relu', 'batch_size': 32}
    """

    def __init__(self, entries: Mapping[str, Any]) -> None:
        if not isinstance(entries, Mapping):
            raise TypeError(
                f"space={entries!r} is not a dict of names to scales; use one such as "
                "{'learning_rate': LogUniform(1e-4, 1e-1)}"
            )
        if not entries:
            raise ValueError(
                "space={} is empty; name what is to vary, such as {'learning_rate': LogUniform(1e-4, 1e-1)}"
            )
        self._entries = {name: _entry(name, value) for name, value in entries.items()}
        self._scales = {name: scale for name, scale in self._entries.items() if isinstance(scale, Scale)}
        stops = list(itertools.accumulate((scale.dimensions for scale in self._scales.values()), initial=0))
        self._slices = {name: slice(*ends) for name, ends in zip(self._scales, itertools.pairwise(stops), strict=True)}
        self._dimensions = stops[-1]

    @classmethod
    def of(cls, space: Space | Mapping[str, Any]) -> Space:
        """Return a space as it is, and a mapping as a space."""
        return space if isinstance(space, Space) else cls(space)

    @property
    def scales(self) -> Mapping[str, Scale]:
        """The scales of the settings that vary, by name."""
        return MappingProxyType(self._scales)

    @property
    def fixed(self) -> dict[str, Any]:
        """The values of the settings that do not vary, by name."""
        return {name: value for name, value in self._entries.items() if name not in self._scales}

    @property
    def is_fixed(self) -> bool:
        """Whether nothing varies."""
        return not self._scales

    @property
    def dimensions(self) -> int:
        """The number of coordinates of a point: those of all scales together."""
        return self._dimensions

    def coordinates(self, name: str) -> slice:
        """Return where the coordinates of a setting that varies stand in a point."""
        if name not in self._slices:
            raise ValueError(unknown_name("name", name, self._slices))
        return self._slices[name]

    def sample(self, generator: np.random.Generator) -> dict[str, Any]:
        """Return settings drawn at random, each from its scale."""
        return self.settings_at(generator.random(self.dimensions))

    def settings_at(self, point: Sequence[float] | Point) -> dict[str, Any]:
        """Return the settings at a point of the unit cube.

        Parameters
        ----------
        point : array-like of shape (dimensions,)
            Coordinates in [0, 1].

        Returns
        -------
        dict of str to object
            A value for each name of the space, in its order.
        """
        array = as_point(point, self.dimensions, "Space")
        return {
            name: scale.value_at(array[self._slices[name]]) if isinstance(scale, Scale) else scale
            for name, scale in self._entries.items()
        }

    def point_of(self, settings: Mapping[str, Any]) -> Point:
        """Return a point at which the settings stand.

        Parameters
        ----------
        settings : mapping of str to object
            A value for each name that varies; those that are fixed may be left out.

        Returns
        -------
        ndarray of shape (dimensions,)

        Raises
        ------
        TypeError, ValueError
            If a name is missing or not known, or a value is not in its scale.
        """
        self._check(settings)
        point = np.empty(self.dimensions)
        for name, scale in self._scales.items():
            try:
                point[self._slices[name]] = scale.point_of(settings[name])
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name}={settings[name]!r} is not in the space: {error}") from None
        return point

    def uses(self, settings: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return for each coordinate whether the settings depend on it, of shape (dimensions,)."""
        self._check(settings)
        return np.array([use for name, scale in self._scales.items() for use in scale.uses(settings[name])], dtype=bool)

    def completed(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as the space itself gives them, or raise as `point_of` does.

        What is fixed is filled in, and a value that is only equal, such as a list for a tuple, becomes the space's own.
        """
        self.point_of(settings)
        return {
            name: scale.own(settings[name]) if isinstance(scale, Scale) else scale
            for name, scale in self._entries.items()
        }

    def count(self) -> int | None:
        """Return the number of distinct settings; None where there is no end of them."""
        counts = [scale.count() for scale in self._scales.values()]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    def all_settings(self) -> Iterator[dict[str, Any]]:
        """Yield all distinct settings, where their number is finite; the last name varies fastest.

        Raises
        ------
        TypeError
            If there is no end of them.
        """
        columns = [
            list(scale.all_values()) if isinstance(scale, Scale) else [scale] for scale in self._entries.values()
        ]
        for row in itertools.product(*columns):
            yield dict(zip(self._entries, row, strict=True))

    def key(self, settings: Mapping[str, Any]) -> tuple[Hashable, ...]:
        """Return what tells settings from others of the space."""
        return tuple(scale.key(settings[name]) for name, scale in self._scales.items())

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Return the settings that Optuna suggests.

        Parameters
        ----------
        trial : optuna.trial.BaseTrial
        """
        return {
            name: scale.suggest(trial, name) if isinstance(scale, Scale) else scale
            for name, scale in self._entries.items()
        }

    def suggestion(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what Optuna would have to suggest for the settings: the inverse of `suggest`."""
        return {
            parameter: value
            for name, scale in self._scales.items()
            for parameter, value in scale.suggestion(settings[name], name).items()
        }

    def describe(self) -> dict[str, Any]:
        """Return the space as plain JSON values: equal for equal spaces, in every process."""
        return {
            name: scale.describe() if isinstance(scale, Scale) else {"fixed": plain(scale)}
            for name, scale in self._entries.items()
        }

    def _check(self, settings: Mapping[str, Any]) -> None:
        """Raise unless the names are those of the space, and what is fixed agrees."""
        for name in settings:
            if name not in self._entries:
                raise ValueError(unknown_name("name of a setting", name, self._entries))
        for name in self._scales:
            if name not in settings:
                raise ValueError(f"the settings name no {name}, which varies in the space; give a value for it")
        for name, value in self.fixed.items():
            if name in settings and settings[name] is not value and plain(settings[name]) != plain(value):
                raise ValueError(
                    f"{name}={settings[name]!r} is not in the space, which fixes it to {value!r}; leave {name} out"
                )

    def __contains__(self, settings: object) -> bool:
        if not isinstance(settings, Mapping):
            return False
        try:
            self.point_of(settings)
        except (TypeError, ValueError):
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, name: str) -> Any:
        return self._entries[name]

    def __eq__(self, other: object) -> bool:
        return self.describe() == other.describe() if isinstance(other, Space) else NotImplemented

    def __hash__(self) -> int:
        return hash(repr(self.describe()))

    def __repr__(self) -> str:
        return f"Space({self._entries!r})"


def _entry(name: object, value: Any) -> Any:
    """Return what stands for a name of the space: a scale, or a value that is fixed."""
    if not isinstance(name, str) or not name:
        raise TypeError(f"{name!r} in the space is no name; use the name of a setting, such as 'learning_rate'")
    if isinstance(value, Scale):
        return value
    if isinstance(value, list):
        try:
            return Choice(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}={value!r} in the space: {error}") from None
    if isinstance(value, type) and issubclass(value, Scale):
        raise TypeError(f"{name}={value.__name__} in the space is a class; give it its range: {value.__name__}(...)")
    if hasattr(value, "rvs"):
        raise TypeError(
            f"{name}={value!r} in the space is a distribution of SciPy; use a scale: Uniform, LogUniform, Integer"
        )
    if isinstance(value, np.ndarray | range | AbstractSet | Iterator):
        raise TypeError(
            f"{name}={value!r} in the space is a {type(value).__name__}; use a list for a choice of its values, a "
            "tuple for a fixed value, or a scale"
        )
    return value

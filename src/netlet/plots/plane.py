"""The plane of two features on which a function of all features is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.plots.checks import matrix_of, names_of, place_of

_MARGIN = 0.08  # around the samples, as a share of their range
_NUMBERS_AT_ONCE = 2**22


@dataclass(frozen=True, eq=False)
class Plane:
    """A grid of points over two features of samples, the other features being fixed.

    Attributes
    ----------
    x, y : float64, (resolution,)
        Where the two features are looked at, evenly spaced.
    points : (n_samples, 2)
        The samples' two features.
    names : tuple of str
        Theirs.
    origin : (n_features,)
        All features, with the values of those that are fixed.
    places : tuple of int
        Which columns the two are.
    """

    x: np.ndarray
    y: np.ndarray
    points: np.ndarray
    names: tuple[str, str]
    origin: np.ndarray
    places: tuple[int, int]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The edges of the picture whose pixels' middles are the grid's points."""
        edges = []
        for axis in (self.x, self.y):
            half = (axis[1] - axis[0]) / 2
            edges += [float(axis[0] - half), float(axis[-1] + half)]
        return edges[0], edges[1], edges[2], edges[3]

    def values(self, function: Callable[[np.ndarray], Any]) -> np.ndarray:
        """Return what a function of features gives on the grid: (resolution, resolution, n_outputs), y upwards.

        Raises
        ------
        ValueError
            If it does not give one value, or one row of them, for each row of features.
        """
        across, up = np.meshgrid(self.x, self.y)
        coordinates = np.column_stack([across.ravel(), up.ravel()])
        block, found = max(1, _NUMBERS_AT_ONCE // len(self.origin)), []
        for start in range(0, len(coordinates), block):
            part = coordinates[start : start + block]
            rows = np.tile(self.origin, (len(part), 1))
            rows[:, self.places] = part
            given = np.asarray(function(rows))
            if not given.ndim or len(given) != len(rows):
                raise ValueError(f"for {len(rows)} rows the function gave the shape {given.shape}; give a row for each")
            found.append(given.reshape(len(rows), -1))
        whole = np.concatenate(found)
        return whole.reshape(len(self.y), len(self.x), whole.shape[1])


def plane_of(
    X: Any,
    features: Sequence[int | str] | None,
    fixed: Mapping[Any, float] | Sequence[float] | None,
    names: Sequence[str] | None,
    resolution: int,
) -> Plane:
    """Lay a grid over two features of samples.

    Parameters
    ----------
    X : array-like, (n_samples, n_features)
    features : two of int or str, or None
        None is for two features.
    fixed : mapping of feature to number, or array-like, (n_features,), or None
        Values of the others; default: their medians.
    names : sequence of str, or None
        Default: the columns of a data frame, or "feature 0" and so on.
    resolution : int, >= 2
    """
    columns = getattr(X, "columns", None)
    table = matrix_of("X", X, 2)
    n_features = table.shape[1]
    if names is None and columns is not None:
        names = [str(name) for name in columns]
    named = names_of("names", names, n_features, lambda place: f"feature {place}")
    check_number("resolution", resolution, int, 2)
    if features is None:
        if n_features != 2:
            raise ValueError(f"X has {n_features} features, a picture two; name them, such as features=(0, 1)")
        features = (0, 1)
    if isinstance(features, str) or len(features) != 2:
        raise ValueError(f"features={features!r} are not two; give two names or numbers, such as (0, 1)")
    first, second = (place_of("features", each, named) for each in features)
    if first == second:
        raise ValueError(f"features={tuple(features)!r} are one and the same; give two")
    points = table[:, (first, second)]
    return Plane(
        _axis(points[:, 0], resolution), _axis(points[:, 1], resolution), points, (named[first], named[second]),
        _origin(table, fixed, named), (first, second),
    )  # fmt: skip


def _axis(values: np.ndarray, resolution: int) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    room = _MARGIN * (high - low) or max(1.0, abs(low))  # of a constant feature too there is something around it
    return np.linspace(low - room, high + room, resolution)


def _origin(table: np.ndarray, fixed: Any, names: list[str]) -> np.ndarray:
    origin: np.ndarray = np.median(table, axis=0).astype(table.dtype)
    if isinstance(fixed, Mapping):
        for name, value in fixed.items():
            origin[place_of("fixed", name, names)] = value
    elif fixed is not None:
        given = np.asarray(fixed, dtype=table.dtype)
        if given.shape != origin.shape:
            raise ValueError(
                f"fixed has the shape {given.shape}, X has {len(origin)} features; give a number for each, or a dict "
                "of those to be fixed elsewhere than at their median"
            )
        origin = given.copy()
    return origin

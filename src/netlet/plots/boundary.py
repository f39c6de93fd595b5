"""The decision boundary: what a model answers all over a plane of two features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from netlet.errors import unknown_name
from netlet.plots.checks import column_of
from netlet.plots.look import MARKERS, axes_of, colours_of, inches_of
from netlet.plots.plane import Plane, plane_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DEEPEST = 0.7  # of a class's colour, so that the points are seen before it
_KINDS = ("auto", "classes", "numbers")


def decision_boundary(
    predict: Callable[[np.ndarray], Any],
    X: Any,
    y: Any,
    features: Sequence[int | str] | None = None,
    ax: Axes | None = None,
    *,
    fixed: Mapping[Any, float] | Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
    kind: Literal["auto", "classes", "numbers"] = "auto",
    resolution: int = 200,
) -> Axes:
    """Draw what a model answers over the plane of two features, with the samples.

    Of classes the colour says which is most probable, and its depth how sure the model is: white is no surer than
    chance. Lines separate the classes. Of numbers the colour is the number: of the plane what is predicted, of a point
    what is true.

    Parameters
    ----------
    predict : callable
        From features, (n, n_features), to probabilities, (n, n_classes), to the probability of the second of two
        classes, (n,) or (n, 1), to labels, (n,), or to numbers, (n,) or (n, 1).
    X : array-like or data frame, (n_samples, n_features)
        The samples to draw; they also say how far the plane goes.
    y : array-like, (n_samples,)
        Their classes or numbers. Columns of probabilities stand in the order of the sorted classes.
    features : two of int or str, optional
        Which features the plane has; needed if X has more than two.
    ax : Axes, optional
    fixed : mapping of feature to number, or array-like, (n_features,), optional
        The values of the other features; default: their medians.
    names : sequence of str, (n_features,), optional
        Default: the columns of a data frame, or "feature 0" and so on.
    classes : sequence, (n_classes,), optional
        All classes, in the order of the probabilities; default: the sorted values of y, or 0, 1, ... if y has ints
        below the number of columns.
    kind : {"auto", "classes", "numbers"}
        What the answers are. "auto": classes if there are several columns, labels that are no numbers, answers that are
        all among the values of y, or one column within [0, 1] while y has only 0 and 1; else numbers.
    resolution : int, >= 2, default 200
        Points along either side; `predict` is asked for ``resolution**2`` rows.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, arrays are empty or not finite, or a feature is unknown.
    """
    if kind not in _KINDS:
        raise ValueError(unknown_name("kind", kind, _KINDS))
    plane = plane_of(X, features, fixed, names, resolution)
    y = column_of("y", y, len(plane.points))
    answers = plane.values(predict)
    ax = axes_of(ax)
    is_of_classes = kind == "classes" or classes is not None or (kind == "auto" and _are_classes(answers, y))
    if is_of_classes:
        _draw_classes(ax, plane, answers, y, classes)
    else:
        _draw_numbers(ax, plane, answers, y)
    left, right, bottom, top = plane.extent
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=plane.names[0], ylabel=plane.names[1])
    return ax


def _are_classes(answers: np.ndarray, y: np.ndarray) -> bool:
    if answers.shape[2] > 1 or not np.issubdtype(answers.dtype, np.number) or y.dtype.kind not in "iuf":
        return True
    if set(np.unique(y).tolist()) <= {0, 1} and answers.min() >= 0 and answers.max() <= 1:
        return True
    return bool(np.isin(answers, y).all())


def _draw_classes(ax: Axes, plane: Plane, answers: np.ndarray, y: np.ndarray, classes: Any) -> None:
    known = _classes_of(answers, y, classes)
    shares = _shares(answers, known)
    colours = colours_of(len(known))
    ax.imshow(shade(shares, colours), extent=plane.extent, origin="lower", aspect="auto", interpolation="nearest")
    for number in range(len(known)):
        others = np.delete(shares, number, axis=2).max(axis=2, initial=0.0)
        ahead = shares[:, :, number] - others
        # Of two classes the one's line is the other's; and a line is only there where it is crossed.
        if ahead.min() < 0 < ahead.max() and not (len(known) == 2 and number == 1):
            ax.contour(plane.x, plane.y, ahead, levels=[0.0], colors="#333333", linewidths=1.0)
    scatter_classes(ax, plane.points, y, known, colours)
    legend_outside(ax, len(known))


def _classes_of(answers: np.ndarray, y: np.ndarray, classes: Any) -> np.ndarray:
    n_columns = answers.shape[2]
    found = np.unique(y)
    if classes is not None:
        known = np.asarray(classes)
        unknown = [value for value in found.tolist() if value not in known.tolist()]
        if unknown:
            raise ValueError(f"y has {unknown[0]!r}, which is none of classes={known.tolist()}; name all classes")
    elif n_columns > 1 and y.dtype.kind in "iu" and found[0] >= 0 and found[-1] < n_columns:
        known = np.arange(n_columns)
    elif n_columns == 1 and set(found.tolist()) <= {0, 1}:
        known = np.array([0, 1]) if y.dtype.kind != "b" else np.array([False, True])
    elif n_columns == 1:
        known = np.union1d(found, answers.astype(found.dtype)) if _are_labels(answers, found) else found
    else:
        known = found
    if n_columns > 1 and len(known) != n_columns:
        raise ValueError(
            f"predict gives {n_columns} columns, there are {len(known)} classes; name all with classes=[...]"
        )
    return known


def _are_labels(answers: np.ndarray, known: np.ndarray) -> bool:
    return answers.dtype.kind not in "f" or bool(np.isin(answers, known).all())


def _shares(answers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return each class's probability on the grid; for labels 0 and 1."""
    if answers.shape[2] > 1:
        return np.asarray(answers, dtype=float)
    only = answers[:, :, 0]
    if _are_labels(answers, known):
        return np.asarray(only[:, :, None] == known, dtype=float)
    if len(known) != 2 or only.min() < 0 or only.max() > 1:
        raise ValueError(
            f"predict gives one number from {only.min():.3g} to {only.max():.3g} for {len(known)} classes; give a "
            "probability for each class, labels, or kind='numbers'"
        )
    return np.stack([1.0 - only, only], axis=2)


def shade(shares: np.ndarray, colours: Sequence[Any]) -> np.ndarray:
    """Return a picture of probabilities: the colour of the largest, the paler the nearer it is to chance.

    Parameters
    ----------
    shares : (height, width, n_classes)
    colours : sequence of colours, (n_classes,)

    Returns
    -------
    float64, (height, width, 3)
    """
    from matplotlib.colors import to_rgb

    palette = np.array([to_rgb(colour) for colour in colours])
    chance = 1.0 / len(palette)
    sure = (shares.max(axis=2) - chance) / (1.0 - chance) if len(palette) > 1 else shares.max(axis=2)
    depth = _DEEPEST * np.clip(sure, 0.0, 1.0)[:, :, None]
    picture: np.ndarray = 1.0 - depth * (1.0 - palette[shares.argmax(axis=2)])
    return picture


def scatter_classes(
    ax: Axes, points: np.ndarray, y: np.ndarray, known: np.ndarray, colours: Sequence[Any], size: float | None = None
) -> None:
    """Draw samples with a colour and a mark for each class."""
    size = size if size is not None else float(np.clip(3000 / len(points), 8, 32))
    for number, (value, colour) in enumerate(zip(known.tolist(), colours, strict=True)):
        rows = points[y == value]
        ax.scatter(
            rows[:, 0], rows[:, 1], s=size, color=colour, marker=MARKERS[number % len(MARKERS)], edgecolors="white",
            linewidths=0.1 * size**0.5, label=str(value), zorder=3,
        )  # fmt: skip


def legend_outside(ax: Axes, n: int) -> None:
    """Put the legend beside the plane, where it hides no sample."""
    columns = 1 + (n - 1) // 12
    size = float(np.clip(72 * inches_of(ax)[1] / (1.75 * -(-n // columns)), 4.5, 10.0))
    ax.legend(
        loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, ncols=columns, handletextpad=0.2,
        borderaxespad=0.2, fontsize=size,
    )  # fmt: skip


def _draw_numbers(ax: Axes, plane: Plane, answers: np.ndarray, y: np.ndarray) -> None:
    if answers.shape[2] != 1:
        raise ValueError(f"predict gives {answers.shape[2]} numbers for each row; draw one of them")
    if y.dtype.kind not in "iufb":
        raise ValueError(f"y holds {y.dtype}, no numbers; use kind='classes'")
    from matplotlib.colors import Normalize

    surface = answers[:, :, 0].astype(float)
    scale = Normalize(min(surface.min(), y.min()), max(surface.max(), y.max()))
    image = ax.imshow(
        surface, extent=plane.extent, origin="lower", aspect="auto", interpolation="nearest", cmap="cividis", norm=scale
    )
    size = float(np.clip(3000 / len(y), 8, 32))
    ax.scatter(
        plane.points[:, 0], plane.points[:, 1], c=y, s=size, cmap="cividis", norm=scale, edgecolors="white",
        linewidths=0.6, zorder=3,
    )  # fmt: skip
    ax.figure.colorbar(image, ax=ax, label="prediction")

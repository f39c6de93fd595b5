"""The confusion matrix: which class is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.plots.checks import column_of, names_of
from netlet.plots.look import QUIET, axes_of, is_dark, type_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHARES_UP_TO = 10  # classes whose shares have room below the counts
_LARGEST, _SMALLEST, _SMALLEST_OF_BOTH = 11.0, 3.5, 5.0  # points of the type in the cells
_LETTER = 0.62  # of its height, how wide a letter is


def confusion_matrix(
    y_true: Any,
    y_pred: Any,
    names: Sequence[Any] | None = None,
    ax: Axes | None = None,
    *,
    classes: Sequence[Any] | None = None,
) -> Axes:
    """Draw how many samples of each class are predicted as which: counts, and shares of the true class.

    Parameters
    ----------
    y_true, y_pred : array-like, (n_samples,)
        Classes of any type.
    names : sequence, (n_classes,), optional
        What to call the classes, in their order; default: themselves.
    ax : Axes, optional
    classes : sequence, (n_classes,), optional
        All classes, in the order to draw them; default: those that occur, sorted.

    Returns
    -------
    Axes
        Its image has the shares: row i, column j is the share of the true class i that was predicted as j.

    Raises
    ------
    ValueError, TypeError
        If the arrays are empty, differ in length, have classes that `classes` has not, or `names` are too many or few.

    Notes
    -----
    The type is as large as the cells allow. Shares are left out, and told by a bar of colours, where the cells are
    too small or there are more than ten classes; counts are left out where nobody could read them.
    """
    y_true = column_of("y_true", y_true)
    y_pred = column_of("y_pred", y_pred, len(y_true))
    known = _classes_of(y_true, y_pred, classes)
    texts = names_of("names", names, len(known), lambda place: str(known[place]))
    place = {value: number for number, value in enumerate(known)}
    counts = np.zeros((len(known), len(known)), dtype=np.int64)
    rows, columns = ([place[value] for value in each.tolist()] for each in (y_true, y_pred))
    np.add.at(counts, (rows, columns), 1)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    ax = axes_of(ax)
    image = ax.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, interpolation="nearest")
    right, n = int(np.trace(counts)), len(y_true)
    ax.set(xlabel="predicted", ylabel="true")
    ax.set_title(f"{right:,} of {n:,} right, {right / n:.1%}", fontsize=type_size(ax))
    _name_classes(ax, texts)
    ax.figure.figure.draw_without_rendering()  # the layout says how large the cells are
    has_shares = len(known) <= _SHARES_UP_TO and _size_of_both(ax, counts) >= _SMALLEST_OF_BOTH
    if not has_shares:
        ax.figure.colorbar(image, ax=ax, label="share of the true class")
    for _ in range(2):  # the names take room from the cells, and their size follows from it
        _name_classes(ax, texts)
        ax.figure.figure.draw_without_rendering()
    _fill(ax, image, counts, shares, has_shares)
    return ax


def _classes_of(y_true: np.ndarray, y_pred: np.ndarray, classes: Sequence[Any] | None) -> list[Any]:
    found: list[Any] = np.unique(np.concatenate([y_true, y_pred])).tolist()
    if classes is None:
        return found
    known: list[Any] = np.asarray(classes).tolist()
    unknown = [value for value in found if value not in known]
    if unknown:
        raise ValueError(f"classes={known} lacks {unknown[0]!r}, which y_true or y_pred has; name all classes")
    return known


def _name_classes(ax: Axes, texts: list[str]) -> None:
    n, longest = len(texts), max(map(len, texts))
    width, height = _cell(ax, n)
    size = float(np.clip(0.75 * min(width, height), 3.0, 10.0))
    slanted = longest * _LETTER * size > 0.95 * width
    ax.set_xticks(range(n), texts, fontsize=size, rotation=90 if slanted and longest > 2 else 0)
    ax.set_yticks(range(n), texts, fontsize=size)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _cell(ax: Axes, n: int) -> tuple[float, float]:
    """Return a cell's width and height in points."""
    ax.apply_aspect()
    box = ax.get_window_extent()
    scale = 72 / ax.figure.dpi / n
    return box.width * scale, box.height * scale


def _size_of_both(ax: Axes, counts: np.ndarray) -> float:
    """Return the size of the type with which a count above a share fits into a cell."""
    width, height = _cell(ax, len(counts))
    return min(0.85 * width / (_LETTER * max(_digits(counts), 4)), 0.8 * height / 2.4, _LARGEST)


def _size_of_counts(ax: Axes, counts: np.ndarray) -> float:
    width, height = _cell(ax, len(counts))
    return min(0.8 * width / (_LETTER * _digits(counts)), 0.75 * height, _LARGEST)


def _digits(counts: np.ndarray) -> int:
    return len(f"{counts.max():,}")


def _fill(ax: Axes, image: Any, counts: np.ndarray, shares: np.ndarray, has_shares: bool) -> None:
    n = len(counts)
    size = _size_of_both(ax, counts) if has_shares else _size_of_counts(ax, counts)
    if size < _SMALLEST:
        return
    for row in range(n):
        for column in range(n):
            text = f"{counts[row, column]:,}"
            if has_shares:
                text += f"\n{shares[row, column]:.0%}"
            dark = is_dark(image.cmap(image.norm(shares[row, column])))
            empty = counts[row, column] == 0
            colour = "white" if dark else QUIET if empty else "black"
            ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=size, linespacing=1.15)

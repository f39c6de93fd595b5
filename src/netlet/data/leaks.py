"""Columns that give the target away: each is asked alone how well it foretells the target in rows it was not shown.

A column's score comes from each row's neighbours in it, the row itself left out. Rows of one value foretell each
other: their class is the one that the majority of the others has, their number the others' mean. A value that stands
alone is foretold by the values next to it: by their classes, each half; or by the straight line between their means.
That costs one sort for each column. In classification the neighbours err twice as often as the best rule would, so a
column of numbers that comes near the bar is asked again with a decision tree, cross-validated.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.columns import Column
from netlet.data.finding import Finding, columns_named, drop_words
from netlet.data.kinds import column_numbers, column_text
from netlet.data.target import Target

MOST_ROWS = 5_000
SCREEN_ROWS = 2_000
LEAST_ROWS = 30
LEAST_MINORITY = 5  # rows outside the largest class: fewer are set apart by chance
MOST_ERROR = 0.01
ERROR_OF_GUESS = 0.1  # the error has to be below this part of a constant guess's
SCREEN_SLACK = 4.0
LEAST_R2 = 0.999
SCREEN_R2 = 0.99
LEAST_CORRELATION = 0.9999
MOST_TREES = 200
ONE_BY_ONE = 5
FOLDS = 5


@dataclass(frozen=True)
class _Rows:
    """The rows that columns are judged by, and the target there: labels, or numbers."""

    frame: pl.DataFrame
    y: NDArray[np.int64] | NDArray[np.float64]

    def some(self, n: int) -> _Rows:
        """Give the first rows; they are in random order."""
        return _Rows(self.frame.head(n), self.y[:n])


def leaks(frame: pl.DataFrame, target: Target, columns: Sequence[Column], seed: int = 0) -> list[Finding]:
    """Find the columns each of which almost determines the target.

    Parameters
    ----------
    frame : polars.DataFrame
        The table; rows without a target do not count.
    target : Target
        From `fit_target`.
    columns : sequence of Column
        The inputs.
    seed : int
        For drawing at most 5,000 rows, and for the folds.

    Returns
    -------
    list of Finding
        A column is named if it errs in at most 1 % of the rows and at most a tenth as often as a constant guess
        (classification), or has R2 >= 0.999 (regression); there is none for fewer than 30 rows.
    """
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(target.known(frame))
    sample = _once(frame[rng.permutation(known)[:MOST_ROWS]], target, columns)
    judged = _Rows(sample, target.encode(sample))
    if len(sample) < LEAST_ROWS:
        return []
    if target.task == "classification":
        found = list(_of_classes(judged, columns, seed))
    else:
        found = list(_of_numbers(judged, columns))
    findings = [_finding(frame, target, column, score) for column, score in found[:ONE_BY_ONE]]
    more = [column.name for column, _ in found[ONE_BY_ONE:]]
    if more:
        does = "does" if len(more) == 1 else "do"
        message = f"So {does} {columns_named(more)}: leave out what is not known when predicting ({drop_words(more)})."
        findings.append(Finding("leak", tuple(more), message))
    return findings


def _once(frame: pl.DataFrame, target: Target, columns: Sequence[Column]) -> pl.DataFrame:
    """Give each row once: repeated ones foretell each other's target by any column."""
    used = frame.select([*(frame[column.name] for column in columns), frame[target.column]])
    return frame.filter(used.hash_rows(seed=0).is_first_distinct())


def _of_classes(judged: _Rows, columns: Sequence[Column], seed: int) -> Iterator[tuple[Column, float]]:
    """Give the columns, and the part of the rows whose class they foretell."""
    labels = judged.y.astype(np.int64)
    counts = np.bincount(labels)
    minority = len(labels) - int(counts.max())
    if minority < LEAST_MINORITY:
        return
    allowed = min(MOST_ERROR, ERROR_OF_GUESS * minority / len(labels))
    if minority >= 2 * LEAST_MINORITY:
        allowed = max(allowed, 1 / len(labels))
    screen = judged.some(SCREEN_ROWS)
    n, n_classes = len(screen.y), np.count_nonzero(counts)
    near: list[tuple[float, Column]] = []
    for column in columns:
        error = _class_error(_places(screen.frame[column.name], column), labels[:n], _ordered(column))
        if error <= SCREEN_SLACK * allowed + 2 * n_classes / n:
            near.append((error, column))
    chosen = {column for _, column in sorted(near, key=lambda pair: pair[0])[:MOST_TREES]}
    for column in columns:
        if column not in chosen:
            continue
        places = _places(judged.frame[column.name], column)
        error = _class_error(places, labels, _ordered(column))
        if error > allowed and _ordered(column):
            error = _tree_error(places, labels, seed)
        if error <= allowed:
            yield column, 1 - error


def _of_numbers(judged: _Rows, columns: Sequence[Column]) -> Iterator[tuple[Column, float]]:
    """Give the columns, and the R2 with which they foretell the target."""
    y = judged.y.astype(np.float64)
    screen = judged.some(SCREEN_ROWS)
    for column in columns:
        first = _r2(_places(screen.frame[column.name], column), y[: len(screen.y)], _ordered(column))
        if first < SCREEN_R2:
            continue
        score = _r2(_places(judged.frame[column.name], column), y, _ordered(column))
        if score >= LEAST_R2:
            yield column, score


def _ordered(column: Column) -> bool:
    return column.kind in ("number", "date")


def _places(series: pl.Series, column: Column) -> NDArray[np.float64]:
    """Give a column's values as numbers that tell them apart: missing ones lie beyond the others."""
    if not _ordered(column):
        return column_text(series).fill_null("\0").rank("dense").to_numpy().astype(np.float64)
    values = column_numbers(series, column.kind, "days" if column.kind == "date" else "value")
    lacking = np.isnan(values)
    if lacking.any():
        present = values[~lacking]
        beyond = 2 * present.max() - present.min() + 1 if len(present) else 0.0
        values = np.where(lacking, beyond, values)
    return values


def _class_error(x: NDArray[np.float64], labels: NDArray[np.int64], ordered: bool) -> float:
    order = np.argsort(x, kind="stable")
    x, labels = x[order], labels[order]
    group, sizes = _groups(x)
    _, key, times = np.unique(group * (labels.max() + 1) + labels, return_inverse=True, return_counts=True)
    others, alike = sizes[group] - 1, times[key] - 1
    right = (2 * alike >= others) & (alike > 0)
    same = labels[1:] == labels[:-1]
    beside = (np.append(same, same[-1]) * 0.5 + np.insert(same, 0, same[0]) * 0.5) if ordered else 0.0
    return 1 - float(np.where(others > 0, right, beside).mean())


def _tree_error(x: NDArray[np.float64], labels: NDArray[np.int64], seed: int) -> float:
    from sklearn.tree import DecisionTreeClassifier

    fold = np.random.default_rng(seed).permutation(len(x)) % FOLDS
    wrong = 0
    with np.errstate(over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that there are many classes for so few rows
        inputs = np.clip(x, -1e37, 1e37)[:, None]  # a tree holds float32
        for k in range(FOLDS):
            tree = DecisionTreeClassifier(max_leaf_nodes=4 * (labels.max() + 1) + 16, random_state=0)
            tree.fit(inputs[fold != k], labels[fold != k])
            wrong += int((tree.predict(inputs[fold == k]) != labels[fold == k]).sum())
    return wrong / len(x)


def _r2(x: NDArray[np.float64], y: NDArray[np.float64], ordered: bool) -> float:
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    group, sizes = _groups(x)
    sums = np.bincount(group, weights=y)
    means, values = sums / sizes, x[np.insert(np.cumsum(sizes)[:-1], 0, 0)]
    others = sizes[group] - 1
    foretold = np.full(len(y), y.mean())
    judged = np.ones(len(y), dtype=np.bool_)
    if ordered and len(values) > 2:
        part = (values[1:-1] - values[:-2]) / (values[2:] - values[:-2])
        line = np.concatenate([means[:1], means[:-2] + part * (means[2:] - means[:-2]), means[-1:]])
        foretold = line[group]
        judged = (others > 0) | ((group > 0) & (group < len(values) - 1))  # the outermost have one neighbour only
    several = others > 0
    foretold[several] = (sums[group] - y)[several] / others[several]
    spread = float(np.square(y[judged] - y.mean()).sum())
    if judged.sum() < LEAST_ROWS // 2 or spread <= 0:
        return 0.0
    return 1 - float(np.square(y - foretold)[judged].sum()) / spread


def _groups(x: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the groups of equal values in rising order, for each value and with their sizes."""
    group = np.insert(np.cumsum(np.diff(x) > 0), 0, 0).astype(np.int64)
    return group, np.bincount(group)


def _finding(frame: pl.DataFrame, target: Target, column: Column, score: float) -> Finding:
    name = column.name
    what = _exactly(frame, target, column)
    if what is None and target.task == "classification":
        what = f"column '{name}' almost determines the target '{target.column}': it alone tells the class of "
        what += f"{100 * score:.1f} % of the rows"
    elif what is None:
        what = (
            f"column '{name}' almost determines the target '{target.column}': it alone tells it with R2 = {score:.4f}"
        )
    what = what[0].upper() + what[1:]
    return Finding(
        "leak", (name,), f"{what}. If it is not known when predicting, leave it out with {drop_words([name])}."
    )


def _exactly(frame: pl.DataFrame, target: Target, column: Column) -> str | None:
    """Say in which way a column is the target itself, if it is."""
    pair = pl.DataFrame([frame[column.name].alias("x"), frame[target.column].alias("t")]).filter(
        pl.col("t").is_not_null()
    )
    if pair["x"].null_count() == 0 and (pair["x"].cast(pl.String) == pair["t"].cast(pl.String)).all():
        return f"column '{column.name}' is the target '{target.column}' once more"
    if target.task == "classification":
        pairs = pair.unique().sort("t")
        if len(pairs) == pair["x"].n_unique() == pair["t"].n_unique():
            names = [f"{'missing' if x is None else x} for {t}" for x, t in pairs.rows()]
            return f"column '{column.name}' is the target '{target.column}' in other words ({_first(names)})"
        return None
    if not _ordered(column):
        return None
    x, y = column_numbers(pair["x"], column.kind, "days" if column.kind == "date" else "value"), pair["t"].to_numpy()
    if np.isnan(x).any() or x.min() == x.max():
        return None
    correlation = float(np.corrcoef(_at_most_one(x), _at_most_one(y.astype(np.float64)))[0, 1])
    if abs(correlation) > LEAST_CORRELATION:
        return (
            f"column '{column.name}' is the target '{target.column}' on another scale (correlation {correlation:.6f})"
        )
    return None


def _at_most_one(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale numbers so that their squares neither overflow nor vanish."""
    largest = np.abs(values).max()
    scaled: NDArray[np.float64] = values / largest if largest > 0 else values
    return scaled


def _first(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")

"""Permutation importance: how much worse the predictions are when a column's cells are shuffled among the rows.

Reference: Breiman, "Random Forests", Machine Learning 45 (2001), section 10; the form for any model is that of Fisher,
Rudin and Dominici, JMLR 20 (2019).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.errors import check_number

N_BINS = 10
LONGEST_NAME = 40


@dataclass(frozen=True)
class ColumnImportance:
    """By how much a column's permutation lowered the score: mean and standard deviation over the repeats."""

    column: str
    mean: float
    deviation: float


@dataclass(frozen=True)
class Importance:
    """How much the model relies on each column; printed, it is a table.

    Attributes
    ----------
    columns : tuple of ColumnImportance
        The largest drop first.
    left_out : tuple of str
        Columns for which there was no time.
    measure : str
        What drops, in words.
    score : float
        Without permutation, on the same rows.
    n_rows, repeats : int
    """

    columns: tuple[ColumnImportance, ...]
    left_out: tuple[str, ...] = ()
    measure: str = "score"
    score: float = float("nan")
    n_rows: int = 0
    repeats: int = 0

    def __str__(self) -> str:
        names = [_short(each.column) for each in self.columns]
        width = max(map(len, names), default=0)
        rows, times = (
            f"{self.n_rows:,} row{'s' * (self.n_rows != 1)}",
            f"{self.repeats} shuffle{'s' * (self.repeats != 1)}",
        )
        lines = [f"{self.measure} {self.score:.4g} on {rows}; its drop where a column is shuffled, {times}:"]
        lines += [
            f"  {name:<{width}}  {each.mean:8.4f} +- {each.deviation:.4f}"
            for name, each in zip(names, self.columns, strict=True)
        ]
        if self.left_out:
            lines.append(f"  no time for {', '.join(map(_short, self.left_out))}")
        return "\n".join(lines)


def permutation_importance(
    predict: Callable[[pl.DataFrame], NDArray[Any]],
    frame: pl.DataFrame,
    truth: NDArray[Any],
    score: Callable[[NDArray[Any], NDArray[Any]], float],
    *,
    columns: Sequence[str] | None = None,
    measure: str = "score",
    repeats: int = 5,
    seed: int = 0,
    most_rows: int = 2_000,
    time_limit: float | None = None,
) -> Importance:
    """Measure how much a model relies on each column.

    Parameters
    ----------
    predict : callable
        Turns a frame of raw columns into outputs, one row for each of the frame's. It must give the same outputs for
        the same frame.
    frame : polars.DataFrame
        Rows that nothing was learned from, with all columns that `predict` reads.
    truth : ndarray, shape (n,)
        Whatever `score` compares the outputs with.
    score : callable
        ``score(truth, outputs)``; more is better.
    columns : sequence of str, optional
        Which columns to permute. Default: all of the frame's.
    measure : str
        What the score is, in words.
    repeats : int, >= 1
        Permutations of each column.
    seed : int, >= 0
        Decides the rows and the permutations; those of a column do not depend on which other columns are measured.
    most_rows : int, >= 1
        From a larger frame so many rows are drawn.
    time_limit : float, optional
        Seconds. The columns that go together most with the truth are measured first; those for which there was no
        time are named in `left_out`. One column at least is measured.

    Returns
    -------
    Importance
        The largest drop first. A column that the model does not read has a drop of exactly 0.

    Raises
    ------
    ValueError
        If there are no rows, a column is unknown, or the lengths differ.
    """
    check_number("repeats", repeats, int, 1)
    check_number("seed", seed, int, 0)
    check_number("most_rows", most_rows, int, 1)
    check_number("time_limit", time_limit, float, 0, optional=True, above=True)
    names = list(frame.columns if columns is None else columns)
    unknown = [name for name in names if name not in frame.columns]
    if unknown:
        raise ValueError(f"columns has {unknown[0]!r}, which the frame does not have; it has {frame.columns}")
    if not frame.height or len(truth) != frame.height:
        raise ValueError(
            f"frame has {frame.height} rows and truth {len(truth)}; both need the same number, at least one"
        )
    begin = time.perf_counter()
    if frame.height > most_rows:
        rows = np.sort(np.random.default_rng([seed, 0]).choice(frame.height, most_rows, replace=False))
        frame, truth = frame[rows], truth[rows]
    whole = score(truth, predict(frame))
    places = {name: at for at, name in enumerate(frame.columns)}
    order = names if time_limit is None else likely_first(frame.select(frame[name] for name in names), truth)
    found: list[ColumnImportance] = []
    for name in order:
        if time_limit is not None and found and time.perf_counter() - begin >= time_limit:
            break
        random = np.random.default_rng([seed, 1, places[name]])
        drops = np.empty(repeats)
        for repeat in range(repeats):
            permuted = frame.with_columns(frame[name][random.permutation(frame.height)])
            drops[repeat] = whole - score(truth, predict(permuted))
        found.append(ColumnImportance(name, float(drops.mean()), float(drops.std())))
    ranked = sorted(found, key=lambda column: (-column.mean, places[column.column]))
    return Importance(
        tuple(ranked), tuple(order[len(found) :]), measure, float(whole), n_rows=frame.height, repeats=repeats
    )


def likely_first(frame: pl.DataFrame, truth: NDArray[Any]) -> list[str]:
    """Sort columns by their mutual information with the truth, both cut into at most ten bins.

    What unrelated columns of so many bins would have by chance, (b - 1)(k - 1) / 2n, is taken off, so that a column of
    many values does not come first for that alone.
    """
    y = _binned(pl.Series(np.asarray(truth)))
    gains = {name: _information(_binned(frame[name]), y) for name in frame.columns}
    return sorted(frame.columns, key=lambda name: -gains[name])


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def _binned(series: pl.Series) -> NDArray[np.int64]:
    if series.n_unique() > N_BINS and series.dtype.is_numeric():
        ranks = series.rank("min").fill_null(0).to_numpy()
        return (ranks * N_BINS // (len(series) + 1)).astype(np.int64)
    codes = series.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    common = np.argsort(-np.bincount(codes), kind="stable")[: N_BINS - 1]
    bins = np.full(int(codes.max()) + 1, len(common), dtype=np.int64)
    bins[common] = np.arange(len(common))
    binned: NDArray[np.int64] = bins[codes]
    return binned


def _information(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    table = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
    np.add.at(table, (a, b), 1.0)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n = len(a)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    full = table > 0
    chance = (table.shape[0] - 1) * (table.shape[1] - 1) / (2 * n)
    return float((table[full] * np.log(table[full] / expected[full])).sum() / n - chance)

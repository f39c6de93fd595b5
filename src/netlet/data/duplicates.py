"""Rows that occur more than once: in the test as well as among those learned from, or with targets that differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.columns import Column
from netlet.data.finding import Finding

LEAST_SHARE = 0.005  # of the rows: fewer change no score that a person reads


def duplicates_across(
    frame: pl.DataFrame,
    target: str,
    columns: Sequence[Column],
    learned: NDArray[np.int64],
    tested: NDArray[np.int64],
    numbers: NDArray[np.int64] | None = None,
) -> list[Finding]:
    """Find rows of the test that the network has seen, and rows that contradict each other.

    Parameters
    ----------
    frame : polars.DataFrame
        The table; no target is missing.
    target : str
        The column to predict.
    columns : sequence of Column
        The inputs; rows are the same where these are.
    learned, tested : ndarray of int64
        The rows of the two parts, counted from 0.
    numbers : ndarray of int64, shape (n_rows,), optional
        The rows' numbers in the file, counted from 0, where `frame` has not all of them.

    Returns
    -------
    list of Finding
        At most one of "duplicates" and one of "conflicts"; each concerns at least 0.5 % of the rows. There is none
        where the columns have so few values that equal rows are to be expected.
    """
    names = [column.name for column in columns]
    if not len(frame) or _few_kinds_of_rows(frame, names):
        return []
    numbers = np.arange(len(frame)) if numbers is None else numbers
    inputs = frame.select(frame[name] for name in names).hash_rows(seed=0)
    whole = pl.DataFrame([inputs.alias("inputs"), frame[target].alias("target")]).hash_rows(seed=1).to_numpy()
    found = []
    seen = np.isin(whole[tested], whole[learned])
    if seen.sum() >= max(1.0, LEAST_SHARE * len(tested)):
        row = int(tested[seen.argmax()])
        twin = int(learned[(whole[learned] == whole[row]).argmax()])
        found.append(
            Finding(
                "duplicates",
                (),
                f"{seen.sum():,} of the {len(tested):,} test rows are also among those learned from, with the same "
                f"values in every column (row {numbers[row] + 1} is row {numbers[twin] + 1} again): the test score "
                "will flatter. Remove repeated rows from the table.",
            )
        )
    found += _conflicts(inputs, whole, numbers)
    return found


def _few_kinds_of_rows(frame: pl.DataFrame, names: Sequence[str]) -> bool:
    """Say whether there are more rows than combinations of values, so that some must be equal."""
    combinations = 1
    for name in names:
        combinations *= frame[name].n_unique()
        if combinations > len(frame):
            return False
    return True


def _conflicts(inputs: pl.Series, whole: NDArray[np.uint64], numbers: NDArray[np.int64]) -> list[Finding]:
    rows = pl.DataFrame({"inputs": inputs, "whole": whole}).with_row_index("row")
    first = rows.group_by("inputs", maintain_order=True).agg(pl.col("row", "whole").first(), pl.len().alias("n"))
    paired = rows.join(first, on="inputs", how="left", suffix="_first")
    differing = paired.filter(pl.col("whole") != pl.col("whole_first")).sort("row")
    n = int(first.filter(pl.col("inputs").is_in(differing["inputs"].unique().implode()))["n"].sum())
    if n < max(2.0, LEAST_SHARE * len(rows)):
        return []
    again, earlier = differing.select("row", "row_first").row(0)
    return [
        Finding(
            "conflicts",
            (),
            f"{n:,} rows have the same inputs as another row but not the same target (such as rows "
            f"{numbers[earlier] + 1} and {numbers[again] + 1}): no model can be right for all of them.",
        )
    ]

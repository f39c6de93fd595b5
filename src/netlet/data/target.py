"""The column to predict: what is asked of it, and the way from its values to numbers and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.cells import first_row, infer, read_dates
from netlet.data.columns import check_finite, require_column
from netlet.data.errors import TableError, listed
from netlet.data.kinds import column_numbers, column_text
from netlet.data.remarks import remark
from netlet.errors import unknown_name

Task = Literal["classification", "regression"]
Value = str | int | float | bool
TASKS = ("auto", "classification", "regression")
FEW_VALUES = 20
FEW_SHARE = 0.05
LEAST_ROWS = 10


@dataclass(frozen=True)
class Target:
    """The column to predict.

    Attributes
    ----------
    column : str
        Its name.
    task : "classification" or "regression"
        Whether a class or a number is predicted.
    classes : tuple of str, int, float or bool
        The classes in order; label k stands for the k-th. Empty in regression.
    mean, scale : float
        In regression, what a value is standardised with: `(value - mean) / scale`. In classification 0 and 1.
    """

    column: str
    task: Task
    classes: tuple[Value, ...] = ()
    mean: float = 0.0
    scale: float = 1.0

    def encode(self, frame: pl.DataFrame) -> NDArray[np.int64] | NDArray[np.float64]:
        """Turn the column into what a network learns.

        Parameters
        ----------
        frame : polars.DataFrame
            Rows whose target is not missing.

        Returns
        -------
        ndarray, shape (n,)
            int64 labels `0..k-1` in classification, standardised float64 values in regression.

        Raises
        ------
        TableError
            If a value is missing or none of the classes.
        """
        if self.task == "regression":
            return (column_numbers(frame[self.column], "number") - self.mean) / self.scale
        series = self._values(frame)
        labels = np.full(len(series), -1, dtype=np.int64)
        for label, value in enumerate(self.classes):
            labels[(series == value).fill_null(False).to_numpy()] = label
        if (labels < 0).any():
            row = int((labels < 0).argmax())
            raise TableError(
                f"target {self.column!r} is {series[row]!r} in row {row + 1}, which is none of the classes: "
                f"{listed(map(str, self.classes))}"
            )
        return labels

    def known(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """Mark the rows, shape (n,), whose target is there and, in classification, one of the classes.

        Raises
        ------
        TableError
            If the column of a regression holds no numbers.
        """
        if self.task == "regression":
            return ~np.isnan(column_numbers(frame[self.column], "number"))
        values = self._values(frame)
        return values.is_in(list(self.classes)).fill_null(False).to_numpy()

    def _values(self, frame: pl.DataFrame) -> pl.Series:
        """Give the column in the type of the classes, as far as it can be."""
        series = frame[self.column]
        if isinstance(self.classes[0], str):
            return column_text(series)
        series = infer(series)
        if isinstance(self.classes[0], bool) == (series.dtype == pl.Boolean) and series.dtype != pl.String:
            return series
        return pl.Series(self.column, [None] * len(series), dtype=pl.Int64)

    def decode(self, outputs: NDArray[np.floating]) -> pl.Series:
        """Turn a network's outputs into values of the column.

        Parameters
        ----------
        outputs : ndarray, shape (n, k) in classification, (n, 1) or (n,) in regression
            Probabilities of the classes, or standardised numbers.

        Returns
        -------
        polars.Series
            n classes, each the most probable one, or n float64 numbers. Its name is "prediction".
        """
        if self.task == "regression":
            numbers = np.asarray(outputs, dtype=np.float64).reshape(len(outputs)) * self.scale + self.mean
            return pl.Series("prediction", numbers)
        return pl.Series("prediction", list(self.classes)).gather(np.argmax(outputs, axis=1))


def choose_task(frame: pl.DataFrame, column: str, task: str = "auto") -> tuple[Task, str]:
    """Decide whether a class or a number is predicted.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    column : str
        The column to predict.
    task : {"auto", "classification", "regression"}, default "auto"
        "auto" takes text, truth values, and whole numbers of which there are few (two; or at most 20 that are fewer
        than 5 % of the rows) as classes, and other numbers as numbers.

    Returns
    -------
    task : "classification" or "regression"
    why : str
        The reason, in a few words.

    Raises
    ------
    TableError
        If the column is not there, cannot be a target, is constant, or cannot be what `task` wants of it.
    """
    if task not in TASKS:
        raise ValueError(unknown_name("task", task, TASKS))
    require_column(frame, column, "target")
    if not frame.height:
        raise TableError("the table names its columns but has no rows; give one with rows")
    present = frame[column].drop_nulls()
    kind = present.dtype
    distinct = present.n_unique()
    if not (kind.is_numeric() or kind in (pl.String, pl.Boolean) or kind == pl.Null):
        raise TableError(f"target {column!r} holds {kind}; a target has to be text, numbers or truth values")
    check_finite(frame[column])
    if len(present) < LEAST_ROWS:
        raise TableError(
            f"target {column!r} is known in only {len(present)} of {frame.height} rows; "
            f"at least {LEAST_ROWS} are needed, some to learn from and some to test with; add rows"
        )
    if distinct == 1:
        raise TableError(f"target {column!r} is {present[0]!r} in every row; there is nothing to learn")
    chosen, why = _judge(present, distinct) if task == "auto" else (task, "as you asked")
    if chosen == "regression":
        _check_numbers(frame[column])
        return "regression", why
    if distinct > FEW_VALUES and distinct > len(present) / 2:
        advice = "; use the task 'regression'" if kind.is_numeric() else "; choose another target"
        is_text = kind == pl.String and not read_dates(present).count()
        nearly_numbers = remark(frame[column], frame[column]) if is_text else None
        raise TableError(
            f"target {column!r} has {distinct:,} different values in {len(present):,} rows, too many to be classes"
            + (f". {nearly_numbers.removesuffix('.')}" if nearly_numbers else advice)
        )
    if distinct == len(present):
        raise TableError(
            f"target {column!r} has a class of its own in each of the {len(present)} rows ({_first_classes(present)}), "
            "so none can be tested; add rows, or put classes together"
        )
    return "classification", why


def _judge(present: pl.Series, distinct: int) -> tuple[Task, str]:
    if present.dtype in (pl.String, pl.Boolean):
        return "classification", "text" if present.dtype == pl.String else "truth values"
    whole = present.dtype.is_integer() or bool((present == present.round()).all())
    if whole and (distinct == 2 or (distinct <= FEW_VALUES and distinct < FEW_SHARE * len(present))):
        return "classification", f"only {distinct} different whole numbers"
    return "regression", "numbers"


def _first_classes(present: pl.Series) -> str:
    shown = ", ".join(str(value) for value in present.head(3))
    return f"{shown}, ..." if len(present) > 3 else shown


def _check_numbers(series: pl.Series) -> None:
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return
    raise TableError(
        f"target {series.name!r} is text (row {first_row(series.is_not_null())} is {series.drop_nulls()[0]!r}), "
        "which cannot be predicted as a number; use the task 'classification'"
    )


def fit_target(frame: pl.DataFrame, column: str, task: Task) -> Target:
    """Find the classes, or the mean and scale, of the rows to train on (their target is not missing)."""
    series = frame[column]
    if task == "classification":
        return Target(column, task, classes=tuple(series.unique().sort()))
    values = series.cast(pl.Float64).to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        mean, scale = float(values.mean()), float(values.std())
    if not (np.isfinite(mean) and np.isfinite(scale)):
        raise TableError(f"target {column!r} holds numbers too large to standardise; give them in a larger unit")
    if not scale and len(values) and values.min() < values.max():
        raise TableError(
            f"target {column!r} holds numbers too near to each other to standardise; give them in a smaller unit"
        )
    return Target(column, task, mean=mean, scale=scale or 1.0)

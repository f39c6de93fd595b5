"""Samples in blocks, for `Network.fit_stream`: from arrays on the disk or from a Parquet file, a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from polars import selectors

from netlet.data.errors import TableError, listed, nearest
from netlet.data.files import explain
from netlet.errors import check_number

Blocks = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]


def array_blocks(X: Any, y: Any, rows: int = 65536) -> Blocks:
    """Cut arrays into blocks of rows.

    Parameters
    ----------
    X : array, (n_samples, ...)
        Such as ``numpy.load(path, mmap_mode="r")`` or a data set of h5py: only the rows of one block are read at a
        time.
    y : array, (n_samples, ...)
    rows : int, >= 1
        Of each block; the last one may have fewer.

    Returns
    -------
    callable
        Without parameters; each call begins anew and returns an iterator of ``(X, y)``.

    Raises
    ------
    ValueError
        If X and y have different numbers of rows, or `rows` is not >= 1.
    TypeError
        If they have no rows to be cut into.

    Examples
    --------
    >>> import numpy as np
    >>> blocks = array_blocks(np.zeros((5, 2)), np.arange(5), rows=2)
    >>> [len(X) for X, y in blocks()]
    [2, 2, 1]
    """
    check_number("rows", rows, int, 1)
    for name, array in (("X", X), ("y", y)):
        if not getattr(array, "shape", ()):
            raise TypeError(f"{name} is no array (it has no shape); give a NumPy array, memory-mapped or not")
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows, y has {len(y)}; give one target for each row of X")

    def begin() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(X), rows):
            yield X[start : start + rows], y[start : start + rows]

    return begin


def parquet_blocks(
    path: str | Path, target: str | Sequence[str], features: Sequence[str] | None = None, rows: int = 65536
) -> Blocks:
    """Read a Parquet file in blocks of rows; memory holds one block and the row groups that it is read from.

    Parameters
    ----------
    path : str or path
    target : str or sequence of str
        The column, or the columns, that the network is to learn.
    features : sequence of str, optional
        The columns that it learns from, in this order. Default: all others, as they stand in the file.
    rows : int, >= 1
        Of each block; the last one may have fewer.

    Returns
    -------
    callable
        Without parameters; each call begins anew and returns an iterator of ``(X, y)``: X (rows, n_features), y (rows,)
        or, for a sequence of targets, (rows, n_targets). Columns of truth values become 0 and 1.

    Raises
    ------
    TableError
        If the file cannot be read, lacks a column, or a column is not of numbers. A missing value is told when its
        block is read.
    ValueError
        If `rows` is not >= 1.
    """
    check_number("rows", rows, int, 1)
    path = Path(path)
    schema = _schema_of(path)
    targets = [target] if isinstance(target, str) else list(target)
    chosen = [name for name in schema if name not in targets] if features is None else list(features)
    if isinstance(features, str) or not chosen or not targets:
        raise TableError(f"features={features!r} and target={target!r} leave nothing to learn; name columns in lists")
    for name in [*targets, *chosen]:
        _check(path, schema, name)
    twice = [name for name in chosen if name in targets or chosen.count(name) > 1]
    if twice:
        raise TableError(
            f"the column {twice[0]!r} is named twice; name each column once, as a feature or as the target"
        )

    def begin() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        table, start = pl.scan_parquet(path).select([*chosen, *targets]), 0
        table = table.with_columns(selectors.decimal().cast(pl.Float64))  # NumPy would hold them as objects
        while len(piece := table.slice(start, rows).collect()):
            _check_missing(path, piece, start)
            y = piece[targets[0]] if isinstance(target, str) else piece.select(targets)
            # By rows, as training reads them, so that they need no copy.
            yield piece.select(chosen).to_numpy(order="c"), _numbers(y.to_numpy())
            start += rows

    return begin


def _numbers(values: np.ndarray) -> np.ndarray:
    return values.astype(np.uint8) if values.dtype == bool else values


def _schema_of(path: Path) -> dict[str, pl.DataType]:
    try:
        with path.open("rb"):
            pass
        return dict(pl.scan_parquet(path).collect_schema())
    except OSError as error:
        raise TableError(explain(path, error, "Parquet file", (".parquet", ".pq"))) from None
    except pl.exceptions.PolarsError as error:
        raise TableError(f"{path} is no Parquet file, or is damaged ({error}); give a Parquet file") from None


def _check(path: Path, schema: dict[str, pl.DataType], name: str) -> None:
    """Raise TableError unless the column is there and of numbers."""
    if name not in schema:
        meant = nearest(name, schema)
        raise TableError(
            f"{path} has no column {name!r}; "
            + (f"did you mean {meant!r}?" if meant else f"its columns are {listed(schema)}")
        )
    kind = schema[name]
    if not (kind.is_numeric() or kind == pl.Boolean):
        raise TableError(
            f"the column {name!r} of {path} holds {kind}, not numbers; encode it as numbers, or leave it out"
        )


def _check_missing(path: Path, piece: pl.DataFrame, start: int) -> None:
    for name in piece.columns:
        if piece[name].null_count():
            row = start + int(piece[name].is_null().arg_true()[0])
            raise TableError(
                f"the column {name!r} of {path} has no value in row {row}; fill in or drop missing values first"
            )

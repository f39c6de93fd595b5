"""The rows of a file in blocks, as raw as they are, for `TableClassifier.fit_file` and `TableRegressor.fit_file`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import polars as pl

from netlet.data.cells import clean_text, infer, misfits, parse_numbers
from netlet.data.columns import require_column
from netlet.data.errors import TableError
from netlet.data.files import explain
from netlet.errors import check_number

PARQUET = (".parquet", ".pq")
SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": ","}


def file_blocks(path: str | Path, target: str, rows: int) -> Callable[[], Iterator[tuple[pl.DataFrame, pl.Series]]]:
    """Cut a file into blocks of rows.

    Parameters
    ----------
    path : str or path
        Told apart by its ending: .parquet, .pq, .csv, .tsv or .txt.
    target : str
    rows : int, >= 1

    Returns
    -------
    callable
        Without parameters; each call begins anew and returns an iterator of (X, y). The cells of text files are text,
        but a target that is numbers everywhere in the first block is given as numbers.

    Raises
    ------
    TableError
        If it cannot be read, or has no such column.
    """
    check_number("rows", rows, int, 1)
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (*PARQUET, *SEPARATORS):
        raise TableError(f"{path} does not end in .parquet, .csv or .tsv; the ending says how it is read")
    try:
        with path.open("rb"):
            pass
        columns = _scan(path).collect_schema().names()
    except OSError as error:
        raise TableError(explain(path, error, "CSV or Parquet file", (*PARQUET, *SEPARATORS))) from None
    except pl.exceptions.PolarsError as error:
        raise TableError(f"{path} cannot be read as what its ending says ({error}); give a table") from None
    require_column(pl.DataFrame(schema=columns), target, "target")

    def begin() -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        dtype: pl.DataType | None = None
        for piece in _pieces(path, rows):
            y = clean_text(piece.select(piece[target]))[target]
            if dtype is None:
                dtype = infer(y).dtype
            if y.dtype == pl.String and dtype.is_numeric():
                y = _numbers(y, dtype, path)
            yield piece.drop(target), y

    return begin


def _numbers(y: pl.Series, dtype: pl.DataType, path: Path) -> pl.Series:
    numbers = parse_numbers(y)
    if numbers is None:
        first = y.filter(misfits(y, "number"))[0]
        raise TableError(
            f"the column {y.name!r} of {path} begins with numbers and further down has {first!r}; mend the "
            "cell, or give blocks of your own to fit_stream"
        )
    return numbers.cast(pl.Float64) if dtype.is_float() else numbers


def _scan(path: Path) -> pl.LazyFrame:
    if path.suffix.lower() in PARQUET:
        return pl.scan_parquet(path)
    return pl.scan_csv(path, separator=SEPARATORS[path.suffix.lower()], infer_schema=False)


def _pieces(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """Yield the rows in order."""
    if path.suffix.lower() not in PARQUET:
        yield from _pieces_of_text(path, rows)
        return
    start = 0
    while len(piece := _scan(path).slice(start, rows).collect()):
        yield piece
        start += rows


def _pieces_of_text(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """Cut text at the ends of lines that are no part of a quoted cell: before them stands an even number of quotes."""
    schema = dict.fromkeys(_scan(path).collect_schema().names(), pl.String)
    with path.open("rb") as file:
        _whole(file, [file.readline()])
        read = 0
        while lines := list(islice(file, rows)):
            text = _whole(file, lines)
            if not text.strip():
                continue
            try:
                piece = pl.read_csv(
                    text, has_header=False, schema=schema, separator=SEPARATORS[path.suffix.lower()], infer_schema=False
                )
            except pl.exceptions.PolarsError as error:
                raise TableError(f"{path} cannot be read after row {read:,} ({error}); mend the file") from None
            read += len(piece)
            yield piece.filter(~pl.all_horizontal(pl.all().is_null()))  # an empty line is no row


def _whole(file: BinaryIO, lines: list[bytes]) -> bytes:
    """Join lines, with those that end a quoted cell which they begin."""
    is_open = sum(line.count(b'"') for line in lines) % 2 == 1
    while is_open and (line := file.readline()):
        lines.append(line)
        is_open ^= line.count(b'"') % 2 == 1
    return b"".join(lines)

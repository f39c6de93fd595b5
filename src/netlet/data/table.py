"""Reading a table from a CSV or Parquet file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from netlet.data.cells import clean_text, infer_columns
from netlet.data.delimited import read_delimited
from netlet.data.errors import TableError
from netlet.data.files import read_file
from netlet.data.remarks import remark

PARQUET = b"PAR1"
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")


@dataclass(frozen=True)
class Table:
    """A table and where it came from.

    Attributes
    ----------
    frame : polars.DataFrame
        The columns; missing values are null.
    path : pathlib.Path
        The file.
    notes : tuple of str
        What a reader should know of how it was read, in sentences.
    """

    frame: pl.DataFrame
    path: Path
    notes: tuple[str, ...]


def read_table(path: str | Path, *, convert: bool = True) -> Table:
    """Read a CSV or Parquet file, told apart by their first bytes and not by the name.

    Parameters
    ----------
    path : str or path
        The file. A text table names its columns in the first line; the separator (comma, semicolon, tab or bar) is
        found.
    convert : bool, default True
        Whether a column of text in which every cell is a number, a truth value or a date becomes one. Without it text
        stays text, for a reader who knows what each column is.

    Returns
    -------
    Table
        In text, spaces around a cell are dropped, and an empty cell, NA, N/A, NaN, null and ? are missing values; so is
        a NaN among numbers.

    Raises
    ------
    TableError
        If the file is missing, cannot be read, or is no table with at least one column.
    """
    path = Path(path)
    content = read_file(path, "CSV or Parquet file", TABLES)
    if content.startswith(PARQUET):
        frame, notes = _parquet(content, path.name), []
    else:
        columns = read_delimited(content, path.name)
        frame, notes = columns.frame, list(columns.notes)
        if path.suffix.lower() in {".parquet", ".pq"}:
            notes.append(f"{path.name} is not a Parquet file: read as text.")
    if not frame.width:
        raise TableError(f"{path.name} has no columns; give a table with named columns")
    for column in frame.columns:
        if column.startswith("^") and column.endswith("$"):  # polars takes such a name for a pattern
            raise TableError(f"{path.name} has a column named {column!r}; rename it so that it does not begin with '^'")
    frame = clean_text(frame.with_columns(_tidy(column) for column in frame.iter_columns()))
    if convert:
        text = frame
        frame, doubtful = infer_columns(text)
        notes += [note for name in doubtful if (note := remark(text[name], frame[name]))]
    return Table(frame, path, tuple(notes))


def _parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(content)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(f"{name} is a damaged Parquet file ({reason}); write or download it again") from None


def _tidy(column: pl.Series) -> pl.Series:
    """Bring a column to one of few types: text, integer, float64, truth value, date; other types stay."""
    kind = column.dtype
    if kind in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if kind.is_float() or kind.is_decimal():
        return column.cast(pl.Float64).fill_nan(None)
    return column

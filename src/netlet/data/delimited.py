"""Text tables: from the bytes of a CSV file to columns of text, with the line named where something is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from netlet.data.errors import TableError, listed

if TYPE_CHECKING:
    from _csv import Reader as _Reader

SEPARATORS = ",;\t|"
ROWS_AT_A_TIME = 50_000
ROWS_SNIFFED = 20
LONGEST_FIELD = 2**30
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
FOREIGN = {  # first bytes of files that people mistake for a CSV file
    b"PK\x03\x04": "an Excel workbook or a zip archive; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"BZh": "compressed with bzip2; unpack it first",
    b"\xfd7zXZ": "compressed with xz; unpack it first",
    b"%PDF": "a PDF document; save the table as CSV",
    b"\x89HDF": "an HDF5 file; save the table as CSV or Parquet",
    b"ARROW1": "an Arrow file; save the table as Parquet",
    b"SQLite": "an SQLite database; export the table as CSV",
}


@dataclass(frozen=True)
class TextColumns:
    """What a text table holds: columns of text, all of one length, and what was decided on the way."""

    frame: pl.DataFrame
    separator: str
    notes: tuple[str, ...]


def read_delimited(content: bytes, name: str) -> TextColumns:
    """Read a text table whose first line names the columns.

    Parameters
    ----------
    content : bytes
        The whole file: UTF-8 (with or without a mark), UTF-16 with a mark, or, with a note, Windows-1252.
    name : str
        The file's name, for messages.

    Returns
    -------
    TextColumns
        Every cell as text, nothing converted; blank lines are skipped.

    Raises
    ------
    TableError
        If the file is empty, binary, without rows, or a line does not fit the names; the line is said.
    """
    text, notes = _decode(content, name)
    if not text.strip():
        raise TableError(f"{name} is empty; the first line has to name the columns")
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    old_limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        header = _header(reader, name)
        chunks = _chunks(reader, header, name)
    except csv.Error as error:
        raise TableError(_quoting(str(error), reader.line_num, name)) from None
    finally:
        csv.field_size_limit(old_limit)
    empty = pl.DataFrame(schema=dict.fromkeys(header, pl.String))
    return TextColumns(pl.concat([empty, *chunks]), separator, notes)


def _decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    for start, kind in FOREIGN.items():
        if content.startswith(start):
            raise TableError(f"{name} is {kind}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), (f"{name} is UTF-16 text.",)
        except UnicodeDecodeError:
            raise TableError(f"{name} starts like UTF-16 text but is not; save it as UTF-8") from None
    zero = content.find(b"\x00")
    if zero >= 0:
        raise TableError(
            f"{name} is a binary file (byte {zero + 1} is 0), not a text table; give a CSV or Parquet file"
        )
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        # The codec counts from behind the mark.
        at = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
    line = content.count(b"\n", 0, at) + 1
    where = f"line {line}, byte 0x{content[at]:02X}"
    try:
        return content.decode("cp1252"), (f"{name} is not UTF-8 ({where}): read as Windows-1252.",)
    except UnicodeDecodeError:
        raise TableError(f"{name} is neither UTF-8 nor Windows-1252 text ({where}); save it as UTF-8") from None


def _separator(text: str) -> str:
    """Choose the separator that cuts most of the first rows into as many cells as the first one, more cells first."""
    start = text[:100_000].splitlines()[: ROWS_SNIFFED + 1]
    best, best_score = ",", (0, 0)
    for separator in SEPARATORS:
        widths = [len(row) for row in csv.reader(start, delimiter=separator) if row]
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths), widths[0])
        if score > best_score:
            best, best_score = separator, score
    return best


def _header(reader: _Reader, name: str) -> list[str]:
    names: list[str] = next((row for row in reader if row), [])
    if names and all(NUMBER.fullmatch(cell) for cell in names):
        raise TableError(
            f"the first line of {name} holds only numbers, not column names; add a line that names the columns"
        )
    # pandas writes its index as a column without a name.
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(names, start=1)]
    twice = sorted(cell for cell, times in Counter(names).items() if times > 1)
    if twice:
        raise TableError(f"{name} has more than one column named {listed(twice)}; give each column a name of its own")
    return names


def _chunks(reader: _Reader, header: list[str], name: str) -> list[pl.DataFrame]:
    chunks = []
    rows = _even_rows(reader, header, name)
    while chunk := list(islice(rows, ROWS_AT_A_TIME)):
        columns = zip(*chunk, strict=True)
        chunks.append(pl.DataFrame([pl.Series(h, c, dtype=pl.String) for h, c in zip(header, columns, strict=True)]))
    return chunks


def _even_rows(reader: _Reader, header: list[str], name: str) -> Iterator[list[str]]:
    width = len(header)
    for row in reader:
        if len(row) == width:
            yield row
        elif row:
            cells = f"{len(row)} {'cell' if len(row) == 1 else 'cells'}"
            raise TableError(
                f"line {reader.line_num} of {name} has {cells} where the first line names {width} columns; "
                "mend the line (a cell that contains the separator needs quotes)"
            )


def _quoting(problem: str, line: int, name: str) -> str:
    if "unexpected end" in problem:
        return f"a quotation mark in {name} is never closed, up to the last line ({line}); close it or remove it"
    return (
        f"line {line} of {name} has a quotation mark in a wrong place ({problem}); write it twice inside a quoted cell"
    )

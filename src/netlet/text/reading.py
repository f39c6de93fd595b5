"""Reading texts: a column of a table, or one file a document in a folder for each class."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from netlet.data.delimited import LONGEST_FIELD, ROWS_SNIFFED, SEPARATORS
from netlet.data.errors import TableError, listed, nearest
from netlet.data.files import read_file
from netlet.data.table import PARQUET, TABLES, read_table
from netlet.text.encodings import decode

_LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts, and what they are to be sorted into.

    Attributes
    ----------
    texts : list of str
    y : array of str, (n_texts,), or None
        The classes; None if there is no target.
    text, target : str or None
        The names of the columns.
    rows : array of int, (n_texts,)
        Which row of `frame` each is.
    frame : polars.DataFrame
        All columns as read, every cell as text.
    notes : tuple of str
        What a reader should know of how it was read, in sentences.
    """

    texts: list[str]
    y: np.ndarray | None
    text: str
    target: str | None
    rows: np.ndarray
    frame: pl.DataFrame
    notes: tuple[str, ...]


def read_texts(
    path: str | Path, text: str | None = None, target: str | None = None, *, prefer: Sequence[str] = ()
) -> Texts:
    """Read texts, and their classes where there are some.

    Parameters
    ----------
    path : str or path
        A text table (separated by commas, semicolons, tabs or bars, with or without a line that names the columns: they
        are ``column_1``, ``column_2`` ... without), a Parquet file, or a folder that holds a folder of text files for
        each class: the columns are then ``text``, ``class`` and ``file``. A folder of text files alone has no classes.
        UTF-8, UTF-16, Windows-1252 and Latin-1 are told apart.
    text : str, optional
        The column of texts; default: that with the longest cells.
    target : str, optional
        The column of classes; default: the other one of two columns, else none.
    prefer : sequence of str
        Names that the first line may hold, but need not: with one of them it names the columns.

    Returns
    -------
    Texts
        Without the rows that have no class; an empty cell is an empty text. Quotation marks that do not enclose cells
        are part of a text.

    Raises
    ------
    TableError
        If it cannot be read, has no such column, or there is no text in it.
    """
    path = Path(path)
    if path.is_dir():
        frame, notes = _folder(path)
        text = text or "text"
        if target is None and "class" in frame.columns:
            target = "class"
    else:
        content = read_file(path, "text table, Parquet file or folder of text files", TABLES)
        if content.startswith(PARQUET):
            frame, notes = read_table(path, convert=False).frame.cast(pl.String), []
        else:
            frame, notes = _table(content, path.name, [*(name for name in (text, target) if name is not None), *prefer])
    for name in (text, target):
        if name is not None and name not in frame.columns:
            near = nearest(name, frame.columns)
            hint = f"did you mean {near!r}? " if near else ""
            raise TableError(f"{path.name} has no column {name!r}; {hint}its columns are: {listed(frame.columns)}")
    if text is None:
        others = [name for name in frame.columns if name != target]
        if not others:
            raise TableError(f"{path.name} has no column beside {target!r}; give a table with a column of texts")
        text = max(others, key=lambda name: float(frame[name].fill_null("").str.len_chars().mean() or 0.0))  # type: ignore[arg-type]
    if target is None and frame.width == 2 and not path.is_dir():
        target = next(name for name in frame.columns if name != text)
    if text == target:
        raise TableError(f"the column {text!r} cannot be both the text and the target; name another one")
    return _texts(frame, text, target, notes)


def _texts(frame: pl.DataFrame, text: str, target: str | None, notes: list[str]) -> Texts:
    cells = frame[text].fill_null("")
    rows = np.arange(frame.height)
    if target is not None:
        classes = frame[target].fill_null("").str.strip_chars()
        rows = rows[(classes != "").to_numpy()]
        without = frame.height - len(rows)
        if without:
            notes.append(f"{_rows(without)} without a class: left out.")
        y = np.array(classes.to_list(), dtype=object)[rows].astype(str)
    texts = [cells[int(row)] for row in rows]
    empty = sum(not each.strip() for each in texts)
    if empty == len(texts):
        raise TableError(f"there is no text in the column {text!r}; name the column of texts")
    if empty:
        notes.append(f"{_rows(empty)} with an empty text.")
    return Texts(texts, None if target is None else y, text, target, rows, frame, tuple(notes))


def _rows(n: int) -> str:
    return f"{n:,} {'row' if n == 1 else 'rows'}"


def _table(content: bytes, name: str, wanted: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Read a text table as columns of text."""
    text, note = decode(content, name)
    if not text.strip():
        raise TableError(f"{name} is empty; give a table with a column of texts")
    notes = [note] if note else []
    rows, quoted = _cells(text, name)
    if not quoted and '"' in text:
        notes.append(f"Quotation marks in {name} do not enclose cells: they are part of the texts.")
    width = len(rows[0])
    numbered = [f"column_{place}" for place in range(1, width + 1)]
    names = [cell.strip() for cell in rows[0]]
    if _names_columns(rows, wanted, numbered):
        rows = rows[1:]
        names = [cell or number for cell, number in zip(names, numbered, strict=True)]
    else:
        names = numbered
        notes.append(f"The first line of {name} names no columns: they are {listed(numbered)}.")
    if len(set(names)) < width:
        raise TableError(f"{name} has several columns of one name ({listed(names)}); give each a name of its own")
    if not rows:
        raise TableError(f"{name} has no rows below the names of its columns")
    cells = zip(*rows, strict=True)
    columns = [pl.Series(own, list(column), dtype=pl.String) for own, column in zip(names, cells, strict=True)]
    return pl.DataFrame(columns), notes


def _cells(text: str, name: str) -> tuple[list[list[str]], bool]:
    """Cut a table into rows of equally many cells; with quotation marks as CSV has them, or as plain characters."""
    problem = ""
    old_limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            separator = _separator(text, quoting)
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True)
            try:
                rows = [row for row in reader if row]
            except csv.Error as error:
                problem = problem or f"line {reader.line_num}: {error}"
                continue
            uneven = next((place for place, row in enumerate(rows) if len(row) != len(rows[0])), None)
            if uneven is None:
                return rows, quoting == csv.QUOTE_MINIMAL
            problem = problem or f"row {uneven + 1} has {len(rows[uneven])} cells, the first row {len(rows[0])}"
    finally:
        csv.field_size_limit(old_limit)
    raise TableError(
        f"{name} is no table of texts ({problem}); a text that contains the separator needs quotation marks around it"
    )


def _separator(text: str, quoting: int) -> str:
    """Choose the separator that cuts most of the first rows into as many cells as the first; a tab before others."""
    start = text[:100_000].splitlines()[: ROWS_SNIFFED + 1]
    best, best_score = "\t", (0, False, 0)
    for separator in SEPARATORS:
        widths = [len(row) for row in csv.reader(start, delimiter=separator, quoting=quoting) if row]  # type: ignore[arg-type]
        if widths and widths[0] >= 2:
            score = (sum(width == widths[0] for width in widths), separator == "\t", widths[0])
            if score > best_score:
                best, best_score = separator, score
    return best


def _names_columns(rows: list[list[str]], wanted: Sequence[str], numbered: Sequence[str]) -> bool:
    """Tell whether the first row names the columns: by the names asked for, else by what it looks like."""
    first = [cell.strip() for cell in rows[0]]
    if any(name in first for name in wanted):
        return True
    if wanted and all(name in numbered for name in wanted):
        return False
    if len(first) == 1 and " " in first[0]:  # one text a line
        return False
    if len(set(first)) < len(first) or any(len(cell) > _LONGEST_NAME or not cell for cell in first):
        return False
    return not any(cell == row[place].strip() for row in rows[1:] for place, cell in enumerate(first))


def _folder(path: Path) -> tuple[pl.DataFrame, list[str]]:
    """Read the files of each folder in a folder, whose names are the classes; without folders, its own files."""
    folders = sorted(each for each in path.iterdir() if each.is_dir() and not each.name.startswith("."))
    texts, classes, files, notes = [], [], [], []
    for folder in folders or [path]:
        for file in sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")):
            try:
                text, note = decode(file.read_bytes(), f"{folder.name}/{file.name}")
            except (OSError, TableError) as error:
                notes.append(f"Skipped: {error}.")
                continue
            if note:
                notes.append(note)
            texts.append(text)
            classes.append(folder.name)
            files.append(file.name)
    if not texts:
        raise TableError(f"{path} holds no text files; put the text files of each class into a folder of its own")
    columns = {"text": texts, "class": classes, "file": files} if folders else {"text": texts, "file": files}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), notes

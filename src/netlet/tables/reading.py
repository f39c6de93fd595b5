"""The cells of learnt columns as numbers: in the fewest steps where they are plain, else by way of a clean frame.

Plain are numbers and truth values in an array or a series of such a type; of few rows also Python's own numbers, truth
values and text, all cells of a column alike, and text that is a number such as -12.5. A value of text is looked up as
it stands, then without the spaces around it; what is not found, a missing cell among it, is 0. All else (dates, other
ways to write a number, several kinds in one column) takes the long way, which gives the same where both can be taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.data.cells import MISSING
from netlet.data.columns import Kind, check_finite
from netlet.data.kinds import Part, column_numbers, column_text
from netlet.tables.frame import clean_columns, is_missing
from netlet.tables.given import PLAIN, Given

Places = slice | list[int]
FEW_ROWS = 256  # above, a join costs less than Python's objects
_CELLS = 2**16  # taken together: for few rows all columns in one go, for many each in the processor's own memory
_LONGEST_INTEGER = 2**63
_NUMBERS = {int, float, np.int64, np.float64}
_PLAINEST = re.compile(r"(?!-[0.]+\Z)-?[0-9]{1,15}(\.[0-9]{1,15})?")  # not -0, which is 0 among integers alone
_TRUTH = ("false", "true")
# Unicode's White_Space, which is what polars strips; str.strip() alone takes four control characters more.
SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


class NumberColumn(Protocol):
    """What has to be known of a number to read it."""

    @property
    def column(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def part(self) -> Part: ...


class CategoryColumn(Protocol):
    """What has to be known of a category to read it."""

    @property
    def column(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def places(self) -> Mapping[str, int]: ...


def read_numbers(given: Given, wanted: Sequence[NumberColumn]) -> Iterator[tuple[Places, NDArray[np.float64]]]:
    """Read numbers, some columns at a time.

    Parameters
    ----------
    given : Given
        With all columns that are wanted.
    wanted : sequence of Number

    Yields
    ------
    places : slice or list of int
        Which of `wanted` were read.
    values : float64, (n_rows, len(places))
        NaN where a value is missing.

    Raises
    ------
    TableError
        If a value is not of its column's kind, or is infinite.
    """
    together = max(1, _CELLS // max(given.height, 1))
    if given.matrix is not None and 0 < len(wanted) <= together and all(each.kind == "number" for each in wanted):
        values = given.matrix()[:, [given.places[each.column] for each in wanted]].astype(np.float64, copy=False)
        yield slice(0, len(wanted)), _finite(values, wanted, given)
        return
    rest: list[int] = []
    places: list[int] = []
    found: list[np.ndarray] = []
    for place, number in enumerate(wanted):
        plain = _plain_numbers(given.column(number.column), given.height) if number.kind == "number" else None
        if plain is None:
            rest.append(place)
            continue
        places.append(place)
        found.append(plain)
        if len(places) == together:
            yield _span(places), _finite(np.array(found).T, [wanted[each] for each in places], given)
            places, found = [], []
    if places:
        yield _span(places), _finite(np.array(found).T, [wanted[each] for each in places], given)
    if rest:
        frame = clean_columns(given, list(dict.fromkeys(wanted[place].column for place in rest)))
        for place in rest:
            number = wanted[place]
            yield slice(place, place + 1), column_numbers(frame[number.column], number.kind, number.part)[:, None]


def read_codes(given: Given, wanted: Sequence[CategoryColumn]) -> Iterator[tuple[Places, NDArray[np.int64]]]:
    """Read categories: all columns of few rows in one go, many rows one column at a time.

    Parameters
    ----------
    given : Given
        With all columns that are wanted.
    wanted : sequence of Category

    Yields
    ------
    places : slice or list of int
        Which of `wanted` were read.
    codes : int64, (n_rows, len(places))
        The place of each cell among the values, counted from 1, and 0 where it is missing or none of them.

    Raises
    ------
    TableError
        If a value is not of its column's kind.
    """
    rest: list[int] = []
    places: list[int] = []
    found: list[list[int]] = []
    for place, category in enumerate(wanted):
        codes = _few_codes(given.column(category.column), category) if given.height <= FEW_ROWS else None
        if codes is None:
            rest.append(place)
        else:
            places.append(place)
            found.append(codes)
    if places:
        yield _span(places), np.array(found, dtype=np.int64).T
    if rest:
        frame = clean_columns(given, [wanted[place].column for place in rest])
        for place in rest:
            yield slice(place, place + 1), _codes(frame[wanted[place].column], wanted[place])[:, None]


def _span(places: list[int]) -> Places:
    """Return ascending places as a slice where they are neighbours: NumPy reads and writes those faster."""
    first, last = places[0], places[-1]
    return slice(first, last + 1) if last - first + 1 == len(places) else places


def _finite(values: NDArray[np.float64], wanted: Sequence[NumberColumn], given: Given) -> NDArray[np.float64]:
    """Return the values; raise TableError, which names the column, if one is infinite."""
    infinite = np.isinf(values)
    if infinite.any():
        name = wanted[int(infinite.any(axis=0).argmax())].column
        check_finite(clean_columns(given, [name])[name])
    return values


def _plain_numbers(column: Any, n_rows: int) -> NDArray[np.float64] | None:
    """Return a column's numbers, (n_rows,), or None where they are not plain."""
    values: NDArray[np.float64]
    dtype = column.dtype
    if isinstance(column, pl.Series):
        if dtype.is_numeric() or dtype == pl.Boolean:
            values = (column if dtype == pl.Float64 else column.cast(pl.Float64)).to_numpy()
            return values
    elif isinstance(dtype, np.dtype) and dtype.kind in PLAIN:
        values = np.asarray(column, dtype=np.float64)
        return values if values.ndim == 1 else None
    cells = _few_cells(column) if n_rows <= FEW_ROWS else None
    if cells is None:
        return None
    kinds = {type(cell) for cell in cells if not is_missing(cell)}
    if kinds == {str}:
        return _numbers_of_text(cells)
    if not kinds <= _NUMBERS or not all(type(cell) is not int or abs(cell) < _LONGEST_INTEGER for cell in cells):
        return None
    return np.array([np.nan if is_missing(cell) else cell for cell in cells], dtype=np.float64)


def _numbers_of_text(cells: Sequence[Any]) -> NDArray[np.float64] | None:
    """Return the numbers of text in the plainest notation, None where there is another."""
    numbers = []
    for cell in cells:
        text = cell.strip(SPACES) if type(cell) is str else ""
        if text.lower() in MISSING:
            numbers.append(np.nan)
        elif _PLAINEST.fullmatch(text):
            numbers.append(float(text))
        else:
            return None
    return np.array(numbers, dtype=np.float64)


def _few_codes(column: Any, category: CategoryColumn) -> list[int] | None:
    """Look the cells up one by one; None where they are not all text, all truth values or all missing."""
    cells = _few_cells(column)
    if cells is None:
        return None
    kinds = {type(cell) for cell in cells if not is_missing(cell)}
    places = category.places
    if kinds <= {bool}:
        codes = {cell: places.get(_TRUTH[cell], 0) for cell in (False, True)}
        return [codes[cell] if type(cell) is bool else 0 for cell in cells]
    if category.kind == "boolean" or kinds != {str}:
        return None
    return [_place(cell, places) if type(cell) is str else 0 for cell in cells]


def _few_cells(column: Any) -> list[Any] | None:
    """Return Python's objects for a column that may hold text, truth values or nothing; None where it does not."""
    dtype = column.dtype
    if isinstance(column, pl.Series):
        return column.to_list() if dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null) else None
    if column.ndim != 1 or (isinstance(dtype, np.dtype) and dtype.kind not in "bfOU"):  # f: nothing but NaN
        return None
    if hasattr(dtype, "categories"):  # twice as fast as pandas itself
        values = dtype.categories
        return [None if code < 0 else values[code] for code in column.array.codes.tolist()]
    cells: list[Any] = column.tolist()
    return cells


def _place(cell: str, places: Mapping[str, int]) -> int:
    found = places.get(cell)
    return places.get(cell.strip(SPACES), 0) if found is None else found


def _codes(series: pl.Series, category: CategoryColumn) -> NDArray[np.int64]:
    """Return the place of each cell of a clean column."""
    if category.kind == "boolean" and series.dtype != pl.Boolean:
        truth = column_numbers(series, "boolean")
        series = pl.Series(np.where(truth > 0, "true", "false")).set(pl.Series(np.isnan(truth)), None)
    places = category.places
    known = {"text": list(places), "code": list(places.values())}
    joined = pl.DataFrame({"text": column_text(series)}).join(
        pl.DataFrame(known, schema={"text": pl.String, "code": int}), on="text", how="left", maintain_order="left"
    )
    codes: NDArray[np.int64] = joined["code"].fill_null(0).to_numpy()
    return codes

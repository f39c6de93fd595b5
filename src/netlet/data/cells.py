"""What the text in a column's cells means: a missing value, numbers, truth values, dates, or just text."""

from __future__ import annotations

import polars as pl

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "?")
NO_NUMBER = ("-", "--", "\u2013", ".", "n.a.", "none", "missing", "unknown")  # words elsewhere, missing among numbers
LEAST_NUMBERS = 3
TRUTH = ("true", "false")
# Digits are 0 to 9: to \d those of all scripts are some, which polars cannot read.
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(?i:inf|infinity)$"
COMMA_NUMBER = r"^[+-]?[0-9]+(,[0-9]+)?$"
MONEY = "$\u20ac\u00a3\u00a5"  # dollar, euro, pound, yen
MARKS = "%\u00b0" + MONEY  # percent, degree
MARKED = rf"^([+-]?)(?:[{MARKS}]\s*)?([+-]?[0-9.,]*[0-9][0-9.,]*)(?:\s*[{MARKS}])?$"
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+$"
DOTTED_THOUSANDS = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
CODE = r"^[+-]?0\d+$"  # a leading zero: a postcode or an article number, which would lose it
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")
MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ")
ZONED = ("%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%dT%H:%M:%S%.f%z")  # brought to UTC


def clean_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop the spaces around each cell of the columns of text; what marks a missing value becomes null."""
    names, cleaned = frame.columns, _numbered(frame)
    texts = [name for name, kind in cleaned.schema.items() if kind == pl.String]
    if texts:
        cells = pl.col(texts)
        cleaned = cleaned.with_columns(cells.str.strip_chars())
        cleaned = cleaned.with_columns(pl.when(~cells.str.to_lowercase().is_in(MISSING)).then(cells))
    cleaned.columns = names
    return cleaned


def infer_columns(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Do what `infer` does for every column, at once for those of plain numbers, of which there may be thousands.

    Returns
    -------
    frame : polars.DataFrame
    doubtful : list of str
        The columns of text that were not plain numbers.
    """
    names, plain = frame.columns, _numbered(frame)
    texts = [name for name, kind in plain.schema.items() if kind == pl.String]
    doubtful: list[str] = []
    if texts:
        are_numbers = plain.select(
            (pl.col(texts).str.contains(NUMBER).all() & ~pl.col(texts).str.contains(CODE).any())
            & pl.col(texts).is_not_null().any()
        ).row(0)
        numbers = [name for name, is_number in zip(texts, are_numbers, strict=True) if is_number]
        whole = plain.select(pl.col(numbers).cast(pl.Int64, strict=False))
        nulls = plain.select(pl.col(numbers).null_count())
        fits = {name for name in numbers if whole[name].null_count() == nulls[name][0]}
        doubtful = [name for name, is_number in zip(texts, are_numbers, strict=True) if not is_number]
        plain = plain.with_columns(
            *(whole[name] for name in numbers if name in fits),
            *(pl.col(name).cast(pl.Float64, strict=False) for name in numbers if name not in fits),
            *(infer(plain[name]) for name in doubtful),
        )
    plain.columns = names
    return plain, [names[int(place)] for place in doubtful]


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the columns plain names: pl.col takes "*" and "^...$" for patterns."""
    plain = frame.clone()
    plain.columns = [str(place) for place in range(frame.width)]
    return plain


def infer(column: pl.Series) -> pl.Series:
    """Convert a column of clean text if every cell that is not missing can be; another column is unchanged."""
    if column.dtype != pl.String or column.null_count() == len(column) or column.str.contains(CODE).any():
        return column
    numbers = parse_numbers(column)
    # Beside one or two numbers only, a dash is a value of its own: "1" and "-" are classes.
    if numbers is not None and (numbers.null_count() == column.null_count() or _mostly_numbers(numbers, column)):
        return numbers
    for parse in (parse_truth, parse_dates):
        parsed = parse(column)
        if parsed is not None:
            return parsed
    return column


def _mostly_numbers(numbers: pl.Series, text: pl.Series) -> bool:
    return 2 * numbers.count() >= text.count() and numbers.drop_nulls().n_unique() >= LEAST_NUMBERS


def parse_numbers(text: pl.Series) -> pl.Series | None:
    """Read every cell as a number (int64 if all are whole, else float64), or give None if one cannot be.

    A comma is the decimal mark in a column where that makes all cells numbers. A dash, or a word for "not known",
    is a missing value. A mark such as "%" or "$" that every cell has is left out; "$1,234" is not read, for its comma
    may part thousands, nor is "1.234 \u20ac" beside "950 \u20ac".
    """
    if not text.str.contains(NUMBER).all():
        text = _without_common_mark(_without_words(text))
        if not text.str.contains(NUMBER).all():
            if not text.str.contains(COMMA_NUMBER).all():
                return None
            text = text.str.replace(",", ".", literal=True)
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() == text.null_count():
        return whole
    return text.cast(pl.Float64, strict=False)


def _without_common_mark(text: pl.Series) -> pl.Series:
    """Leave out the mark that every cell has before or after its number; else the text is unchanged."""
    if common_mark(text) is None:
        return text
    bare = _bare(text)
    return text if _parts_thousands(text, bare).any() else bare


def _parts_thousands(text: pl.Series, bare: pl.Series) -> pl.Series:
    """Mark the cells whose comma, or dot, may part thousands."""
    commas = bare.str.contains(THOUSANDS)
    dots = bare.str.contains(".", literal=True)
    # Amounts of money have three decimals in every cell, if at all: 3.459 $ beside 3.5 $ and 3.399 $.
    doubtful = dots.any() and not dots.all() and text.str.contains(f"[{MONEY}]").all()
    return commas | dots if doubtful and (bare.str.contains(DOTTED_THOUSANDS) == dots).all() else commas


def common_mark(text: pl.Series) -> str | None:
    """Give the mark, of `MARKS`, that every cell has once beside its number, if there is one."""
    if text.null_count() == len(text) or not text.str.contains(MARKED).all():
        return None
    found = text.drop_nulls().str.replace_all(rf"[^{MARKS}]", "").unique()
    return found[0] if len(found) == 1 and len(found[0]) == 1 else None


def _bare(text: pl.Series) -> pl.Series:
    return text.str.replace(MARKED, "${1}${2}")


def _without_words(text: pl.Series) -> pl.Series:
    return text.set(text.str.to_lowercase().is_in(NO_NUMBER).fill_null(False), None)


def parse_truth(text: pl.Series) -> pl.Series | None:
    """Read every cell as true or false, or give None if one cannot be."""
    lower = text.str.to_lowercase()
    if not lower.is_in(TRUTH).all():
        return None
    return lower == "true"


def parse_dates(text: pl.Series) -> pl.Series | None:
    """Read every cell as a day or a moment in one ISO format (or 31.12.2024), or give None if one cannot be.

    Moments with an offset, such as +02:00, are brought to UTC.
    """
    if not text.str.contains(r"^\d").all():
        return None
    best = read_dates(text)
    return best if best.null_count() == text.null_count() else None


def misfits(text: pl.Series, kind: str) -> pl.Series:
    """Mark the cells that keep a column of text from being of a kind ("number", "boolean" or "date")."""
    if kind == "number":
        return ~_fit_together(_without_words(text))
    if kind == "boolean":
        return ~text.str.to_lowercase().is_in(TRUTH)
    return read_dates(text).is_null() & text.is_not_null()


def _fit_together(text: pl.Series) -> pl.Series:
    """Mark the cells that are numbers in the notation of the most: plain, with a decimal comma, or with a mark."""
    bare, mark = _bare(text), text.str.replace_all(rf"[^{MARKS}]", "")
    best = text.str.contains(NUMBER)
    for each in ("", *MARKS):
        numbers = bare.set(_parts_thousands(text, bare), None) if each else text
        for form in (NUMBER, COMMA_NUMBER):
            fits = (mark == each) & numbers.str.contains(form)
            best = fits if fits.sum() > best.sum() else best
    return best.fill_null(False).set(text.is_null(), None)


def read_dates(text: pl.Series) -> pl.Series:
    """Read dates in the format that fits the most cells, the others null."""
    best = text.str.to_date(DAYS[0], strict=False)
    for form in (*DAYS[1:], *MOMENTS, *ZONED):
        if best.null_count() == text.null_count():
            break
        if form in DAYS:
            reading = text.str.to_date(form, strict=False)
        else:
            reading = text.str.to_datetime(form, strict=False, time_unit="us")
            reading = reading.dt.replace_time_zone(None) if form in ZONED else reading
        if reading.null_count() < best.null_count():
            best = reading
    return best


def first_row(wrong: pl.Series) -> int:
    """Give the row, counted from 1, of the first true value."""
    found = wrong.fill_null(False).arg_max()
    return 0 if found is None else int(found) + 1

"""What a person should know of how a column's text was understood, where it could be a misunderstanding."""

from __future__ import annotations

import polars as pl

from netlet.data.cells import COMMA_NUMBER, NO_NUMBER, NUMBER, common_mark, first_row, misfits, read_dates

MOSTLY = 0.5
MOSTLY_DATES = 0.8
THOUSANDS = r"^[+-]?[1-9]\d{0,2},\d{3}$"
SLASHED = r"^\d{1,2}[/-]\d{1,2}[/-](\d{4}|\d{2})$"
UNIT = r"^[$\u20ac\u00a3\u00a5]?\s?[+-]?\d[\d.,]*\s?[%\u00b0$\u20ac\u00a3\u00a5]?[A-Za-z/]{0,5}$"
GROUPED = r"^[+-]?\d{1,3}([.,]\d{3})*([.,]\d+)?$"  # 1.234,56 or 1,234.56
FEW_VALUES = 10


def remark(text: pl.Series, converted: pl.Series) -> str | None:
    """Say how a column was understood, if that may surprise.

    Parameters
    ----------
    text : polars.Series
        Its cells as the file has them, cleaned.
    converted : polars.Series
        What `infer` made of them.

    Returns
    -------
    str or None
        A sentence or two that name the column, a cell, what was done and what can be done.
    """
    if text.dtype != pl.String or text.null_count() == len(text):
        return None
    if converted.dtype.is_numeric():
        return _of_numbers(text, converted)
    return _of_text(text) if converted.dtype == pl.String else None


def nearly(text: pl.Series) -> str | None:
    """Say of a column of text which cells keep it from being one of numbers or of dates, if most are."""
    for kind, plural, least in (("number", "numbers", MOSTLY), ("date", "dates", MOSTLY_DATES)):
        if kind == "date" and not text.str.contains(r"^\d{1,4}[-/.]\d{1,2}[-/.]").mean():
            continue
        fits = text.str.contains(NUMBER) if kind == "number" else read_dates(text).is_not_null()
        if kind == "date" and (found := _in_another_form(text, fits)):
            return found
        share = fits.sum() / text.count()
        if least <= share < 1:
            wrong = misfits(text, kind)
            row = first_row(wrong)
            are = "is no " + kind if wrong.sum() == 1 else f"are no {plural}"
            first = ":" if wrong.sum() == 1 else ", the first is"
            return f"{wrong.sum():,} of {text.count():,} values {are}{first} {text[row - 1]!r} in row {row}"
    return None


def _in_another_form(text: pl.Series, fits: pl.Series) -> str | None:
    """Say of a column of dates, some of which do not fit the others, that they are dates as well."""
    rest = text.set(fits, None)
    others = read_dates(rest).is_not_null()
    if not others.any() or (fits | others).sum() != text.count():
        return None
    usual, row = text[first_row(fits) - 1], first_row(others)
    return (
        f"{others.sum():,} of {text.count():,} dates are not in the form of {usual!r}, the first is {text[row - 1]!r} "
        f"in row {row}"
    )


def _of_numbers(text: pl.Series, converted: pl.Series) -> str | None:
    marks = text.str.to_lowercase().is_in(NO_NUMBER)
    if marks.any():
        row = first_row(marks)
        return (
            f"Column {text.name!r} is taken as numbers: cells such as {text[row - 1]!r} (row {row}) count as missing, "
            f"{marks.sum():,} of {text.count():,}."
        )
    mark = common_mark(text)
    if mark is not None:
        row = first_row(text.is_not_null())
        return (
            f"Column {text.name!r} is taken as numbers, without the {mark!r} that every value has: {text[row - 1]!r} "
            f"in row {row} is {converted[row - 1]}."
        )
    commas = text.filter(text.str.contains(",", literal=True))
    if len(commas) and commas.str.contains(THOUSANDS).all():
        row = first_row(text.str.contains(",", literal=True))
        return (
            f"Column {text.name!r} has commas, taken as decimal: {text[row - 1]!r} in row {row} is "
            f"{converted[row - 1]}. If they part thousands, remove them from the file."
        )
    return None


def _of_text(text: pl.Series) -> str | None:
    if text.n_unique() > FEW_VALUES and text.str.contains(GROUPED).all():
        grouped = ~text.str.contains(f"{NUMBER}|{COMMA_NUMBER}")
        if grouped.any():
            row = first_row(grouped)
            return (
                f"Column {text.name!r} is taken as text: {text[row - 1]!r} (row {row}) is no number, because of the "
                "marks that part thousands. Remove them from the file to have numbers."
            )
    found = nearly(text)
    if found:
        return f"Column {text.name!r} is taken as text: {found}. Mend or empty what does not fit, to have it read."
    if text.str.contains(SLASHED).all():
        row = first_row(text.is_not_null())
        return (
            f"Column {text.name!r} is taken as text: in {text[row - 1]!r} (row {row}) day and month could be taken for "
            "each other. Write its dates as 2024-12-31."
        )
    if text.n_unique() > FEW_VALUES and text.str.contains(UNIT).all() and not text.str.contains(COMMA_NUMBER).all():
        around = text.drop_nulls().str.replace_all(r"[\d.,+\-\s]", "").unique()
        if len(around) == 1 and around[0]:
            row = first_row(text.is_not_null())
            # A common mark by itself would have been left out.
            what = "it" if common_mark(text) is None else "it, and commas or dots that part thousands,"
            return (
                f"Column {text.name!r} is taken as text: {text[row - 1]!r} (row {row}) is no number, because of the "
                f"{around[0]!r} that every value has. Remove {what} from the file to have numbers."
            )
    return None

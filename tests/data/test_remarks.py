"""Columns of mixed or doubtful text: how they are read, and that the person is told."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from netlet.data import Table, TableError, read_table
from netlet.data.cells import infer, infer_columns, misfits

pytestmark = pytest.mark.plain


def read(folder: Path, cells: Sequence[str]) -> Table:
    path = folder / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("a", "b"), *((cell, "w") for cell in cells)])
    return read_table(path)


def test_one_decimal_comma_among_whole_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, ["1,5", "2", "3"])
    assert table.frame["a"].to_list() == [1.5, 2.0, 3.0]
    assert table.notes == ()


def test_what_may_be_thousands_is_pointed_out(tmp_path: Path) -> None:
    table = read(tmp_path, ["17", "1,234", "20"])
    assert table.frame["a"].to_list() == [17.0, 1.234, 20.0]
    assert table.notes == (
        "Column 'a' has commas, taken as decimal: '1,234' in row 2 is 1.234. If they part thousands, remove them from "
        "the file.",
    )


def test_a_dash_among_numbers_is_a_missing_value(tmp_path: Path) -> None:
    table = read(tmp_path, ["4", "-", "6", "None", "5", "", "7,5"])
    assert table.frame["a"].to_list() == [4.0, None, 6.0, None, 5.0, None, 7.5]
    assert table.notes == ("Column 'a' is taken as numbers: cells such as '-' (row 2) count as missing, 2 of 6.",)


@pytest.mark.parametrize(
    "cells", [["+", "-"], ["1", "-"], ["1", "2", "none"], ["-", "-", "-", "1"], ["none", "unknown"]]
)
def test_a_dash_among_classes_is_a_class(cells: list[str]) -> None:
    column = pl.Series("a", cells)
    assert infer(column).to_list() == cells


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["5 %", "7.5%", "", "-3 %"], [5.0, 7.5, None, -3.0]),
        (["$5", "-$5", "$-5.50"], [5.0, -5.0, -5.5]),
        (["1,5 \u20ac", "2 \u20ac"], [1.5, 2.0]),
        (["20\u00b0", "21\u00b0"], [20, 21]),
    ],
)
def test_a_mark_that_every_number_has(tmp_path: Path, cells: list[str], numbers: list[float]) -> None:
    table = read(tmp_path, cells)
    assert table.frame["a"].to_list() == numbers
    (note,) = table.notes
    assert note.startswith("Column 'a' is taken as numbers, without the ")
    assert note.endswith(f" that every value has: {cells[0]!r} in row 1 is {numbers[0]}.")


@pytest.mark.parametrize(
    "cells",
    [
        ["5 %", "7"], ["5 %", "7 $"], ["$1,234", "$999"], ["$1,234.50", "$9"], ["% 5 %", "4 %"], ["$", "$5"], ["5 5 %"],
        ["1.234 \u20ac", "950 \u20ac"], ["\uff15 %", "3 %"],
    ],
)  # fmt: skip
def test_marks_that_leave_doubt_stay_text(cells: list[str]) -> None:
    assert infer(pl.Series("a", cells)).to_list() == cells


def test_which_cell_keeps_marked_numbers_from_being_read() -> None:
    assert misfits(pl.Series("a", ["5 %", "x", "6 %", "-"]), "number").to_list() == [False, True, False, None]
    assert misfits(pl.Series("a", ["5", "6 %", "7"]), "number").to_list() == [False, True, False]


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (["5%", "6%", "7$"], 2),
        (["1,5", "x", "2,5"], 1),
        (["1.5", "1,5", "2.5"], 1),
        (["950 \u20ac", "1.234 \u20ac", "870 \u20ac"], 1),
    ],
)
def test_which_cell_is_in_another_notation(cells: list[str], wrong: int) -> None:
    assert misfits(pl.Series("a", cells), "number").arg_true().to_list() == [wrong]


@pytest.mark.parametrize(
    "cells", [["3.459 $", "3.399 $"], ["5.125 %", "5 %"], ["1.5 \u20ac", "2.125 \u20ac", "3 \u20ac"]]
)
def test_a_dot_among_marked_numbers_is_decimal(cells: list[str]) -> None:
    assert infer(pl.Series("a", cells)).to_list() == [float(each.split()[0]) for each in cells]


def test_what_has_to_go_to_have_numbers(tmp_path: Path) -> None:
    (note,) = read(tmp_path, [f"{i}.000 \u20ac" if i > 5 else f"{i} \u20ac" for i in range(1, 13)]).notes
    assert note.endswith("Remove it, and commas or dots that part thousands, from the file to have numbers.")


def test_digits_of_other_scripts_are_text() -> None:
    cells = ["\u0661", "\u0662", "\uff13"]
    assert infer(pl.Series("a", cells)).to_list() == cells
    assert infer_columns(pl.DataFrame({"a": cells}))[0]["a"].to_list() == cells


def test_a_dash_does_not_keep_a_column_from_numbers() -> None:
    assert misfits(pl.Series("a", ["1", "-", "x", None]), "number").to_list() == [False, None, True, None]


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (
            ["1", "2", "x", "3", "y"],
            "2 of 5 values are no numbers, the first is 'x' in row 3. Mend or empty what does not fit, to have it "
            "read.",
        ),
        (
            ["2024-01-01", "2024-01-02", "2024-01-03", "", "2024-02-01", "soon"],
            "1 of 5 values is no date: 'soon' in row 6.",
        ),
        (["", "03/04/2024", "12/31/2024"], "in '03/04/2024' (row 2) day and month could be taken for each other."),
        ([f"{i} kg" for i in range(12)], "'0 kg' (row 1) is no number, because of the 'kg' that every value has."),
        ([f"${i},000" for i in range(12)], "'$0,000' (row 1) is no number, because of the '$' that every value has."),
        (
            [f"{i} m/s" for i in range(12)],
            "'0 m/s' (row 1) is no number, because of the 'm/s' that every value has.",
        ),
    ],
)
def test_what_stays_text(tmp_path: Path, cells: list[str], note: str) -> None:
    table = read(tmp_path, cells)
    assert table.frame["a"].dtype == pl.String
    assert len(table.notes) == 1
    assert table.notes[0].startswith(f"Column 'a' is taken as text: {note}")


@pytest.mark.parametrize(
    "cells", [["red", "green", "1"], ["1st", "2nd", "3rd"], [f"A{i}" for i in range(20)], ["007", "012"], ["a b", "?"]]
)
def test_plain_text_needs_no_remark(tmp_path: Path, cells: list[str]) -> None:
    table = read(tmp_path, cells)
    assert table.frame["a"].dtype == pl.String
    assert table.notes == ()


def test_moments_with_an_offset_are_brought_to_utc(tmp_path: Path) -> None:
    table = read(tmp_path, ["2024-01-31T10:30:00+02:00", "2024-07-01T00:00:00.5-01:00"])
    assert table.frame["a"].to_list() == [datetime(2024, 1, 31, 8, 30), datetime(2024, 7, 1, 1, 0, 0, 500_000)]


def test_days_in_one_form_only(tmp_path: Path) -> None:
    assert read(tmp_path, ["31.12.2024", "1.2.2024"]).frame["a"].to_list() == [date(2024, 12, 31), date(2024, 2, 1)]
    assert read(tmp_path, ["31.12.2024", "2024-02-01"]).frame["a"].dtype == pl.String


@pytest.mark.parametrize("name", ["*", "a b", "^a", "$", "x$"])
def test_names_that_are_patterns_elsewhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{name},b\n 1,u\n2,NA\n,v\n")
    assert read_table(path).frame.rows() == [(1, "u"), (2, None), (None, "v")]


def test_a_name_that_polars_takes_for_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("^a.*$,b\n1,u\n")
    with pytest.raises(TableError, match=r"t\.csv has a column named '\^a\.\*\$'; rename it"):
        read_table(path)


@pytest.mark.parametrize("last", ["1.234,56", "1,234.56", "1.234.567"])
def test_marks_between_thousands(tmp_path: Path, last: str) -> None:
    table = read(tmp_path, [*(f"{i}{',' if last[1] == '.' else '.'}5" for i in range(12)), last])
    assert table.frame["a"].dtype == pl.String
    (note,) = table.notes
    assert note.startswith(f"Column 'a' is taken as text: {last!r} (row 13) is no number, because of the marks that")

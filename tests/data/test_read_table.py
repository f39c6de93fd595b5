"""Reading tables: what is read, and what a person is told when it cannot be."""

from __future__ import annotations

import os
import re
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from netlet.data import TableError, read_table

GOOD = "a,b,c\n1,x,2.5\n2,y,3\n"


def write(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_types_are_found_from_every_row(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "i,f,t,b,d,m\n1,1.5,x,true,2024-01-31,2024-01-31 10:30\n,NA,?,False,null,nan\n"
        "-3,1e2,y z,,2024-02-01,2024-02-01 00:00\n",
    )
    frame = read_table(path).frame
    assert frame.schema == {
        "i": pl.Int64, "f": pl.Float64, "t": pl.String, "b": pl.Boolean, "d": pl.Date, "m": pl.Datetime("us"),
    }  # fmt: skip
    assert frame.row(0) == (1, 1.5, "x", True, date(2024, 1, 31), datetime(2024, 1, 31, 10, 30))
    assert frame.row(1) == (None, None, None, False, None, None)
    assert frame.row(2) == (-3, 100.0, "y z", None, date(2024, 2, 1), datetime(2024, 2, 1))


@pytest.mark.parametrize("mark", ["", "NA", "na", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "?", "  "])
def test_missing_values(tmp_path: Path, mark: str) -> None:
    frame = read_table(write(tmp_path, f"a,b\n{mark},{mark}\n1,x\n")).frame
    assert frame.rows() == [(None, None), (1, "x")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(tmp_path: Path, separator: str) -> None:
    frame = read_table(write(tmp_path, GOOD.replace(",", separator))).frame
    assert frame.rows() == [(1, "x", 2.5), (2, "y", 3.0)]


def test_decimal_commas(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path, "a;b\n1,5;x,y\n-2;z\n")).frame
    assert frame.rows() == [(1.5, "x,y"), (-2.0, "z")]


def test_separator_inside_text_of_another(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path, "name;place\nA, B;C, D\nE, F;G, H\n")).frame
    assert frame.columns == ["name", "place"]


def test_quotes_newlines_and_blank_lines(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path, 'a,b\r\n"x, ""y""\r\nz",1\r\n\r\n"w",2\r\n')).frame
    assert frame.rows() == [('x, "y"\r\nz', 1), ("w", 2)]


def test_codes_with_leading_zeros_stay_text(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "zip,n\n01234,0\n98765,0.5\n")).frame.rows() == [("01234", 0.0), ("98765", 0.5)]


def test_names_are_tidied(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, ", a ,b\n0,1,2\n")).frame.columns == ["column_1", "a", "b"]


def test_encodings(tmp_path: Path) -> None:
    text = "Größe,b\nklein,é\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        table = read_table(write(tmp_path, text.encode(encoding)))
        assert table.frame.columns == ["Größe", "b"]
        assert table.frame.rows() == [("klein", "é")]
    assert table.notes == ("t.csv is not UTF-8 (line 1, byte 0xF6): read as Windows-1252.",)


def test_encoding_error_names_its_line_behind_a_mark(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n3,\xe9\n"))
    assert table.notes[0].startswith("t.csv is not UTF-8 (line 3, byte 0xE9)")


def test_a_column_nearly_of_numbers_is_pointed_out(tmp_path: Path) -> None:
    rows = "".join(f"{i},x\n" for i in range(9))
    table = read_table(write(tmp_path, f"age,b\n{rows}about 5,y\n"))
    assert table.notes == (
        "Column 'age' is taken as text: 1 of 10 values is no number: 'about 5' in row 10. "
        "Mend or empty what does not fit, to have it read.",
    )


def test_dates_in_two_forms_are_pointed_out(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-0{i},x\n0{i}.02.2024,y\n" for i in range(1, 8))
    (note,) = read_table(write(tmp_path, f"day,b\n{rows}")).notes
    assert "7 of 14 dates are not in the form of '2024-01-01', the first is '01.02.2024' in row 2. Mend" in note


def test_without_conversion_text_stays(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "a,b\n1.50,?\n"), convert=False).frame.rows() == [("1.50", None)]


def test_header_only_has_no_rows(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path, "a,b\n")).frame
    assert frame.columns == ["a", "b"]
    assert frame.height == 0


def test_parquet_whatever_its_name(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"n": [1.0, float("nan")], "t": [" 3", "4"], "c": pl.Series(["u", "v"], dtype=pl.Categorical), "l": [[1], [2]]}
    )
    path = tmp_path / "t.csv"
    frame.write_parquet(path)
    read = read_table(path).frame
    assert read.rows() == [(1.0, 3, "u", [1]), (None, 4, "v", [2])]
    assert read.dtypes[:3] == [pl.Float64, pl.Int64, pl.String]


def test_text_named_parquet(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, GOOD, "t.parquet"))
    assert table.frame.height == 2
    assert table.notes == ("t.parquet is not a Parquet file: read as text.",)


def test_many_rows_are_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlet.data.delimited.ROWS_AT_A_TIME", 7)
    path = write(tmp_path, "a,b\n" + "".join(f"{i},x{i}\n" for i in range(40)))
    assert read_table(path).frame["a"].to_list() == list(range(40))


BAD = {
    "empty": ("", "t.csv is empty; the first line has to name the columns"),
    "blank": ("\n \n", "t.csv is empty"),
    "short line": ("a,b\n1,2\n3\n4,5\n", "line 3 of t.csv has 1 cell where the first line names 2 columns"),
    "long line": ("a,b\n1,2\n\n3,4,5\n", "line 4 of t.csv has 3 cells where the first line names 2 columns"),
    "numbers for names": ("1,2.5\n3,4\n", "the first line of t.csv holds only numbers, not column names"),
    "same name twice": ("a,b,a\n1,2,3\n", "t.csv has more than one column named a;"),
    "open quote": ('a,b\n1,"x\n2,y\n3,z\n', "a quotation mark in t.csv is never closed"),
    "lost quote": ('a,b\n1,"x"y\n', "line 2 of t.csv has a quotation mark in a wrong place"),
    "binary": (b"a,b\n\x00\x01\x02", r"t.csv is a binary file \(byte 5 is 0\)"),
    "excel": (b"PK\x03\x04....", "t.csv is an Excel workbook or a zip archive; save the sheet as CSV"),
    "gzip": (b"\x1f\x8b....", "t.csv is compressed with gzip; unpack it first"),
    "no known text": (b"a,b\n1,\x81\n", r"t.csv is neither UTF-8 nor Windows-1252 text \(line 2, byte 0x81\)"),
    "false utf-16": (b"\xff\xfea\x00b", "t.csv starts like UTF-16 text but is not"),
    "damaged parquet": (b"PAR1 and no more", "t.csv is a damaged Parquet file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files(tmp_path: Path, case: str) -> None:
    content, message = BAD[case]
    with pytest.raises(TableError, match=message):
        read_table(write(tmp_path, content))


def test_truncated_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(TableError, match="parquet is a damaged Parquet file"):
        read_table(path)


def test_parquet_without_columns(tmp_path: Path) -> None:
    pl.DataFrame().write_parquet(tmp_path / "t.parquet")
    with pytest.raises(TableError, match="parquet has no columns"):
        read_table(tmp_path / "t.parquet")


def test_missing_file_suggests_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "penguins.csv")
    with pytest.raises(TableError, match=r"pengins\.csv does not exist; did you mean .*penguins\.csv\?"):
        read_table(tmp_path / "pengins.csv")
    with pytest.raises(TableError, match=r"does not exist; give a CSV or Parquet file, such as penguins\.csv$"):
        read_table(tmp_path / "quite_another")
    with pytest.raises(TableError, match="there is no folder " + re.escape(str(tmp_path / "none"))):
        read_table(tmp_path / "none" / "t.csv")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is a folder; give one CSV or Parquet file"):
        read_table(tmp_path)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, GOOD)

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, os.strerror(13), str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(TableError, match=r"t\.csv cannot be read: Permission denied"):
        read_table(path)

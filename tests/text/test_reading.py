"""Reading texts: separators, quotation marks, encodings, folders."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netlet.data import TableError
from netlet.text.reading import read_texts

sys.path.append(str(Path(__file__).parents[1] / "craft"))
from shared_data import shared

pytestmark = pytest.mark.plain
BODY = "ham\tsee you at noon\nspam\twin a \u00a3100 prize\nham\tcaf\u00e9 then?\n"


def test_every_message_of_the_sms_table_is_read():
    found = read_texts(shared("text/sms.tsv"))
    assert len(found.texts) == 5574
    assert (found.text, found.target) == ("column_2", "column_1")
    assert {str(name): int((found.y == name).sum()) for name in set(found.y)} == {"ham": 4827, "spam": 747}
    assert any("do not enclose cells" in note for note in found.notes)


def test_stray_quotation_marks_swallow_no_lines(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text('a\t"hello\nb\tsay "no" twice\na\t"well" said\nb\tgood\n', encoding="utf-8")
    assert read_texts(path).texts == ['"hello', 'say "no" twice', '"well" said', "good"]


def test_quotation_marks_that_enclose_cells_are_none_of_the_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('label,body\nx,"one, ""two""\nthree"\ny,four\n', encoding="utf-8")
    found = read_texts(path)
    assert found.texts == ['one, "two"\nthree', "four"]
    assert (found.text, found.target, found.y.tolist()) == ("body", "label", ["x", "y"])


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_encodings_are_told_apart(tmp_path, encoding, note):
    path = tmp_path / "t.tsv"
    path.write_bytes(BODY.encode(encoding))
    found = read_texts(path, "column_2", "column_1")
    assert found.texts == ["see you at noon", "win a \u00a3100 prize", "caf\u00e9 then?"]
    assert any(note in each for each in found.notes)
    assert bool(note) == any("UTF-16" in each or "not UTF-8" in each for each in found.notes)


def test_bytes_that_windows_1252_lacks_are_latin_1(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a\tx\x81y z\nb\tcaf\xe9 it is\na\tq q q\n")
    found = read_texts(path)
    assert found.texts[:2] == ["x\x81y z", "caf\u00e9 it is"]
    assert any("read as Latin-1" in note for note in found.notes)


def test_names_are_taken_from_the_first_line_where_it_holds_them(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("label\tbody\nham\tsee you\nspam\twin now\n\tno class here\nham\t\n", encoding="utf-8")
    found = read_texts(path, "body", "label")
    assert found.texts == ["see you", "win now", ""]
    assert found.rows.tolist() == [0, 1, 3]
    assert {"1 row without a class: left out.", "1 row with an empty text."} <= set(found.notes)


def test_a_folder_for_each_class(tmp_path):
    for name, text in (
        ("pos/b.txt", b"good"),
        ("pos/a.txt", b"caf\xe9"),
        ("neg/c.txt", b"bad"),
        ("neg/d.bin", b"\0\1"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text)
    found = read_texts(tmp_path)
    assert (found.texts, found.y.tolist()) == (["bad", "caf\u00e9", "good"], ["neg", "pos", "pos"])
    assert any(note.startswith("Skipped: neg/d.bin is a binary file") for note in found.notes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.tsv is empty"),
        (b"a\tb\nc\n", "t.tsv is no table of texts"),
        (b"a\0b\t\1", "t.tsv is a binary file"),
        (b"x\tbody\nq\tw\n", "no column 'text'"),
        (b"text\tx\n", "has no rows below the names"),
        (b"text\tx\n\ta\n\tb\n", "there is no text in the column 'text'"),
        (b"PK\x03\x04", "an Excel workbook"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, content, message):
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=message):
        read_texts(path, "text")


def test_a_folder_of_files_has_no_classes(tmp_path):
    (tmp_path / "b.txt").write_text("second")
    (tmp_path / "a.txt").write_text("first")
    found = read_texts(tmp_path)
    assert found.texts == ["first", "second"]
    assert found.y is None
    assert found.frame["file"].to_list() == ["a.txt", "b.txt"]


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(TableError, match="holds no text files; put the text files of each class into a folder"):
        read_texts(tmp_path)
    with pytest.raises(TableError, match="does not exist"):
        read_texts(tmp_path / "none.tsv")

"""Texts as they are given: strings, files, several; encodings and line breaks."""

from __future__ import annotations

import pytest

from netlet.text.corpus import text_of

pytestmark = pytest.mark.plain


def test_a_text_a_file_and_several(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes("Zeile 1\r\nZeile 2\rß".encode())
    assert text_of("as it is\r\n") == "as it is\r\n"
    assert text_of(file) == "Zeile 1\nZeile 2\nß"
    assert text_of(["one\n", file, "two"]) == "one\nZeile 1\nZeile 2\nß\ntwo"
    assert text_of(part for part in ("a", "b")) == "a\nb"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marked_encodings(tmp_path, encoding):
    file = tmp_path / "a.txt"
    file.write_bytes("größer".encode(encoding))
    assert text_of(file) == "größer"


def test_another_encoding_is_said_with_its_place(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes("größer".encode("cp1252"))
    with pytest.raises(ValueError, match=r"not written in UTF-8: byte 2 is 0xf6; save it as UTF-8, or"):
        text_of(file)


@pytest.mark.parametrize("empty", ["", [], [""]])
def test_empty(empty):
    with pytest.raises(ValueError, match="text is empty"):
        text_of(empty)


@pytest.mark.parametrize("given", [b"bytes", 3, None, ["a", 3], {"a": 1}])
def test_no_text(given):
    with pytest.raises(TypeError, match="not a text"):
        text_of(given)

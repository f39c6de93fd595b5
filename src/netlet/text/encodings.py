"""From the bytes of a text file to text: the encoding is found by trial, and said where it is not UTF-8."""

from __future__ import annotations

import re

from netlet.data.delimited import FOREIGN
from netlet.data.errors import TableError

_SAMPLE = 4096
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  # a binary file has them, a text has not
_MOST_ZEROS = 0.3  # of every second byte, where text of Western languages is UTF-16 without a mark


def decode(content: bytes, name: str) -> tuple[str, str | None]:
    """Decode a file: UTF-8 with or without a mark, UTF-16, Windows-1252, else Latin-1, in which every byte is a letter.

    Parameters
    ----------
    content : bytes
    name : str
        The file's name, for messages.

    Returns
    -------
    text : str
    note : str or None
        What was found, where it is not UTF-8.

    Raises
    ------
    TableError
        If it is a binary file.
    """
    for start, kind in FOREIGN.items():
        if content.startswith(start):
            raise TableError(f"{name} is {kind}")
    wide = _wide(content)
    if wide:
        try:
            return content.decode(wide).removeprefix("\ufeff"), f"{name} is UTF-16 text."
        except UnicodeDecodeError:
            raise TableError(f"{name} looks like UTF-16 text but is not; save it as UTF-8") from None
    if b"\x00" in content:
        raise TableError(f"{name} is a binary file (byte {content.index(0) + 1} is 0), not text; give a text file")
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    for encoding, words in (("cp1252", "Windows-1252"), ("latin-1", "Latin-1")):
        try:
            return content.decode(encoding), f"{name} is not UTF-8 (line {line}): read as {words}."
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 reads every byte")


def _wide(content: bytes) -> str | None:
    """Return the codec of UTF-16, by its mark or by the zeros in every second byte."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = content[:_SAMPLE]
    if len(start) < 2 or b"\x00" not in start:
        return None
    for codec, zeros, letters in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if len(content) % 2 or zeros.count(0) <= _MOST_ZEROS * len(zeros) or letters.count(0):
            continue
        if not _CONTROL.search(start[: len(start) // 2 * 2].decode(codec, errors="ignore")):
            return codec
    return None

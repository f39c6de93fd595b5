"""The text that a language model learns from: given as it is, in files, or in several parts."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LONGEST_NAME = 250


def text_of(given: Any, name: str = "text") -> str:
    """Return one text.

    Parameters
    ----------
    given : str, path, or iterable of these
        A str is the text itself, a `pathlib.Path` a file. Several follow one another, with a line break between them
        where there is none.
    name : str
        What it is called in messages.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If there is no text in it, or a file is not UTF-8 (or UTF-16 that says so).
    OSError
        If a file cannot be read.
    """
    if isinstance(given, (str, os.PathLike)):
        text = _one(given, name)
    elif isinstance(given, Iterable) and not isinstance(given, (bytes, dict)):
        parts = [_one(each, f"{name}[{place}]") for place, each in enumerate(given)]
        text = "".join(part if part.endswith("\n") else part + "\n" for part in parts[:-1]) + "".join(parts[-1:])
    else:
        raise TypeError(_not_text(given, name))
    if not text:
        raise ValueError(f"{name} is empty; give a text to read")
    return text


def _one(given: Any, name: str) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, os.PathLike):
        return read_text(Path(given))
    raise TypeError(_not_text(given, name))


def _not_text(given: Any, name: str) -> str:
    hint = "; decode it first" if isinstance(given, bytes) else ""
    return f"{name} is a {type(given).__name__}, not a text{hint}; give a str, a pathlib.Path, or a list of these"


def read_text(path: Path) -> str:
    """Read a text file; line breaks of other systems become line feeds.

    Raises
    ------
    ValueError
        If it is neither UTF-8 nor UTF-16 with a byte-order mark.
    OSError
        If it cannot be read.
    """
    content = path.read_bytes()
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not written in {encoding.upper().removesuffix('-SIG')}: byte {error.start} is "
            f"0x{content[error.start]:02x}; save it as UTF-8, or read it with another encoding: "
            "Path(...).read_text(encoding='cp1252')"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def looks_like_a_file(text: str) -> bool:
    """Tell whether a text is more likely the name of a file that is there."""
    if "\n" in text or len(text) > _LONGEST_NAME:
        return False
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False

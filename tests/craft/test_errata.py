"""The errata of the study notes: each proof fails for what is written and passes for what is corrected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shared_data import SHARED

pytestmark = pytest.mark.plain
PAGE = (Path(__file__).parents[2] / "docs" / "errata.md").read_text(encoding="utf-8")
PREFACE, *ENTRIES = re.split(r"^### ", PAGE, flags=re.MULTILINE)
BY_TITLE = {"argvalues": ENTRIES, "ids": [entry.split("\n", 1)[0] for entry in ENTRIES]}


def blocks(text):
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def field(entry, name):
    """Return what an entry says after `- name: `, on one line; None where it says nothing of it."""
    found = re.search(rf"^- {name}: (.*?)(?=^- |^$)", entry, re.DOTALL | re.MULTILINE)
    return " ".join(found[1].split("\n")) if found else None


@pytest.mark.parametrize("entry", **BY_TITLE)
def test_an_entry_is_proved(entry):
    (tools,), (proof,) = blocks(PREFACE), blocks(entry)
    names = {"__name__": "errata"}
    exec(compile(tools, "errata.md", "exec"), names)
    exec(compile(proof, entry.split("\n", 1)[0], "exec"), names)
    # Said here once more: a proof without its last line would prove nothing.
    assert names["holds"](names["corrected"]) is True
    if field(entry, "Written"):
        assert names["holds"](names["written"]) is False
    else:
        assert "written" not in names


@pytest.mark.parametrize("entry", **BY_TITLE)
def test_an_entry_is_whole(entry):
    assert all(field(entry, name) for name in ("Where", "Correct", "Why"))
    assert (field(entry, "Written") is None) != (field(entry, "Missing") is None)


def test_no_title_stands_twice():
    assert len(ENTRIES) > 50
    assert len(set(BY_TITLE["ids"])) == len(ENTRIES)


@pytest.mark.parametrize("entry", **BY_TITLE)
def test_quotes_are_to_the_letter(entry):
    number = field(entry, "Where")[:3]
    files = list((SHARED.parent / "notes").glob(f"{number}_*.txt"))
    if not files:
        pytest.skip("the notes are not there; they stand in the folder notes next to the shared data")
    text = files[0].read_text(encoding="utf-8")
    quotes = re.findall(r"`([^`]+)`", field(entry, "Written") or field(entry, "Missing"))
    assert quotes
    assert [quote for quote in quotes if quote not in text] == []

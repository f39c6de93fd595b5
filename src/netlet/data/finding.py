"""A finding: something in a table that a person should know before trusting what is trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FindingKind = Literal[
    "leak",
    "identifier",
    "missing",
    "nearly constant",
    "many values",
    "rare classes",
    "imbalance",
    "few rows",
    "duplicates",
    "conflicts",
]
NAMES_SHOWN = 6


@dataclass(frozen=True)
class Finding:
    """Something that was found in a table.

    Attributes
    ----------
    kind : str
        "leak", "identifier", "missing", "nearly constant", "many values", "rare classes", "imbalance", "few rows",
        "duplicates" or "conflicts".
    columns : tuple of str
        The columns it is about; the target alone where it is about its classes, none where it is about whole rows.
    message : str
        One or two sentences: what was found, what is done with it, what can be done.
    """

    kind: FindingKind
    columns: tuple[str, ...]
    message: str


def named(names: Sequence[object]) -> str:
    """Write names with quotation marks, the first 6 of them, and how many more there are."""
    shown = ", ".join(f"'{name}'" for name in names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown} and {len(names) - NAMES_SHOWN:,} more"


def columns_named(names: Sequence[str]) -> str:
    """Write `column 'a'` or `columns 'a', 'b'`."""
    return f"{'column' if len(names) == 1 else 'columns'} {named(names)}"


def drop_words(names: Sequence[str]) -> str:
    """Write the options that leave the columns out, the first 6 of them."""
    words = [f"--drop {name}" if name.isidentifier() else f'--drop "{name}"' for name in names[:NAMES_SHOWN]]
    return " ".join([*words, *["..."] * (len(names) > NAMES_SHOWN)])

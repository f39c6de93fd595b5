"""What the sections of the page are made of: pictures with captions, tables of texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from netlet.report.drawing import Drawing

NAME, CELL, SENTENCE = 60, 40, 600  # the most characters of a column's name, of a cell, of a sentence
NOTES = 20  # the most that are shown


@dataclass(frozen=True)
class Picture:
    """A drawing with what is said below it."""

    svg: Markup
    title: str
    caption: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of texts; `numeric` marks the columns that are flush right."""

    head: list[str]
    rows: list[list[str]]
    numeric: list[bool] = field(default_factory=list)
    first: bool = False


def picture(drawing: Drawing | None, title: str, caption: str = "") -> list[Picture]:
    """Return a drawing with its caption as a list of one; empty if there is no drawing."""
    return [] if drawing is None else [Picture(drawing.svg(), title, caption, drawing.width > 500)]


@dataclass(frozen=True)
class Tried:
    """The section on what was trained until the model was found.

    Attributes
    ----------
    name, link, title : str
        Its place on the page, what leads there, its heading.
    sentence : str
    pictures : list of Picture
    heading : str
        Of the table.
    table : Grid
    failures : list of (str, str)
        How many networks failed, and why.
    """

    name: str
    link: str
    title: str
    sentence: str
    pictures: list[Picture]
    heading: str
    table: Grid
    failures: list[tuple[str, str]]

"""SVG, written by hand: text stays text, colours come from the page's style, nothing needs an id.

Shapes carry class names only (`line`, `dot`, `bar`, and `c1` to `c6`, `good`, `bad`, `faint` for the colour), so that a
picture follows the page into the dark and onto paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

from netlet.report.scales import Scale
from netlet.report.words import fitted, text_width

TEXT_SIZE = 12.0
Anchor = Literal["start", "middle", "end"]


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


@dataclass
class Drawing:
    """A picture of a width and height in pixels, with what has been drawn so far.

    Parameters
    ----------
    width, height : float
    label : str
        What the picture shows, for those who cannot see it.
    least_width : float
        Where the page is narrower, the picture is scrolled instead of made smaller.
    """

    width: float
    height: float
    label: str
    least_width: float = 0.0
    parts: list[str] = field(default_factory=list)

    def add(self, tag: str, content: str = "", title: str = "", **attributes: float | str) -> None:
        """Add an element; `class_` is its class, `x_y` becomes x-y."""
        pairs = []
        for name, value in attributes.items():
            key = "class" if name == "class_" else name.replace("_", "-")
            pairs.append(f'{key}="{_number(value) if isinstance(value, (int, float)) else escape(value)}"')
        inner = (f"<title>{escape(title)}</title>" if title else "") + str(escape(content))
        self.parts.append(f"<{' '.join([tag, *pairs])}>{inner}</{tag}>" if inner else f"<{' '.join([tag, *pairs])}/>")

    def text(
        self, x: float, y: float, text: str, kind: str = "", anchor: Anchor = "start", turned: bool = False
    ) -> None:
        """Write a text whose baseline begins, is centred or ends at a point."""
        extra: dict[str, str] = {"text_anchor": anchor} if anchor != "start" else {}
        if kind:
            extra["class_"] = kind
        if turned:
            extra["transform"] = f"rotate(-90 {_number(x)} {_number(y)})"
        self.add("text", text, x=x, y=y, **extra)

    def line(self, points: Sequence[tuple[float, float]], kind: str, title: str = "") -> None:
        """Draw a line through points."""
        if points:
            way = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
            self.add("path", title=title, class_=f"line {kind}", d=f"M{way}")

    def dot(self, x: float, y: float, kind: str, radius: float = 3.0, title: str = "") -> None:
        """Draw a dot."""
        self.add("circle", title=title, class_=f"dot {kind}", cx=x, cy=y, r=radius)

    def bar(self, x: float, y: float, width: float, height: float, kind: str, title: str = "") -> None:
        """Draw a filled rectangle."""
        self.add("rect", title=title, class_=f"bar {kind}", x=x, y=y, width=max(width, 0), height=max(height, 0))

    def svg(self) -> Markup:
        """Return the element."""
        least = f' style="min-width:{self.least_width:.0f}px"' if self.least_width else ""
        return Markup(  # every text was escaped on its way in
            f'<svg viewBox="0 0 {_number(self.width)} {_number(self.height)}" width="{_number(self.width)}" '
            f'role="img" aria-label="{escape(self.label)}"{least}>{"".join(self.parts)}</svg>'
        )


@dataclass(frozen=True)
class Frame:
    """The rectangle between two axes: from values to points of a drawing."""

    left: float
    top: float
    width: float
    height: float
    across: Scale
    up: Scale

    def x(self, value: float) -> float:
        """Return how far right a value is."""
        return self.left + self.width * self.across.place(value)

    def y(self, value: float) -> float:
        """Return how far down a value is."""
        return self.top + self.height * (1.0 - self.up.place(value))

    def point(self, across: float, up: float) -> tuple[float, float]:
        """Return the point of a pair of values."""
        return self.x(across), self.y(up)

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height


def framed(
    drawing: Drawing, across: Scale, up: Scale, across_label: str, up_label: str, top: float = 34.0, below: float = 0.0
) -> Frame:
    """Draw two axes that fill a drawing, and return the frame between them.

    Parameters
    ----------
    drawing : Drawing
    across, up : Scale
    across_label, up_label : str
        What the axes measure: the one below, the other above the axis, where it is read without turning the head.
    top : float
        Room above for the label and a legend.
    below : float
        Room left free at the bottom.
    """
    ticks = up.ticks()
    left = max(28.0, 10.0 + max((text_width(text, TEXT_SIZE) for _, text in ticks), default=0.0))
    right = 14.0
    frame = Frame(left, top, drawing.width - left - right, drawing.height - top - 44.0 - below, across, up)
    for place, text in ticks:
        y = frame.bottom - place * frame.height
        drawing.line([(frame.left, y), (frame.left + frame.width, y)], "grid")
        drawing.text(frame.left - 8, y + 4, text, "tick", "end")
    end = -100.0
    for place, text in across.ticks():
        x = frame.left + place * frame.width
        half = text_width(text, TEXT_SIZE) / 2
        if x - half < end + 6:
            continue
        at = min(x, drawing.width - half)
        drawing.line([(x, frame.bottom), (x, frame.bottom + 4)], "axis")
        drawing.text(at, frame.bottom + 18, text, "tick", "middle")
        end = at + half
    drawing.line([(frame.left, frame.bottom), (frame.left + frame.width, frame.bottom)], "axis")
    drawing.text(frame.left + frame.width / 2, frame.bottom + 38, across_label, "label", "middle")
    drawing.text(0, 13, up_label, "label")
    return frame


def legend(drawing: Drawing, entries: Sequence[tuple[str, str]], x: float, y: float, step: float = 18.0) -> None:
    """Write colours and what they stand for, below one another; (class, text)."""
    for at, (kind, text) in enumerate(entries):
        drawing.line([(x, y + at * step - 4), (x + 16, y + at * step - 4)], kind)
        drawing.text(x + 22, y + at * step, fitted(text, drawing.width - x - 24, TEXT_SIZE), "tick")


def legend_row(drawing: Drawing, entries: Sequence[tuple[str, str]], y: float = 13.0) -> None:
    """Write colours and what they stand for, beside one another, flush right."""
    x = drawing.width - 14.0
    for kind, text in reversed(entries):
        x -= text_width(text, TEXT_SIZE)
        drawing.text(x, y, text, "tick")
        drawing.line([(x - 22, y - 4), (x - 6, y - 4)], kind)
        x -= 38

"""What a drawn computational graph consists of; the page's template writes it as SVG."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Box:
    """A node: a rectangle around a point, or a small disc, with lines of text.

    Parameters
    ----------
    x, y : float
        The middle.
    width, height : float
        0: a disc, beside which further lines stand below.
    kind : str
        "value", "parameter", "operation" or "loss": its class.
    lines : tuple of str
    """

    x: float
    y: float
    width: float
    height: float
    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """A way through points, with what is multiplied on the way back.

    Parameters
    ----------
    path : str
        In SVG's words.
    x, y : float
        Where its text begins.
    local, upstream : str
        The local derivative, and the gradient that comes from above.
    """

    path: str
    x: float
    y: float
    local: str
    upstream: str


@dataclass
class Picture:
    """Nodes and edges on an area of a width and a height."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


def straight(x: float, y: float, end_x: float, end_y: float) -> str:
    """Return a straight way."""
    return f"M{x:.0f} {y:.0f}L{end_x:.0f} {end_y:.0f}"


def bent(x: float, y: float, end_x: float, end_y: float, lane: float = 0.0, first: float = 0.0) -> str:
    """Return a way that begins and ends level: `first` straight on, a bend, and straight over the last `lane`."""
    begin, arrive = x + first, end_x - lane
    middle = (begin + arrive) / 2
    return (
        f"M{x:.0f} {y:.0f}L{begin:.0f} {y:.0f}C{middle:.0f} {y:.0f} {middle:.0f} {end_y:.0f} "
        f"{arrive:.0f} {end_y:.0f}L{end_x:.0f} {end_y:.0f}"
    )

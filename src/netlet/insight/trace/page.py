"""The page of a trace: the computational graph, the formulas, all arrays."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from netlet.insight.trace.array_graph import array_graph
from netlet.insight.trace.weight_graph import has_weight_graph, weight_graph

if TYPE_CHECKING:
    from netlet.insight.trace.trace import Trace


def page_of(trace: Trace, digits: int) -> str:
    """Return the page as HTML that needs no other file."""
    from jinja2 import Environment, StrictUndefined

    text = (resources.files("netlet.insight.trace") / "page.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    by_weight = has_weight_graph(trace)
    picture = weight_graph(trace, digits) if by_weight else array_graph(trace, digits)
    return environment.from_string(text).render(
        picture=picture, by_weight=by_weight, loss=f"{trace.loss:.{digits}g}", n=len(trace["X"]),
        ends=trace.ends, explanation=trace.explanation(digits), rows=trace.rows(digits),
    )  # fmt: skip

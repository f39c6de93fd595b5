"""A network as a table that a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from netlet.graph.building import Operation
from netlet.graph.graph import Graph


def summary_of(graph: Graph, operations: Sequence[Operation], dtype: str, frozen: frozenset[str]) -> str:
    """Return a table of the layers: name, what each reads, numbers per sample, parameters.

    Parameters
    ----------
    graph : Graph
    operations : sequence of Operation
        Empty where the input size is not known yet; sizes are then shown as "?".
    dtype : str
    frozen : frozenset of str
        Names of layers that stay as they are; they are marked.

    Returns
    -------
    str
        Lines without an end of line after the last.
    """
    names = graph.names()
    rows = []
    sizes: list[str] = []
    for name, reads in zip(names, graph.sources, strict=True):
        own = [operation for operation in operations if name in operation.names]
        kernels = "+".join(operation.row for operation in own)
        is_plain = len(own) < 2
        # A layer without operations gives what it reads another shape.
        sizes.append(str(own[-1].size) if own else sizes[reads[0]] if operations else "?")
        size = sizes[-1]
        mark = " frozen" if name in frozen else ""
        count = f"{sum(operation.n_theta for operation in own):,}" if operations else "?"
        sources = ", ".join(names[read] if read >= 0 else "input" for read in reads)
        rows.append(((name if is_plain else f"{name} ({kernels})") + mark, sources, size, count))
    total = f"{sum(operation.n_theta for operation in operations):,}" if operations else "known once the input size is"
    heads = ("layer", "reads", "outputs", "parameters")
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}"
        for row in [heads, *rows]
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], f"parameters: {total} ({dtype})"])

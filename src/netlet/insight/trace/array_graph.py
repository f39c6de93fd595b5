"""The computational graph of a larger network or of several samples: a node for each array, from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.insight.trace import formulas
from netlet.insight.trace.numbers import number
from netlet.insight.trace.quantity import Operation
from netlet.insight.trace.shapes import Box, Edge, Picture, straight

if TYPE_CHECKING:
    from netlet.insight.trace.trace import Trace

_ROW, _HEIGHT, _MIDDLE, _WIDTH, _LEFT = 118.0, 50.0, 600.0, 230.0, 110.0


def array_graph(trace: Trace, digits: int) -> Picture:
    """Draw the graph; lengths are those of the whole arrays, over all samples."""
    return _Drawing(trace, digits).picture()


class _Drawing:
    def __init__(self, trace: Trace, digits: int) -> None:
        self.trace, self.digits = trace, digits
        self.result = Picture(1000.0, 0.0)
        self.rows: dict[str, int] = {}

    def picture(self) -> Picture:
        """Draw from top to bottom."""
        self._value("X", "input")
        for operation in self.trace.operations:
            if operation.gives == self.trace.ends.output and self.trace.ends.joined:
                continue
            self._value(operation.gives, f"{operation.row} of {operation.layer}")
            for read in dict.fromkeys(operation.reads):
                self._edge(read, operation.gives, _local(operation), f"d{operation.gives}")
            self._parameters(operation)
        ends = self.trace.ends
        self.rows["L"] = len(self.rows)
        joined = f"{self.trace.operations[-1].row} and " if ends.joined else ""
        lines = (f"{joined}{ends.loss}", f"L = {self._number(self.trace['L'])}, dL/dL = 1")
        self.result.boxes.append(Box(_MIDDLE, self._y("L"), _WIDTH + 40, _HEIGHT, "loss", lines))
        smoothed = ends.loss == "cross_entropy" and any(ends.factors)
        self._edge(ends.reads, "L", formulas.loss(ends.loss, ends.output, ends.joined, smoothed)[1], "1")
        self.result.height = self._y("L") + _HEIGHT
        return self.result

    def _y(self, name: str) -> float:
        return 40.0 + _ROW * self.rows[name]

    def _value(self, name: str, what: str) -> None:
        self.rows[name] = len(self.rows)
        self.result.boxes.append(Box(_MIDDLE, self._y(name), _WIDTH, _HEIGHT, "value", (what, *self._measures(name))))

    def _measures(self, name: str) -> tuple[str, ...]:
        """Return a line of an array's shape, and one of the length of its gradient."""
        shape = " × ".join(map(str, self.trace[name].shape))
        lines = [f"{name}: {shape}"]
        if f"d{name}" in self.trace:
            lines.append(f"length of d{name} {self._number(_length(self.trace[f'd{name}']))}")
        return tuple(lines)

    def _parameters(self, operation: Operation) -> None:
        y, count = self._y(operation.gives), len(operation.parameters)
        for at, name in enumerate(operation.parameters):
            place = y + 44 * (at - (count - 1) / 2)
            self.result.boxes.append(Box(_LEFT, place, 2 * _LEFT - 8, 38, "parameter", self._measures(name)))
            local = {"W": f"{operation.reads[0]}^T", "b": "1, summed over samples"}.get(name[0], "its derivative")
            path = straight(2 * _LEFT - 4, place, _MIDDLE - _WIDTH / 2, y)
            self.result.edges.append(Edge(path, 2 * _LEFT + 6, place - 5, local, f"d{operation.gives}"))

    def _edge(self, source: str, target: str, local: str, upstream: str) -> None:
        begin, end = self._y(source) + _HEIGHT / 2, self._y(target) - _HEIGHT / 2
        if self.rows[target] - self.rows[source] == 1:
            path, x, y = straight(_MIDDLE, begin, _MIDDLE, end), _MIDDLE + 12, (begin + end) / 2 + 4
        else:  # past the nodes between, on their right
            right, out = _MIDDLE + _WIDTH / 2, _MIDDLE + _WIDTH / 2 + 70
            begin, end = self._y(source), self._y(target)
            path = f"M{right:.0f} {begin:.0f}C{out:.0f} {begin:.0f} {out:.0f} {end:.0f} {right:.0f} {end:.0f}"
            x, y = out - 8, (begin + end) / 2
        self.result.edges.append(Edge(path, x, y, local, upstream))

    def _number(self, value: Any) -> str:
        return number(float(value), self.digits).replace("-", "\N{MINUS SIGN}")


def _local(operation: Operation) -> str:
    if operation.row == "dense":
        return f"{operation.parameters[0]}^T"
    if operation.derivative is not None:
        read = operation.reads[0]
        return formulas.derivative(operation.row)(z=read, n=read, a=operation.gives, s="slope")
    return "1" if operation.row == "add" else f"the derivative of {operation.row}"


def _length(values: np.ndarray) -> float:
    return float(np.sqrt((values.astype(np.float64) ** 2).sum()))

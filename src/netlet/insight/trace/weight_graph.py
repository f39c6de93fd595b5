"""The computational graph of one sample down to each weight: products, sums, activations, the loss.

From left to right: the inputs; for each layer a product for each weight, a sum for each neuron, its activation; the
loss. Every product has a row of its own, so that the texts of its two edges have room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.insight.trace.numbers import number
from netlet.insight.trace.quantity import Operation
from netlet.insight.trace.shapes import Box, Edge, Picture, bent, straight

if TYPE_CHECKING:
    from netlet.insight.trace.trace import Trace

_MOST_PRODUCTS = 40
_ROW, _BIAS_ROW, _GAP, _TOP = 82.0, 54.0, 26.0, 20.0
_HEIGHT, _DISC = 34.0, 11.0
_BOX, _LANE = 118.0, 120.0  # what the texts of a node and of an edge need
_DIGIT = 9.0  # and how much more with each digit over 4


def has_weight_graph(trace: Trace) -> bool:
    """Say whether a trace is of one sample of a small chain of dense layers and activations of single numbers."""
    operations, n_products = trace.operations, 0
    if len(trace["X"]) != 1 or trace["X"].ndim != 2:
        return False
    before = "X"
    for operation in operations:
        is_joined_link = operation.gives == trace.ends.output and trace.ends.joined
        if operation.reads != (before,) or trace[operation.gives].ndim != 2:
            return False
        if operation.row == "dense":
            n_products += trace[operation.parameters[0]].size
        elif operation.derivative is None and not is_joined_link:
            return False
        before = operation.gives
    return 0 < n_products <= _MOST_PRODUCTS


@dataclass
class _Place:
    """Where a value is left from, with its number and its gradient."""

    x: float
    y: float
    value: float


def weight_graph(trace: Trace, digits: int) -> Picture:
    """Draw the graph of a trace for which `has_weight_graph`."""
    return _Drawing(trace, digits).picture()


class _Drawing:
    def __init__(self, trace: Trace, digits: int) -> None:
        self.trace, self.digits = trace, digits
        more = max(0, digits - 4) * _DIGIT
        self.box, self.lane = _BOX + more, _LANE + 2 * more
        heights = [self._height(each) for each in trace.operations if each.row == "dense"]
        self.height = max(*heights, trace["X"].shape[1] * 62.0) + 2 * _TOP
        self.result = Picture(0, self.height)

    def picture(self) -> Picture:
        """Draw from left to right."""
        x = self.trace["X"]
        step = (self.height - 2 * _TOP) / x.shape[1]
        places = []
        for k in range(x.shape[1]):
            y = _TOP + step * (k + 0.5)
            self._box(self.box / 2 + 4, y, "value", f"X[0, {k}]", x[0, k], self.trace["dX"][0, k])
            places.append(_Place(self.box + 4, y, float(x[0, k])))
        right = self.box + 4
        for operation in self.trace.operations:
            if operation.row == "dense":
                places, right = self._dense(operation, places, right)
            elif operation.gives != self.trace.ends.output or not self.trace.ends.joined:
                places, right = self._activation(operation, places, right)
        self._loss(places, right)
        return self.result

    def _height(self, operation: Operation) -> float:
        n_in, n_out = self.trace[operation.parameters[0]].shape
        rows: float = n_out * (n_in * _ROW + (_BIAS_ROW if operation.parameters[1:] else 0.0)) + (n_out - 1) * _GAP
        return rows

    def _dense(self, operation: Operation, places: list[_Place], left: Any) -> tuple[list[_Place], float]:
        weight, gives = operation.parameters[0], operation.gives
        w, dw, dz = self.trace[weight], self._slopes(weight, operation), self.trace[f"d{gives}"]
        begin = left + 84.0
        times = begin + self.box + self.lane + _DISC
        plus = times + self.lane + 64.0
        y = (self.height - self._height(operation)) / 2
        sums = []
        for j in range(w.shape[1]):
            top, arrivals = y, []
            for k, place in enumerate(places):
                middle = y + _ROW / 2
                self._box(begin + self.box / 2, middle - 20, "parameter", f"{weight}[{k}, {j}]", w[k, j], dw[k, j])
                edge = straight(begin + self.box, middle - 20, times - 9, middle - 5)
                self._edge(edge, begin + self.box + 8, middle - 24, place.value, dz[0, j])
                edge = bent(place.x, place.y, times - _DISC, middle + 18, self.lane + self.box)
                self._edge(
                    edge + f"L{times - 8:.0f} {middle + 8:.0f}", begin + self.box + 8, middle + 33, w[k, j], dz[0, j]
                )
                self._disc(times, middle, "×", "")
                self._note(times + 16, middle + 16, self._number(place.value * w[k, j]))
                arrivals.append((times + _DISC, middle))
                y += _ROW
            for bias in operation.parameters[1:]:
                middle = y + _BIAS_ROW / 2
                slope = self._slopes(bias, operation)[j]
                self._box(times - self.box / 2 + _DISC, middle, "parameter", f"{bias}[{j}]", self.trace[bias][j], slope)
                arrivals.append((times + _DISC, middle))
                y += _BIAS_ROW
            centre = (top + y) / 2
            for x, middle in arrivals:
                self._edge(bent(x, middle, plus - _DISC, centre, 0, 96), x + 6, middle - 6, 1.0, dz[0, j])
            self._disc(plus, centre, "+", f"{gives}[0, {j}] = {self._number(self.trace[gives][0, j])}")
            self._note(plus, centre + 42, f"d = {self._number(dz[0, j])}", "middle")
            sums.append(_Place(plus + _DISC, centre, float(self.trace[gives][0, j])))
            y += _GAP
        return sums, plus + _DISC

    def _activation(self, operation: Operation, places: list[_Place], left: Any) -> tuple[list[_Place], float]:
        gives, derivative = operation.gives, operation.derivative
        assert derivative is not None
        a, da = self.trace[gives], self.trace[f"d{gives}"]
        begin, after = left + self.lane + 18, []
        for j, place in enumerate(places):
            edge = straight(place.x, place.y, begin, place.y)
            self._edge(edge, place.x + 22, place.y - 8, derivative[0, j], da[0, j])
            self._box(begin + self.box / 2, place.y, "value", f"{gives}[0, {j}]", a[0, j], da[0, j], operation.row)
            after.append(_Place(begin + self.box, place.y, float(a[0, j])))
        return after, begin + self.box

    def _loss(self, places: list[_Place], left: Any) -> None:
        ends, output = self.trace.ends, self.trace[self.trace.ends.output]
        slope = self.trace[f"d{ends.reads}"]
        begin, middle = left + self.lane + 40, self.height / 2
        for j, place in enumerate(places):
            end = middle + 16 * (j - (len(places) - 1) / 2)
            edge = bent(place.x, place.y, begin, end, 0, self.lane)
            self._edge(edge, place.x + 22, place.y - 8, slope[0, j], 1.0)
        target = ", ".join(self._number(each) for each in self.trace["Y"].ravel())
        lines = [ends.loss, f"L = {self._number(self.trace['L'])}", f"Y = {target}", "dL/dL = 1"]
        if ends.joined:
            link = self.trace.operations[-1].row
            outputs = ", ".join(self._number(each) for each in output[0])
            lines = [f"{link} and", ends.loss, f"{ends.output} = {outputs}", *lines[1:]]
        width = max(7.2 * max(map(len, lines)) + 16, self.box)
        height = max(16 * len(lines) + 12, 16 * len(places) + 12)
        self.result.boxes.append(Box(begin + width / 2, middle, width, height, "loss", tuple(lines)))
        self.result.width = begin + width + 4

    def _slopes(self, name: str, operation: Operation) -> np.ndarray:
        """Return the gradient of a parameter; NaN stands for that of a frozen one, which is not said."""
        slopes = self.trace[f"d{name}"]
        return np.full_like(slopes, np.nan) if operation.frozen else slopes

    def _box(self, x: float, y: float, kind: str, name: str, value: Any, slope: Any, function: str = "") -> None:
        lines = [f"{name} = {self._number(value)}", "frozen" if np.isnan(slope) else f"d = {self._number(slope)}"]
        lines = [function, *lines] if function else lines
        self.result.boxes.append(Box(x, y, self.box, _HEIGHT + 15 * bool(function), kind, tuple(lines)))

    def _disc(self, x: float, y: float, sign: str, text: str) -> None:
        self.result.boxes.append(Box(x, y, 0, 0, "operation", (sign, text) if text else (sign,)))

    def _note(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        self.result.boxes.append(Box(x, y, -1 if anchor == "start" else -2, 0, "note", (text,)))

    def _edge(self, path: str, x: float, y: float, local: Any, upstream: Any) -> None:
        self.result.edges.append(Edge(path, x, y, self._number(local), self._number(upstream)))

    def _number(self, value: Any) -> str:
        return number(float(value), self.digits).replace("-", "\N{MINUS SIGN}")

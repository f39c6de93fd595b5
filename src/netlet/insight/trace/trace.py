"""The trace: every value of one step of a training, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from netlet import errors
from netlet.insight.trace.explanation import explanation_of
from netlet.insight.trace.numbers import array_text
from netlet.insight.trace.quantity import Ends, Operation, Quantity


class Trace(Mapping[str, np.ndarray]):
    """Every value of one forward pass, one backward pass and one update; a mapping from names to arrays.

    Names are those of the formulas: ``trace["Z1"]``, ``["A1"]``, ``["L"]``, ``["dZ2"]``, ``["dW2"]``, ``["new b1"]``.
    The names of the code work too: ``trace["dense_1.weight"]`` is W of that layer, ``trace["dense_1"]`` what it gives.
    Where a layer has no activation its A is its Z, and "A0" is the input. Prints as a table of all of them.

    Attributes
    ----------
    quantities : tuple of Quantity
        In the order in which they are computed: forward, loss, backward, parameters, update.
    operations : tuple of Operation
        Those of the forward pass, in order.
    ends : Ends
        The loss and the update.
    """

    def __init__(self, quantities: tuple[Quantity, ...], operations: tuple[Operation, ...], ends: Ends) -> None:
        self.quantities, self.operations, self.ends = quantities, operations, ends
        self._by_name = {each.name: each for each in quantities}

    def quantity(self, name: str) -> Quantity:
        """Return an array with its names and its meaning.

        Raises
        ------
        KeyError
            If there is no such name.
        """
        if name in self._by_name:
            return self._by_name[name]
        if (alias := self._unactivated(name)) in self._by_name:
            return self._by_name[alias]
        last = {each.layer: each.gives for each in self.operations}
        parameters = {each.code: each for each in self.quantities if each.meaning == "parameter"}
        if name in last:
            return self._by_name[last[name]]
        if name in parameters:
            return parameters[name]
        raise KeyError(errors.unknown_name("name", name, [*self._by_name, *last, *parameters]))

    def _unactivated(self, name: str) -> str:
        """Return the name of what a layer without an activation gives, as its activation: "Z1" for "A1"."""
        if name in ("A0", "dA0"):
            return name.replace("A0", "X")
        activated = name.removeprefix("d") in self._by_name  # then it is its gradient that there is none of
        return name if activated else name.replace("A", "Z", 1)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.quantity(name).value

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def loss(self) -> float:
        """The mean loss of the samples before the step."""
        return float(self["L"])

    def explanation(self, digits: int = 4) -> str:
        """Return what `explain` prints."""
        errors.check_number("digits", digits, int, 1)
        return explanation_of(self, digits)

    def explain(self, digits: int = 4) -> None:
        """Print the step as formulas with the numbers put in, layer by layer.

        Small arrays are worked out number by number; of larger ones there are the formula, the shape and the numbers at
        the edges. Indices count from 0, as those of the arrays.

        Parameters
        ----------
        digits : int, >= 1
            Significant digits of the numbers; what is computed keeps all.
        """
        print(self.explanation(digits))

    def to_html(self, path: str | PathLike[str] | None = None, digits: int = 4) -> str:
        """Draw the computational graph on a page that needs nothing else.

        Each edge carries the local derivative and the gradient that comes from above. For a single sample of a small
        network of dense layers the graph goes down to each weight, else to each array. The formulas of `explain` and
        all shapes stand below it.

        Parameters
        ----------
        path : path, optional
            Where to write the page.
        digits : int, >= 1

        Returns
        -------
        str
            The page.
        """
        from netlet.insight.trace.page import page_of

        errors.check_number("digits", digits, int, 1)
        page = page_of(self, digits)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def rows(self, digits: int = 4) -> list[tuple[str, str, str, str, str]]:
        """Return name, name in the code, meaning, shape and numbers of each quantity, as text."""
        return [
            (each.name, each.code, each.meaning, str(each.value.shape), array_text(each.value, digits))
            for each in self.quantities
        ]

    def __repr__(self) -> str:
        rows = [("name", "in the code", "meaning", "shape", "numbers"), *self.rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = ["  ".join([*(f"{row[at]:<{widths[at]}}" for at in range(4)), row[4]]) for row in rows]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])

"""How an estimator looks: scikit-learn's text and diagram, and once it is fitted the network's table below them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any


class ShowsNetwork:
    """Adds the network's table to what is shown; stands before scikit-learn's `BaseEstimator`."""

    def __str__(self) -> str:
        """Return the parameters that are no defaults; of a fitted estimator the network's table too."""
        table = self._table()
        return repr(self) if table is None else f"{self!r}\n\n{table}"

    def _table(self) -> str | None:
        network = self.__dict__.get("network_")
        return None if network is None else network.summary()

    def _get_params_html(self, deep: bool = True, *others: Any, **named: Any) -> Any:  # noqa: ARG002
        """Return what scikit-learn's diagram shows of the parameters, with the table below it.

        It is called for an estimator by itself as for a step of a pipeline, which `_repr_html_` is not. Of the
        parameters only those of the constructor are shown: the table has the layers.
        """
        shown = super()._get_params_html(False, *others, **named)  # type: ignore[misc]
        table = self._table()
        return shown if table is None else _WithTable(shown, table)


@dataclass(frozen=True)
class _WithTable:
    """Something that is shown as HTML, and a text below it."""

    shown: Any
    table: str

    def _repr_html_inner(self) -> str:
        text = html.escape(self.table)
        return f"{self.shown._repr_html_inner()}<details open><summary>Network</summary><pre>{text}</pre></details>"

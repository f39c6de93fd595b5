"""The networks of a preset as they are trained: a table on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.text import Text

from netlet.cli.live import COMPILING, LiveTable, fitting, lay_out
from netlet.cli.screen import figure
from netlet.tables.members import Part
from netlet.tables.ready import Onlooker

ROWS_SHOWN = 8


class LiveNetworks(LiveTable, Onlooker):
    """Shows how far each network is, and keeps what became of it.

    Parameters
    ----------
    measure : str
        In words, what `score` gives: "log loss".
    score : callable
        From the cost of a network on the rows it held out; less is better.
    quiet : bool
        Whether to show nothing.

    Attributes
    ----------
    parts : sequence of Part
        The networks.
    outcomes : sequence of Outcome
        What became of them; empty before the end.
    ending : {"done", "time", "interrupted"}
        Why the training ended.
    best : dict of int to (float, int)
        By a network's place, its lowest score and the epoch of it.
    """

    def __init__(self, measure: str, score: Callable[[float], float], quiet: bool = False) -> None:
        super().__init__(time.perf_counter(), quiet)
        self.measure, self._score = measure, score
        self.parts: Sequence[Part] = ()
        self.outcomes: Sequence[Any] = ()
        self.ending = "done"
        self._epochs: dict[int, int] = {}
        self._now: dict[int, float] = {}
        self.best: dict[int, tuple[float, int]] = {}

    def begin(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    def epoch(self, place: int, epoch: int, cost: float) -> None:
        score = self._score(cost)
        self._epochs[place], self._now[place] = epoch, score
        self.best[place] = min(self.best.get(place, (score, epoch)), (score, epoch))
        self._goes_on()

    def ended(self, outcomes: Sequence[Any], ending: str) -> None:
        self.outcomes = outcomes
        cut_short = any(each.history.stopped == "time" for each in outcomes)
        self.ending = "time" if ending == "done" and cut_short else ending

    def _line(self) -> str:
        done = sum(epochs == self.parts[place].options["epochs"] for place, epochs in tuple(self._epochs.items()))
        n = len(self.parts)
        return f"{done} of {n} {'network' if n == 1 else 'networks'} trained, {time.perf_counter() - self._began:.0f} s"

    def _best_in_words(self) -> str:
        best = sorted((score, place) for place, (score, _) in tuple(self.best.items()))
        return f"; best {self.measure} {figure(best[0][0])} (network {best[0][1]})" if best else ""

    def _table(self) -> Text:
        title = COMPILING if self._compiles else self._line()
        places = sorted(self._epochs)
        under_way = [place for place in places if self._epochs[place] < self.parts[place].options["epochs"]]
        shown = sorted({*under_way, *places[-ROWS_SHOWN:]})[-ROWS_SHOWN:]
        if not shown:
            return fitting(title)
        columns = [
            ("network", [str(place) for place in shown]),
            ("epoch", [f"{self._epochs[place]}/{self.parts[place].options['epochs']}" for place in shown]),
            (f"{self.measure} held out", [figure(self._now[place]) for place in shown]),
            ("best", [figure(self.best[place][0]) for place in shown]),
            ("of epoch", [str(self.best[place][1]) for place in shown]),
        ]
        return lay_out(title, columns, self._width)

"""A line that shows how far a search is, and the best so far."""

from __future__ import annotations

import math
from types import TracebackType
from typing import Any


class ProgressLine:
    """Shows on the screen how many trainings are done, the time left and the best score.

    Parameters
    ----------
    verbose : int
        0: nothing; 1: the line; 2 and more: one more line for each candidate.
    n_splits : int
    """

    def __init__(self, verbose: int, n_splits: int) -> None:
        self.verbose, self.n_splits = verbose, n_splits
        self.best: tuple[float, str] | None = None
        self._shown: Any = None
        self._task: Any = None
        self._what, self._total = "", 0
        self._candidates: list[dict[str, Any]] = []
        self._scores: dict[int, list[float]] = {}

    def __enter__(self) -> ProgressLine:
        if self.verbose > 0:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
            from rich.table import Column

            rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")  # long settings give way, not the counts
            self._shown = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[best]}", markup=False, table_column=rest),
                expand=True,
            )
            self._shown.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._shown.stop()

    def begin(self, what: str, candidates: list[dict[str, Any]]) -> None:
        """Begin a round; only scores of rounds of one name are compared with each other."""
        same = what == self._what
        self._what, self._scores, self._candidates = what, {}, candidates
        if not same:
            self.best = None
        if self._shown is None:
            return
        n_trainings = len(candidates) * self.n_splits
        if same:
            self._total += n_trainings
            self._shown.update(self._task, total=self._total)
        else:
            self._total = n_trainings
            self._task = self._shown.add_task(what, total=n_trainings, best="")

    def take(self, candidate: int, score: float) -> None:
        """Note the score of a candidate in one fold."""
        if self._shown is None:
            return
        scores = self._scores.setdefault(candidate, [])
        scores.append(score)
        if len(scores) == self.n_splits:
            mean = sum(scores) / self.n_splits
            settings = ", ".join(f"{name}={_short(value)}" for name, value in self._candidates[candidate].items())
            if not math.isnan(mean) and (self.best is None or mean > self.best[0]):
                self.best = mean, settings
            if self.verbose > 1:
                self._shown.console.print(f"{mean:.4f}  {settings}", markup=False, highlight=False)
        best = "" if self.best is None else f"best {self.best[0]:.4f}  {self.best[1]}"
        self._shown.update(self._task, advance=1, best=best)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

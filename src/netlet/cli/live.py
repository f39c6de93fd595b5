"""The search as it goes: a table of the best networks on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from netlet.searching.metrics import METRICS
from netlet.searching.trial import Trial
from netlet.training.progress import Progress

ROWS_SHOWN = 5
COLUMNS_KEPT = 3  # however narrow the screen is
ORDER = ("hidden", "learning_rate", "activation", "dropout", "batch_size", "weight_decay")
SECONDS_BETWEEN_LINES = 5.0
COMPILING = "compiling kernels for this machine (once; some seconds) ..."
HEADINGS = {
    "hidden": "hidden layers", "learning_rate": "rate", "batch_size": "batch", "weight_decay": "decay",
}  # fmt: skip


class LiveTable(Progress):
    """Shows a table on standard error while networks are trained; the base of such.

    Parameters
    ----------
    began : float
        When the time that is shown began, on `time.perf_counter`'s clock.
    quiet : bool
        Whether to show nothing.
    """

    def __init__(self, began: float, quiet: bool = False) -> None:
        super().__init__(None, "networks")
        self._began = began
        self._said = time.perf_counter()
        self._quiet = quiet
        self._compiles = self._said_compiling = False
        self._console = Console(stderr=True, highlight=False) if not quiet and sys.stderr.isatty() else None
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        if self._console is not None:
            self._live = Live(get_renderable=self._table, console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def compiling(self) -> None:
        if not self._quiet and self._live is None and not self._said_compiling:
            self._said_compiling = True
            print(f"netlet: {COMPILING}", file=sys.stderr, flush=True)
        self._compiles = True

    def _goes_on(self) -> None:
        """Write a line where there is no terminal, if it is time."""
        self._compiles = False
        if not self._quiet and self._console is None and time.perf_counter() >= self._said + SECONDS_BETWEEN_LINES:
            self._said = time.perf_counter()
            print(self._line() + self._best_in_words(), file=sys.stderr, flush=True)

    @property
    def _width(self) -> int:
        return 80 if self._console is None else self._console.width

    def _line(self) -> str:
        """Return how far it is."""
        raise NotImplementedError

    def _best_in_words(self) -> str:
        """Return what is best so far, to follow the line."""
        raise NotImplementedError

    def _table(self) -> Text:
        raise NotImplementedError


class LiveSearch(LiveTable):
    """Shows the best networks of a search on standard error while it runs.

    Parameters
    ----------
    metric : str
        What they are compared by, a name of `netlet.searching.metrics`.
    began : float
        When the time that is shown began, on `time.perf_counter`'s clock.
    seconds : float or None
        The time limit, if there is one.
    varied : sequence of str
        The settings that are searched for.
    quiet : bool
        Whether to show nothing.
    """

    def __init__(
        self, metric: str, began: float, seconds: float | None, varied: tuple[str, ...], quiet: bool = False
    ) -> None:
        super().__init__(began, quiet)
        self.metric, self.seconds, self.varied = METRICS[metric], seconds, varied
        self.trials: dict[int, Trial] = {}

    def begin_later(self, seconds: float) -> None:
        """Count the time that is shown from so much later, as where something was compiled."""
        self._began += seconds

    def ended(self, trial: Trial) -> None:
        """Take a trial into account that is through, or paused."""
        self.trials[trial.number] = trial
        self._goes_on()

    def best(self) -> list[Trial]:
        """Return the trials that have a score, the best first."""
        return sorted((t for t in self.trials.values() if t.score is not None), key=lambda t: (t.cost, t.number))

    def _best_in_words(self) -> str:
        return "".join(
            f"; best {words_of(self.metric.name)} {score_of(each.score)} (network {each.number})"
            for each in self.best()[:1]
        )

    def _line(self) -> str:
        n_tried = len(self.trials)
        limit = f" of {self.seconds:.0f}" if self.seconds is not None else ""
        elapsed = time.perf_counter() - self._began
        return f"{n_tried} {'network' if n_tried == 1 else 'networks'} tried, {elapsed:.0f}{limit} s"

    def _table(self) -> Text:
        title = COMPILING if self._compiles else self._line()
        best = self.best()[:ROWS_SHOWN]
        return table_of(title, best, self.metric.name, self.varied, self._width) if best else fitting(title)


def table_of(title: str, trials: Sequence[Trial], metric: str, varied: Sequence[str], width: int) -> Text:
    """Return a table of trials and as many of their settings as fit into the width, those that matter most first."""
    names = sorted(varied, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    columns = [
        ("network", [str(trial.number) for trial in trials]),
        (words_of(metric), [score_of(trial.score) for trial in trials]),
        ("epochs", [str(trial.epochs) for trial in trials]),
        *((HEADINGS.get(name, name), [cell_of(trial.settings.get(name)) for trial in trials]) for name in names),
    ]
    return lay_out(title, columns, width)


def lay_out(title: str, columns: Sequence[tuple[str, Sequence[str]]], width: int) -> Text:
    """Return a table of as many of the columns as fit into the width, three at the least, below its title."""
    widths = [max(map(cell_len, [heading, *cells])) for heading, cells in columns]
    shown = len(columns)
    while shown > COLUMNS_KEPT and sum(widths[:shown]) + 2 * (shown - 1) > width:
        shown -= 1
    rows = [
        "  ".join(" " * (widths[place] - cell_len(cell)) + cell for place, cell in enumerate(row))
        for row in zip(*([heading, *cells] for heading, cells in columns[:shown]), strict=True)
    ]
    table = fitting(title)
    table.append(f"\n{rows[0]}", style="dim")
    for row in rows[1:]:
        table.append(f"\n{row}")
    return table


def fitting(text: str) -> Text:
    """Return a text whose lines are cut at the screen's edge rather than wrapped."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def cell_of(value: Any) -> str:
    """Write a setting shortly."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:.2g}" if isinstance(value, float) else str(value)


def score_of(score: float | None) -> str:
    """Write a score shortly."""
    return "" if score is None else f"{round(score, 4) + 0.0:.4f}"  # no minus before a zero


def words_of(metric: str) -> str:
    """Return a metric's name in words."""
    return {"smoothed_log_loss": "log loss", "r2": "R2"}.get(metric, metric.replace("_", " "))

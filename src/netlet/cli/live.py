"""The search as it goes: a table of the best networks on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from netlet.searching.metrics import METRICS
from netlet.searching.trial import Trial
from netlet.training.progress import Progress

ROWS_SHOWN = 5
SECONDS_BETWEEN_LINES = 5.0
HEADINGS = {
    "hidden": "hidden layers", "learning_rate": "rate", "batch_size": "batch", "weight_decay": "decay",
}  # fmt: skip


class LiveSearch(Progress):
    """Shows the best networks of a search on standard error while it runs.

    Parameters
    ----------
    metric : str
        What they are compared by, a name of `netlet.searching.metrics`.
    seconds : float or None
        The time limit, if there is one.
    varied : sequence of str
        The settings that are searched for.
    quiet : bool
        Whether to show nothing.
    """

    def __init__(self, metric: str, seconds: float | None, varied: tuple[str, ...], quiet: bool = False) -> None:
        super().__init__(None, "networks")
        self.metric, self.seconds, self.varied = METRICS[metric], seconds, varied
        self.trials: dict[int, Trial] = {}
        self._began = time.monotonic()
        self._said = self._began
        self._quiet = quiet
        self._compiles = False
        self._live: Live | None = None
        if not quiet and sys.stderr.isatty():
            console = Console(stderr=True, highlight=False)
            self._live = Live(get_renderable=self._table, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Progress:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def compiling(self) -> None:
        if not self._quiet and self._live is None and not self._compiles:
            print("netlet: compiling kernels for this machine (once; some seconds) ...", file=sys.stderr, flush=True)
        self._compiles = True

    def ended(self, trial: Trial) -> None:
        """Take a trial into account that is through, or paused."""
        self.trials[trial.number] = trial
        self._compiles = False
        if not self._quiet and self._live is None and time.monotonic() >= self._said + SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            print(self._line(), file=sys.stderr, flush=True)

    def best(self) -> list[Trial]:
        """Return the trials that have a score, the best first."""
        return sorted((t for t in self.trials.values() if t.score is not None), key=lambda t: (t.cost, t.number))

    def _line(self) -> str:
        limit = f" of {self.seconds:.0f}" if self.seconds is not None else ""
        text = f"{len(self.trials)} networks tried in {time.monotonic() - self._began:.0f}{limit} s"
        best = self.best()
        if best:
            text += f"; best {words_of(self.metric.name)} {best[0].score:.4f} (network {best[0].number})"
        return text

    def _table(self) -> Table | Text:
        title = "compiling kernels for this machine (once; some seconds) ..." if self._compiles else self._line()
        return table_of(title, self.best()[:ROWS_SHOWN], self.metric.name, self.varied)


def table_of(title: str, trials: list[Trial], metric: str, varied: tuple[str, ...]) -> Table:
    """Return a table of trials and their settings."""
    table = Table(
        title=Text(title), title_justify="left", title_style="", box=None, padding=(0, 2, 0, 0), pad_edge=False
    )
    table.add_column(Text("network", style="dim"), justify="right", no_wrap=True)
    table.add_column(Text(words_of(metric), style="dim"), justify="right", no_wrap=True)
    table.add_column(Text("epochs", style="dim"), justify="right", no_wrap=True)
    for name in varied:
        table.add_column(Text(HEADINGS.get(name, name), style="dim"), justify="right", no_wrap=True)
    for trial in trials:
        cells = [cell_of(trial.settings.get(name)) for name in varied]
        table.add_row(str(trial.number), f"{trial.score:.4f}", str(trial.epochs), *cells)
    return table


def cell_of(value: Any) -> str:
    """Write a setting shortly."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:.2g}" if isinstance(value, float) else str(value)


def words_of(metric: str) -> str:
    """Return a metric's name in words."""
    return {"log_loss": "log loss", "r2": "R2"}.get(metric, metric.replace("_", " "))

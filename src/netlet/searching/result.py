"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from netlet.network.network import Network
from netlet.population.ensemble import Ensemble
from netlet.population.selection_costs import Cost
from netlet.searching.metrics import Metric
from netlet.searching.task import Task
from netlet.searching.trial import Trial

if TYPE_CHECKING:
    import polars as pl


@dataclass
class SearchResult:
    """What a search found.

    Attributes
    ----------
    trials : list of Trial
        Every network that was tried, by number.
    metric : Metric
    networks : dict of int to Network or Ensemble
        The best networks by the number of their trial, the best first; of a cross-validation the average of the folds'
        networks.
    seconds : float
        How long it took; of a search that was gone on with, all parts together.
    stopped : {"done", "time", "interrupted", "callback"}
        Why it ended: the budget in trials or epochs is spent, or there is nothing left to try; the time is over;
        Ctrl-C; a callback.
    """

    trials: list[Trial]
    metric: Metric
    networks: dict[int, Network | Ensemble]
    seconds: float
    stopped: str
    task: Task = field(repr=False)

    @property
    def best(self) -> Trial:
        """The trial with the best score; of equal ones the first."""
        return min(self.trials, key=lambda trial: (trial.cost, trial.number))

    @property
    def network(self) -> Network | Ensemble:
        """The network of the best trial."""
        return self.networks[self.best.number]

    def ranking(self) -> list[Trial]:
        """Return the trials that have a score, the best first."""
        return sorted((t for t in self.trials if t.score is not None), key=lambda trial: (trial.cost, trial.number))

    def table(self) -> pl.DataFrame:
        """Return a row for each trial: number, status, score, epochs, seconds, n_parameters, and each setting.

        Settings that are neither numbers, texts nor truth values are given as text. One that is named as another column
        is has "setting" before its name.
        """
        import polars as pl

        rows = []
        for t in self.trials:
            row = {
                "number": t.number, "status": t.status, self.metric.name: t.score, "epochs": t.epochs,
                "seconds": t.seconds, "n_parameters": t.n_parameters,
            }  # fmt: skip
            own = {f"setting {name}" if name in row else name: _cell(value) for name, value in t.settings.items()}
            rows.append(row | own | {"reason": t.reason})
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)

    def ensemble(
        self, size: int = 10, *, n_start: int = 1, temperature: bool = True, smoothing: float = 0.0
    ) -> Ensemble:
        """Choose an ensemble from the best networks by their predictions for samples that they were not trained on.

        Parameters
        ----------
        size, n_start : int, >= 1
            As for `greedy_selection`.
        temperature : bool
            Whether to fit a temperature to the same samples, where the outputs are probabilities.
        smoothing : float in [0, 1)
            As for `fit_temperature`.

        Returns
        -------
        Ensemble
            By the metric of the search. Its `selection` counts the places in `networks`. After a cross-validation it
            holds all folds' networks of those selected.
        """
        parts = [list(each.networks) if isinstance(each, Ensemble) else [each] for each in self.networks.values()]
        predictions = [self.task.predictions(networks) for networks in parts]
        return Ensemble.select_parts(
            parts, predictions, self.task.truth, size=size, n_start=min(n_start, size, len(parts)),
            temperature=temperature, smoothing=smoothing, cost=self._cost(),
        )  # fmt: skip

    def _cost(self) -> Cost:
        """Return what an average of predictions costs."""
        of, metric = self.metric.of, self.metric
        if of is None:
            return "auto"
        return lambda average, y: metric.cost(of(average, y))

    def __repr__(self) -> str:
        failed = sum(trial.status == "failed" for trial in self.trials)
        settings = ", ".join(f"{name}={_shown(value)}" for name, value in self.best.settings.items())
        return (
            f"SearchResult({len(self.trials)} trials{f', {failed} failed' if failed else ''}, {self.seconds:.1f} s; "
            f"best {self.metric.name} {self.best.score:.4g}: {settings})"
        )


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else repr(value)


def _cell(value: Any) -> Any:
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)

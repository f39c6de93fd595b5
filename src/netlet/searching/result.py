"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.network.network import Network
from netlet.searching.metrics import Metric
from netlet.searching.trial import Trial

if TYPE_CHECKING:
    import polars as pl

    from netlet.population.ensemble import Ensemble


@dataclass
class SearchResult:
    """What a search found.

    Attributes
    ----------
    trials : list of Trial
        Every network that was tried, by number.
    metric : Metric
    networks : dict of int to Network
        The best networks by the number of their trial, the best first.
    seconds : float
        How long it took; of a search that was gone on with, all parts together.
    stopped : {"done", "time", "interrupted", "callback"}
        Why it ended: the budget in trials or epochs is spent, or there is nothing left to try; the time is over;
        Ctrl-C; a callback.
    """

    trials: list[Trial]
    metric: Metric
    networks: dict[int, Network]
    seconds: float
    stopped: str
    validation: tuple[np.ndarray, np.ndarray] = field(repr=False)

    @property
    def best(self) -> Trial:
        """The trial with the best score; of equal ones the first."""
        return min(self.trials, key=lambda trial: (trial.cost, trial.number))

    @property
    def network(self) -> Network:
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

    def ensemble(self, size: int = 10, **options: Any) -> Ensemble:
        """Choose an ensemble from the best networks by their predictions for the validation samples.

        Parameters
        ----------
        size : int, >= 1
            The most steps of the selection.
        **options
            As for `Ensemble.select`.

        Returns
        -------
        Ensemble
        """
        from netlet.population.ensemble import Ensemble

        return Ensemble.select(list(self.networks.values()), *self.validation, size=size, **options)

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

"""`netlet train --preset search`: plain networks of many settings are tried, and the best kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netlet.cli.arrays import Prepared, prepare
from netlet.cli.learnt import Learnt
from netlet.cli.live import words_of
from netlet.cli.options import TrainOptions
from netlet.cli.prepare import Divided
from netlet.cli.screen import Screen
from netlet.cli.searching import is_searched
from netlet.cli.trained import Trained, train_one, train_searched
from netlet.population.ensemble import Ensemble
from netlet.report.facts import SearchFacts, WinnerFacts
from netlet.searching.metrics import METRICS

REMARK = (
    "The search had a time limit, so another machine, or a busier one, may try other networks. With --trials or "
    "--epochs-in-all, and without --time, the same command gives the same model."
)


def train_by_search(options: TrainOptions, divided: Divided, screen: Screen, began: float) -> Learnt:
    """Make the rows ready and search; the time limit counts from `began`, on `time.perf_counter`'s clock."""
    prepared = prepare(options, divided, screen)
    if is_searched(options, len(prepared.watch)):
        trained = train_searched(options, prepared, screen, began)
    else:
        trained = train_one(options, prepared, screen)
    return _learnt(options, prepared, trained)


def _learnt(options: TrainOptions, prepared: Prepared, trained: Trained) -> Learnt:
    model, preparation = trained.model, prepared.preparation

    def predict(frame: pl.DataFrame) -> NDArray[np.floating]:
        return model.predict(preparation.transform(frame), n_threads=options.threads)

    def save(path: Path, notes: dict[str, Any]) -> None:
        model.save(path, notes={"preparation": preparation.to_dict(), **notes})

    several = isinstance(model, Ensemble) and len(model.networks) > 1
    return Learnt(
        predict=predict,
        spread=(lambda frame: model.spread(preparation.transform(frame))) if several else None,  # type: ignore[union-attr]
        save=save,
        linear_inputs=preparation.transform,
        preparation=preparation,
        findings=prepared.findings,
        n_learn=len(prepared.learn),
        n_watch=len(prepared.watch),
        tried=SearchFacts(
            words_of(trained.metric), METRICS[trained.metric].more_is_better,
            tuple(trained.trials), trained.budget, trained.seconds, trained.n_threads, trained.strategy, trained.folds,
        ),
        winner=_winner(trained),
        health=trained.health,
        notes=_notes(trained),
        interrupted=trained.stopped == "interrupted",
        remark="" if trained.repeats else REMARK,
    )  # fmt: skip


def _winner(trained: Trained) -> WinnerFacts:
    ensemble = trained.model if isinstance(trained.model, Ensemble) else None
    return WinnerFacts(
        tuple(trained.members),
        trained.best.settings,
        sum(each.theta.size for each in (ensemble.networks if ensemble is not None else [trained.network])),
        trained.best.curves,
        trained.network.summary(),
        ensemble.temperature if ensemble is not None and ensemble.temperature != 1 else None,
    )


def _notes(trained: Trained) -> dict[str, Any]:
    return {
        "networks": len(trained.trials), "stopped": trained.stopped, "metric": trained.metric, "folds": trained.folds,
        "members": [[number, share] for number, share in trained.members],
        "best": {
            "number": trained.best.number, "score": trained.best.score, "epochs": trained.best.epochs,
            "settings": trained.best.settings,
        },
    }  # fmt: skip

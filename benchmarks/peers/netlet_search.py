"""netlet's `search` in the space that `configurations` draws from, among the configurations of its list."""

from __future__ import annotations

from collections.abc import Sequence

from configurations import (
    BATCH_SIZE,
    EPOCHS,
    LEAST_RATE,
    LEAST_UNITS,
    MOST_LAYERS,
    MOST_RATE,
    MOST_UNITS,
    Configuration,
    Digits,
)
from netlet.scales import LogUniform, Sizes
from netlet.searching.budget import Trials
from netlet.searching.search import search


def best_found(data: Digits, configurations: Sequence[Configuration], strategy: str) -> float:
    """Search among the configurations and nothing else; return the best validation accuracy."""
    result = search(
        data.X,
        data.y,
        {
            "hidden": Sizes((1, MOST_LAYERS), (LEAST_UNITS, MOST_UNITS)),
            "learning_rate": LogUniform(LEAST_RATE, MOST_RATE),
        },
        budget=Trials(len(configurations)),
        first=[{"hidden": one.hidden, "learning_rate": one.learning_rate} for one in configurations],
        strategy=strategy,
        metric="accuracy",
        validation_data=(data.X_validation, data.y_validation),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        optimizer="adam",
        seed=0,
        progress=False,
    )
    if len(result.trials) != len(configurations):
        raise RuntimeError(f"{len(result.trials)} trials were made where {len(configurations)} were asked for")
    return float(result.best.score)

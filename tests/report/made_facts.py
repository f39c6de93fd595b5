"""Facts of trainings that never were, for pages of every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from netlet.data import ColumnFacts
from netlet.data.importance import ColumnImportance, Importance
from netlet.report.facts import (
    ErrorRow,
    Facts,
    ModelScore,
    ReproductionFacts,
    SearchFacts,
    TableFacts,
    TestFacts,
    WinnerFacts,
)
from netlet.searching.trial import Trial


def made_trials(n: int = 20, failed: int = 2, seed: int = 0) -> tuple[Trial, ...]:
    random = np.random.default_rng(seed)
    trials: list[Trial] = []
    for number in range(n):
        settings: dict[str, Any] = {
            "hidden": [(16,), (32, 16), (64, 64, 32)][number % 3],
            "activation": ["relu", "tanh"][number % 2],
            "learning_rate": float(10 ** random.uniform(-4, 0)),
            "beta1": float(1 - 10 ** random.uniform(-3, -0.5)),
            "batch_size": int(random.choice([16, 32, 64])),
            "dropout": None if number % 5 == 3 else float(random.uniform(0, 0.5)),
            "optimizer": "adam",
        }
        score = float(random.uniform(0.6, 0.95))
        loss = [1.0 / epoch for epoch in range(1, 11)]
        curves = {"loss": loss, "validation_loss": [v + 0.1 for v in loss], "validation_accuracy": [score] * 10}
        trial = Trial(number, settings, score, -score, 10, "done", float(number), 1.5, curves, "", 100 + number)
        if number >= n - failed:
            trial = replace(trial, score=None, cost=float("inf"), status="failed", reason="the loss is not finite")
        trials.append(trial)
    return tuple(trials)


def best_of(trials: tuple[Trial, ...]) -> Trial:
    return min(trials, key=lambda trial: trial.cost)


def made_columns(n: int, name: str = "column") -> tuple[ColumnFacts, ...]:
    return tuple(
        ColumnFacts(f"{name} {at}", "number", at % 3, 100 + at, f"{at} to {at + 9.5}", "standardised")
        for at in range(n)
    )


def made_classification(
    n_classes: int = 2,
    n_test: int = 300,
    n_columns: int = 6,
    classes: tuple[str, ...] = (),
    trials: tuple[Trial, ...] | None = None,
    column_name: str = "column",
) -> Facts:
    random = np.random.default_rng(1)
    classes = classes or tuple(f"class {at}" for at in range(n_classes))
    truth = random.integers(0, n_classes, n_test)
    logits = random.normal(size=(n_test, n_classes))
    logits[np.arange(n_test), truth] += 2.0
    outputs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    accuracy = float((outputs.argmax(axis=1) == truth).mean())
    columns = made_columns(n_columns, column_name)
    drops = tuple(ColumnImportance(c.name, 0.2 / (at + 1), 0.01) for at, c in enumerate(columns[:30]))
    cells = {column.name: float(at) for at, column in enumerate(columns)}
    wrong = np.flatnonzero(outputs.argmax(axis=1) != truth)[:5]
    errors = tuple(
        ErrorRow(int(at) + 1, cells, classes[truth[at]], classes[int(outputs[at].argmax())], float(outputs[at].max()))
        for at in wrong
    )
    test = TestFacts(
        truth,
        outputs.astype(np.float32),
        classes,
        (
            ModelScore("this network", {"accuracy": f"{100 * accuracy:.1f} %", "log loss": "0.412"}, accuracy),
            ModelScore("logistic regression", {"accuracy": "55.5 %", "log loss": "0.777"}, 0.555),
            ModelScore(f"always {classes[0]}", {"accuracy": "33.3 %", "log loss": "0.999"}, 0.333),
        ),
        importance=Importance(drops, ("late one", "late two"), "accuracy", accuracy, n_test, 5),
        errors=errors,
    )
    table = TableFacts(
        "made.csv",
        1_234,
        columns,
        "outcome",
        "classification",
        tuple((name, 10 + at) for at, name in enumerate(classes)),
        n_learn=800,
        n_watch=134,
        n_test=n_test,
        n_inputs=n_columns + 3,
        notes=("Three rows occur twice.",),
        warnings=("Column 2 tells the target by itself.",),
    )
    return _facts(table, test, made_trials() if trials is None else trials, "validation accuracy", True)


def made_regression(n_test: int = 300, trials: tuple[Trial, ...] | None = None) -> Facts:
    random = np.random.default_rng(2)
    truth = random.normal(200.0, 50.0, n_test)
    outputs = truth + random.normal(0.0, 12.0, n_test)
    table = TableFacts(
        "houses.csv",
        4_321,
        made_columns(5),
        "price",
        "regression",
        number_range=(12.5, 980.0),
        n_learn=3_000,
        n_watch=500,
        n_test=n_test,
        n_inputs=5,
    )
    test = TestFacts(
        truth,
        outputs,
        scores=(
            ModelScore("this network", {"R2": "0.943", "RMSE": "12.1", "MAE": "9.6"}, 0.943),
            ModelScore("always the mean", {"R2": "0.000", "RMSE": "50.4", "MAE": "40.1"}, 0.0),
        ),
        errors=(ErrorRow(77, {"column 0": None, "column 1": "text"}, 120.0, 99.5),),
    )
    return _facts(table, test, made_trials() if trials is None else trials, "validation RMSE", False)


def _facts(table: TableFacts, test: TestFacts, trials: tuple[Trial, ...], metric: str, more: bool) -> Facts:
    if not more:
        trials = tuple(t if t.score is None else replace(t, cost=t.score) for t in trials)
    best = best_of(trials)
    return Facts(
        table,
        SearchFacts(metric, more, trials, "60 seconds", 31.5, 2, "Random first, then finer."),
        WinnerFacts(
            ((best.number, 0.75), (0, 0.25)), best.settings, 4_567, best.curves, "dense 16", 1.25, "made.netlet"
        ),
        ReproductionFacts(
            "netlet train made.csv --target outcome --seed 7",
            {"netlet": "0.1.0", "NumPy": np.__version__},
            7,
            "1 May 2031",
            "two cores",
        ),
        test,
    )

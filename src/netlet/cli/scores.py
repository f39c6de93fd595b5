"""How good predictions are, and the two simple models that a network has to beat."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from netlet.cli.screen import figure
from netlet.data import Target

Scores: TypeAlias = list[tuple[str, dict[str, float]]]  # a model's name with its figures, the first of them ours

LEAST_PROBABILITY = float(np.finfo(np.float32).eps)  # what float32 cannot tell from 0 costs no more than this
MOST_CELLS = 5_000_000  # of the table that the linear model learns from: keeps it within seconds
LEAST_ROWS = 2_000


@dataclass(frozen=True)
class Measure:
    """A figure of merit: its name in words, its key in the model file, and how it is written."""

    label: str
    key: str
    percent: bool = False

    def write(self, value: float) -> str:
        """Give the figure as text."""
        if self.percent:
            return f"{100 * value:.1f} %"
        if self.key in ("r2", "log_loss") and abs(value) < 10_000:
            return f"{round(value, 3) + 0.0:.3f}"  # no minus before a zero
        return f"{value:.4g}" if self.key == "r2" else figure(value)


MEASURES = {
    "classification": (Measure("accuracy", "accuracy", percent=True), Measure("log loss", "log_loss")),
    "regression": (Measure("R2", "r2"), Measure("RMSE", "rmse"), Measure("MAE", "mae")),
}


def score(target: Target, outputs: NDArray[np.floating], y: NDArray[np.generic]) -> dict[str, float]:
    """Measure predictions.

    Parameters
    ----------
    target : Target
        What was predicted.
    outputs : ndarray, shape (n, k) in classification, (n,) or (n, 1) in regression
        Probabilities of the classes, or standardised numbers; n >= 1.
    y : ndarray, shape (n,)
        What `target.encode` gave of the truth.

    Returns
    -------
    dict
        "accuracy" and "log_loss" (natural logarithm), or "r2", "rmse" and "mae" in the target's unit. "r2" is 0 where
        all true values are equal.
    """
    if target.task == "classification":
        labels = y.astype(np.int64)
        probability = np.asarray(outputs, dtype=np.float64)[np.arange(len(labels)), labels]
        return {
            "accuracy": float((np.argmax(outputs, axis=1) == labels).mean()),
            "log_loss": float(-np.log(np.clip(probability, LEAST_PROBABILITY, 1.0)).mean()),
        }
    truth = y.astype(np.float64)
    error = np.asarray(outputs, dtype=np.float64).reshape(len(truth)) - truth
    spread = float(np.square(truth - truth.mean()).sum())
    return {
        "r2": 1.0 - float(np.square(error).sum()) / spread if spread > 0 else 0.0,
        "rmse": float(np.sqrt(np.square(error).mean())) * target.scale,
        "mae": float(np.abs(error).mean()) * target.scale,
    }


def baselines(
    target: Target,
    x: NDArray[np.float32],
    y: NDArray[np.generic],
    x_test: NDArray[np.float32],
    y_test: NDArray[np.generic],
    seed: int,
) -> Scores:
    """Fit a linear model and the constant one to the training rows, and measure both on the test rows.

    Parameters
    ----------
    target : Target
    x, x_test : ndarray of float32, shapes (n, m) and (n_test, m)
        The same inputs as the network's.
    y, y_test : ndarray, shapes (n,) and (n_test,)
        From `target.encode`.
    seed : int
        For drawing rows, where the table is too large for the linear model to be quick.

    Returns
    -------
    list of (str, dict)
        Name and scores, the linear model first.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    most = max(LEAST_ROWS, MOST_CELLS // x.shape[1])
    rows = np.random.default_rng(seed).permutation(len(x))[:most]
    name = "logistic regression" if target.task == "classification" else "linear (ridge) regression"
    if len(rows) < len(x):
        name += f", {most:,} rows"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
        if target.task == "classification":
            counts = np.bincount(y.astype(np.int64), minlength=len(target.classes))
            usual = target.classes[int(counts.argmax())]
            constant_name, constant = (
                f"always {str(usual).lower() if isinstance(usual, bool) else usual}",
                np.tile(counts / counts.sum(), (len(x_test), 1)),
            )
            linear = LogisticRegression(max_iter=300).fit(x[rows], y[rows])
            linear_outputs = np.zeros((len(x_test), len(target.classes)))
            linear_outputs[:, linear.classes_] = linear.predict_proba(x_test)
        else:
            constant_name, constant = "always the mean", np.full(len(x_test), y.astype(np.float64).mean())
            linear_outputs = Ridge().fit(x[rows], y[rows]).predict(x_test)
    return [
        (name, score(target, linear_outputs, y_test)),
        (constant_name, score(target, constant, y_test)),
    ]

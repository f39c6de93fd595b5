"""What the estimators are fitted to when they are timed: data, settings and bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_shapes import DEEP_SHAPES, DeepShape
from shapes import Shape, shape_named

N_FEATURES, N_OUTPUTS = 20, 5  # of the regression with several outputs


@dataclass(frozen=True)
class Task:
    """One `fit`: the same constructor settings and the same data for both libraries."""

    title: str
    source: str  # "digits", "normal" or "several outputs"
    hidden: tuple[int, ...]
    max_iter: int  # epochs, or iterations of L-BFGS; both libraries have to use all of them
    bar: float  # how many times as fast as scikit-learn's
    batch_size: int | str = "auto"
    solver: str = "adam"
    dtype: str = "float64"  # of the data, in which both libraries then compute

    @property
    def name(self) -> str:
        """The name on the command line and in the tables."""
        return f"{self.title}, {self.dtype}"

    @property
    def classifies(self) -> bool:
        """Whether it is for a classifier."""
        return self.source != "several outputs"

    @property
    def settings(self) -> dict[str, Any]:
        """The constructor's parameters; no rule ends the fit early."""
        chosen: dict[str, Any] = {
            "hidden_layer_sizes": self.hidden,
            "solver": self.solver,
            "batch_size": self.batch_size,
            "max_iter": self.max_iter,
            "tol": 0.0,
            "n_iter_no_change": self.max_iter + 1,
            "random_state": 0,
        }
        return chosen

    def data(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Make X of shape (n_samples, n_features) and labels (n_samples,) or values (n_samples, n_outputs)."""
        if self.source == "digits":
            from sklearn.datasets import load_digits

            X, y = load_digits(return_X_y=True)
            return (X / 16).astype(self.dtype), y
        if self.source == "normal":
            rows, labels = Shape((784, *self.hidden, 10), 200, 15).data()
            return rows.astype(self.dtype), labels
        rng = np.random.default_rng(0)
        X = rng.standard_normal((2000, N_FEATURES))
        teacher = rng.standard_normal((N_FEATURES, N_OUTPUTS)) / np.sqrt(N_FEATURES)
        y = np.tanh(X @ teacher) + 0.3 * rng.standard_normal((2000, N_OUTPUTS))
        return X.astype(self.dtype), y.astype(self.dtype)


def _large(batch_size: int | str, dtype: str) -> Task:
    title = f"784 features, (512, 512), batch {batch_size!r}"
    return Task(title, "normal", (512, 512), 5, bar=2.5, batch_size=batch_size, dtype=dtype)


def _tasks() -> list[Task]:
    both = "float64", "float32"
    return [
        *[Task("digits, (32,), batch 32", "digits", (32,), 100, bar=8, batch_size=32, dtype=dtype) for dtype in both],
        *[Task("digits, (100,), batch 'auto'", "digits", (100,), 100, bar=5, dtype=dtype) for dtype in both],
        *[_large(batch_size, dtype) for batch_size in (128, "auto") for dtype in both],
        Task("digits, (100,), L-BFGS", "digits", (100,), 50, bar=2, solver="lbfgs"),
        Task("5 outputs, (100,), L-BFGS", "several outputs", (100,), 50, bar=2, solver="lbfgs"),
    ]


TASKS = {task.name: task for task in _tasks()}


def named(name: str) -> Shape | Task | DeepShape:
    """Return a task or a shape by its name."""
    if name in DEEP_SHAPES:
        return DEEP_SHAPES[name]
    return TASKS[name] if name in TASKS else shape_named(name)

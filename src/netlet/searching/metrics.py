"""What trials are compared by: figures of a network's outputs on the validation samples.

Each is scikit-learn's, but "loss", which is the network's own, and "smoothed_log_loss".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import unknown_name

Outputs = np.ndarray
Labels = np.ndarray


@dataclass(frozen=True)
class Metric:
    """A figure of merit.

    Attributes
    ----------
    name : str
    more_is_better : bool
    of : callable or None
        From outputs, (n, k) as `Network.predict` gives them, and the truth, (n,) or (n, k), to a float. None stands for
        the network's own loss.
    of_classes : bool or None
        Whether it is one of classes or one of numbers; None: of either.
    """

    name: str
    more_is_better: bool
    of: Callable[[Outputs, Labels], float] | None
    of_classes: bool | None = None

    def cost(self, score: float) -> float:
        """Turn a score so that less is better."""
        return -score if self.more_is_better else score


def _labels(y: Labels) -> Labels:
    return y.reshape(-1).astype(np.int64)


def _chosen(outputs: Outputs) -> Labels:
    """Return the class that each row of outputs stands for; one column is the probability of a yes."""
    chosen: Labels = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (_yes(outputs) > 0.5).astype(np.int64)
    return chosen


def _yes(outputs: Outputs) -> Outputs:
    return _checked(outputs)[:, 0]


def _checked(outputs: Outputs) -> Outputs:
    if not ((outputs >= 0) & (outputs <= 1)).all():
        raise ValueError(
            "the network's outputs are no probabilities, which the metric needs; end it with Softmax() or Sigmoid()"
        )
    return outputs


def _probabilities(outputs: Outputs) -> Outputs:
    """Return a column for each class, where one column is the probability of a yes."""
    outputs = _checked(outputs)
    return outputs if outputs.shape[1] > 1 else np.concatenate([1 - outputs, outputs], axis=1)


def _accuracy(outputs: Outputs, y: Labels) -> float:
    return float((_chosen(outputs) == _labels(y)).mean())


def _balanced_accuracy(outputs: Outputs, y: Labels) -> float:
    y = _labels(y)
    right = _chosen(outputs) == y
    return float(np.mean([right[y == label].mean() for label in np.unique(y)]))


def _f1_macro(outputs: Outputs, y: Labels) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(_labels(y), _chosen(outputs), average="macro"))


def _log_loss(outputs: Outputs, y: Labels) -> float:
    probabilities = _probabilities(outputs)
    right = probabilities[np.arange(len(outputs)), _labels(y)].astype(np.float64)
    smallest = np.finfo(outputs.dtype).eps  # what a probability is taken for that was rounded to 0
    return float(-np.log(np.clip(right, smallest, 1 - smallest)).mean())


def _smoothed_log_loss(outputs: Outputs, y: Labels) -> float:
    """Return the log loss against labels of which each is taken to be another class with the probability 1 / (n + 2).

    It keeps few samples from calling that network best which is surest of itself (Platt, 1999).
    """
    probabilities = _probabilities(outputs).astype(np.float64)
    losses = -np.log(np.clip(probabilities, np.finfo(np.float32).eps, 1))
    right = losses[np.arange(len(outputs)), y.reshape(-1).astype(np.int64)]
    others = (losses.sum(axis=1) - right) / (losses.shape[1] - 1)
    share = 1 / (len(outputs) + 2)
    return float(((1 - share) * right + share * others).mean())


def _roc_auc(outputs: Outputs, y: Labels) -> float:
    """Return the mean over the classes that occur of each one's area against the rest; of two, that of the second."""
    from sklearn.metrics import roc_auc_score

    probabilities, y = _probabilities(outputs).astype(np.float64), _labels(y)
    present = np.unique(y)
    if len(present) < 2:
        raise ValueError(
            f"roc_auc needs two classes, but the validation samples hold only class {present[0]}; give more of them, "
            "or use another metric"
        )
    if probabilities.shape[1] == 2:
        return float(roc_auc_score(y == 1, probabilities[:, 1]))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return float(np.mean([roc_auc_score(y == label, probabilities[:, label]) for label in present]))


def _errors(outputs: Outputs, y: Labels) -> np.ndarray:
    errors: np.ndarray = outputs.astype(np.float64) - np.asarray(y, dtype=np.float64).reshape(outputs.shape)
    return errors


def _rmse(outputs: Outputs, y: Labels) -> float:
    return float(np.sqrt(np.square(_errors(outputs, y)).mean()))


def _mae(outputs: Outputs, y: Labels) -> float:
    return float(np.abs(_errors(outputs, y)).mean())


def _r2(outputs: Outputs, y: Labels) -> float:
    from sklearn.metrics import r2_score

    if len(outputs) < 2:
        raise ValueError("r2 needs two validation samples, there is one; give more of them, or use 'rmse'")
    return float(r2_score(np.asarray(y, dtype=np.float64).reshape(outputs.shape), outputs.astype(np.float64)))


METRICS = {
    metric.name: metric
    for metric in (
        Metric("loss", False, None),
        Metric("accuracy", True, _accuracy, True),
        Metric("balanced_accuracy", True, _balanced_accuracy, True),
        Metric("f1_macro", True, _f1_macro, True),
        Metric("log_loss", False, _log_loss, True),
        Metric("smoothed_log_loss", False, _smoothed_log_loss, True),
        Metric("roc_auc", True, _roc_auc, True),
        Metric("rmse", False, _rmse, False),
        Metric("mae", False, _mae, False),
        Metric("r2", True, _r2, False),
    )
}


def metric_of(name: Any, has_classes: bool) -> Metric:
    """Return the metric of a name.

    Raises
    ------
    ValueError
        If it is unknown, or does not fit the task.
    """
    if not isinstance(name, str) or name not in METRICS:
        raise ValueError(unknown_name("metric", name, METRICS))
    metric = METRICS[name]
    if metric.of_classes not in (None, has_classes):
        fits = ", ".join(repr(each.name) for each in METRICS.values() if each.of_classes in (None, has_classes))
        of, task = ("classes", "numbers") if metric.of_classes else ("numbers", "classes")
        raise ValueError(f"metric={name!r} measures {of}, but y holds {task}; use one of {fits}")
    return metric

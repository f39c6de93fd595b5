"""From y to what the engine learns, and back from outputs to y.

| task | classes_ | targets for cross-entropy | outputs |
|---|---|---|---|
| two classes | (2,) | 0 and 1, (n, 1) | 1, Sigmoid |
| more classes | (k,) | class numbers, (n, 1) | k, Softmax |
| multi-label | (k,) | 0 and 1, (n, k) | k, Sigmoid |
| columns of classes | list of (k_j,) | 0 and 1: a column for two classes, else k_j | their sum, Sigmoid |
| regression | | numbers, (n, m) | m, or m * q for q quantiles |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import xlogy
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from netlet.errors import unknown_name
from netlet.graph.activations import Exponential, Sigmoid, Softmax
from netlet.graph.specification import Layer
from netlet.training.losses import (
    LOSSES,
    BinaryCrossEntropy,
    CrossEntropy,
    Loss,
    Poisson,
    Quantile,
    SquaredError,
)

CLASS_LOSSES = ("log_loss", *(name for name in LOSSES if name not in ("poisson", "quantile", "detection")))
NUMBER_LOSSES = tuple(
    name for name in LOSSES if name not in ("cross_entropy", "binary_cross_entropy", "hinge", "perceptron", "detection")
)


def kind_of(y: np.ndarray) -> str:
    """Return which task class labels are: "classes", "multilabel" or "columns".

    Raises
    ------
    ValueError
        If they are numbers, and no classes.
    """
    found = type_of_target(y, input_name="y")
    if found not in ("binary", "multiclass", "multiclass-multioutput", "multilabel-indicator"):
        check_classification_targets(y)  # has the words
    if found.startswith("multilabel"):
        return "multilabel"
    return "classes" if y.ndim == 1 else "columns"


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of a classifier and their code as targets.

    Parameters
    ----------
    kind : {"classes", "multilabel", "columns"}
    values : sequence of arrays
        The classes, sorted: one array, or one for each column.
    loss : Loss
    label_smoothing : float
    """

    kind: str
    values: tuple[np.ndarray, ...]
    loss: Loss
    label_smoothing: float = 0.0

    @property
    def public(self) -> Any:
        """`classes_`, as scikit-learn has it."""
        return list(self.values) if self.kind == "columns" else self.values[0]

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return int(self._slices[-1].stop)

    @property
    def output(self) -> Layer | None:
        """The layer that makes probabilities of the scores; None where the loss has none."""
        if self.loss.row.answers and not isinstance(self.loss, BinaryCrossEntropy):
            return None
        single = self.kind == "classes" and self.n_outputs > 1 and not self.loss.row.answers
        return Softmax() if single else Sigmoid()

    @cached_property
    def _slices(self) -> list[slice]:
        """The outputs of each column of y."""
        if self.kind == "multilabel":
            return [slice(0, len(self.values[0]))]
        widths = [len(each) if len(each) > 2 or isinstance(self.loss, CrossEntropy) else 1 for each in self.values]
        stops = np.cumsum(widths).tolist()
        return [slice(stop - width, stop) for stop, width in zip(stops, widths, strict=True)]

    def codes(self, y: np.ndarray) -> np.ndarray:
        """Return class numbers: int64, (n_samples, n_columns); of multi-label targets 0 and 1."""
        if self.kind == "multilabel":
            return np.asarray(y, dtype=np.int64)
        columns = y.reshape(len(y), -1).T
        found = [_places(classes, column) for classes, column in zip(self.values, columns, strict=True)]
        return np.column_stack(found)

    def targets(self, codes: np.ndarray, dtype: str) -> np.ndarray:
        """Return what the loss compares outputs with: dtype, (n_samples, n_targets)."""
        if self.loss.row.labels:
            return codes.astype(dtype)
        if self.kind == "multilabel":
            result = codes.astype(dtype)
        else:
            result = np.zeros((len(codes), self.n_outputs), dtype=dtype)
            for place, column in zip(self._slices, codes.T, strict=True):
                width = place.stop - place.start
                if width == 1:
                    result[:, place.start] = column == 1
                else:
                    result[np.arange(len(codes)), place.start + column] = 1
        if self.label_smoothing:  # half a share for each of yes and no
            result = (result * (1 - self.label_smoothing) + self.label_smoothing / 2).astype(dtype)
        return result

    def decide(self, outputs: np.ndarray) -> np.ndarray:
        """Return the class numbers that outputs speak for, as `codes` does."""
        is_score = self.output is None
        yes = (outputs >= 0 if self.loss.row.yes_at_zero else outputs > 0) if is_score else outputs > 0.5
        if self.kind == "multilabel":
            return yes.astype(np.int64)
        found = [
            yes[:, place.start].astype(np.int64) if place.stop - place.start == 1 else outputs[:, place].argmax(axis=1)
            for place in self._slices
        ]
        return np.column_stack(found)

    def labels(self, outputs: np.ndarray) -> np.ndarray:
        """Return the predicted labels, in the form of y."""
        codes = self.decide(outputs)
        if self.kind == "multilabel":
            return codes
        named = [
            classes[np.minimum(column, len(classes) - 1)] for classes, column in zip(self.values, codes.T, strict=True)
        ]
        return named[0] if self.kind == "classes" else np.column_stack(named)

    def probabilities(self, outputs: np.ndarray) -> Any:
        """Return each class's probability: (n_samples, n_classes), for columns of classes a list of such."""
        if self.kind == "multilabel":
            return outputs
        found = [
            self._of_column(outputs[:, place], len(classes))
            for place, classes in zip(self._slices, self.values, strict=True)
        ]
        return found[0] if self.kind == "classes" else found

    def _of_column(self, outputs: np.ndarray, n_classes: int) -> np.ndarray:
        if outputs.shape[1] == 1:
            yes = outputs[:, 0]
            # Of a single class there is no other one to be had.
            return np.column_stack([1 - yes, yes]) if n_classes == 2 else np.ones_like(outputs)
        if isinstance(self.output, Softmax):
            return outputs
        total = outputs.sum(axis=1, keepdims=True)  # one against the rest: each class's own answer, made to sum to 1
        shares: np.ndarray = np.divide(outputs, total, out=np.full_like(outputs, 1 / outputs.shape[1]), where=total > 0)
        return shares


def _places(classes: np.ndarray, y: np.ndarray) -> np.ndarray:
    places: np.ndarray = np.searchsorted(classes, y)
    return places if len(classes) > 1 else np.zeros(len(y), dtype=np.int64)


def class_loss(choice: str | Loss, kind: str, n_classes: Sequence[int], label_smoothing: float) -> Loss:
    """Return the loss that a classifier's `loss` stands for.

    Raises
    ------
    ValueError
        If it is no loss for that task, or smoothing has no meaning for it.
    """
    plain = kind == "classes" and n_classes[0] > 2
    if isinstance(choice, str) and choice == "log_loss":
        loss: Loss = CrossEntropy(label_smoothing) if plain else BinaryCrossEntropy()
    elif isinstance(choice, Loss):
        loss = choice
    elif choice in CLASS_LOSSES:
        loss = CrossEntropy(label_smoothing) if choice == "cross_entropy" else LOSSES[choice]()
    else:
        raise ValueError(unknown_name("loss", choice, CLASS_LOSSES))
    if isinstance(loss, (Poisson, Quantile)):
        raise ValueError(f"loss={choice!r} is for numbers, not for classes; use 'log_loss', or a regressor")
    if isinstance(loss, CrossEntropy):
        if kind != "classes":
            raise ValueError(
                f"loss={choice!r} needs one class for each sample, y has several columns; use 'log_loss' or "
                "'binary_cross_entropy'"
            )
        if n_classes[0] < 2:
            loss = BinaryCrossEntropy()
        elif label_smoothing and loss.label_smoothing != label_smoothing:
            raise ValueError(
                f"label_smoothing={label_smoothing} beside loss={loss!r}, which has its own; give one of them"
            )
    elif label_smoothing and loss.row.only_0_and_1:
        raise ValueError(
            f"label_smoothing={label_smoothing} has no meaning for loss={loss.rule!r}, whose targets are 0 and 1; "
            "use loss='log_loss'"
        )
    return loss


@dataclass(frozen=True, eq=False)
class Numbers:
    """The targets of a regressor.

    Parameters
    ----------
    n_targets : int
    is_vector : bool
        Whether y is (n_samples,).
    loss : Loss
    """

    n_targets: int
    is_vector: bool
    loss: Loss

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return self.n_targets * self.loss.outputs_of_a_target

    @property
    def output(self) -> Layer | None:
        """The last layer: an exponential for counts."""
        return Exponential() if isinstance(self.loss, Poisson) else None

    def values(self, outputs: np.ndarray) -> np.ndarray:
        """Return predictions: (n_samples,) for one output, else (n_samples, n_outputs)."""
        return outputs.reshape(-1) if outputs.shape[1] == 1 else outputs


def least_loss(loss: Loss, y: np.ndarray, weights: np.ndarray) -> float:
    """Return the constant that netlet's Poisson loss leaves out and scikit-learn's has, 0 for other losses.

    It is the mean of ``y log y - y``: with it, the loss is half the deviance, 0 for a perfect fit.
    """
    if not isinstance(loss, Poisson):
        return 0.0
    return float(np.average((xlogy(y, y) - y).mean(axis=1), weights=weights if weights.size else None))


def number_loss(choice: str | Loss) -> Loss:
    """Return the loss that a regressor's `loss` stands for.

    Raises
    ------
    ValueError
        If it is no loss of numbers.
    """
    loss = choice if isinstance(choice, Loss) else LOSSES[choice]() if choice in NUMBER_LOSSES else None
    if loss is None:
        raise ValueError(unknown_name("loss", choice, NUMBER_LOSSES))
    if loss.rule not in NUMBER_LOSSES:
        raise ValueError(f"loss={choice!r} is for classes; use {SquaredError.rule!r}, or a classifier")
    return loss

"""Losses: what a person chooses. Each names a row of the registry and its settings; the formula itself is a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, ClassVar

from netlet.errors import unknown_name
from netlet.kernels import losses as _rows  # noqa: F401  (fills the registry)
from netlet.kernels.losses.detection import CLASSES as NUMBERS_BEFORE_CLASSES
from netlet.kernels.losses.detection import N_TARGETS as NUMBERS_OF_A_CELL
from netlet.kernels.losses.quantile import MOST_QUANTILES
from netlet.kernels.registry import LossRow, losses


@dataclass(frozen=True)
class Loss:
    """Base of the losses."""

    rule: ClassVar[str] = ""

    @property
    def row(self) -> LossRow:
        """The loss's row in the registry."""
        return losses[self.rule]

    @property
    def outputs_of_a_target(self) -> int:
        """How many outputs a network has for each number of a sample's target."""
        return 1

    def factors(self) -> tuple[float, ...]:
        """Return the kernel's factors, in its order."""
        return ()

    @property
    def copies(self) -> int:
        """For how many parts of the output a sample's target is repeated."""
        return 1

    @property
    def ignored(self) -> float | None:
        """The label that says that there is none, if the loss knows one."""
        return None

    def classes(self, n_outputs: int) -> int:
        """Return among how many classes each label of a loss of labels chooses."""
        return n_outputs

    def n_targets(self, n_outputs: int) -> int:
        """Return how many numbers a sample's target has: one label, or what so many outputs are for."""
        return 1 if self.row.labels else n_outputs // self.outputs_of_a_target

    def describe(self) -> dict[str, Any]:
        """Return the loss as a dict of plain values, for the model file."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"loss": type(self).__name__} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
        }


def _number(loss: Loss, parameter: str, value: object, low: float, high: float, low_too: bool, remedy: str) -> float:
    """Return a number from `low` to below `high`, `low` itself only with `low_too`.

    Raises
    ------
    ValueError
        If it is something else.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    number = float(value) if is_number else math.nan  # type: ignore[arg-type]
    if not (low < number < high or (low_too and number == low)):
        interval = f"{'[' if low_too else '('}{low:g}, {high:g})"
        raise ValueError(f"{parameter}={value!r} of {type(loss).__name__} is not a number in {interval}; {remedy}")
    return number


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """Softmax cross-entropy, for labels: the negative logarithm of the probability that the right class is given.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default 0
        The share of each target that is spread evenly over all classes, so that no probability is driven to 1.
    """

    label_smoothing: float = 0.0
    rule: ClassVar[str] = "cross_entropy"

    def __post_init__(self) -> None:
        remedy = "it is the share spread over all classes, 0.1 is usual"
        number = _number(self, "label_smoothing", self.label_smoothing, 0.0, 1.0, True, remedy)
        object.__setattr__(self, "label_smoothing", number)

    def factors(self) -> tuple[float, ...]:
        return (self.label_smoothing,)


@dataclass(frozen=True)
class SequenceCrossEntropy(Loss):
    """Softmax cross-entropy at every step of a sequence, for labels: the mean over the steps that have one.

    The network's output is (time, classes), the target of a sample is a row of labels, (time,). Every sample counts
    alike, however many of its steps have a label; one without any counts with a loss of 0.

    Parameters
    ----------
    n_classes : int, >= 2, optional
        Default: the last axis of the network's output.
    ignore : int, default -1
        The label of steps that are to be left out, such as padding.
    label_smoothing : float in [0, 1), default 0
        As in `CrossEntropy`.
    """

    n_classes: int | None = None
    ignore: int = -1
    label_smoothing: float = 0.0
    rule: ClassVar[str] = "sequence_cross_entropy"

    def __post_init__(self) -> None:
        for name, least in (("n_classes", 2), ("ignore", -(2**24))):
            value: Any = getattr(self, name)
            if value is None and name == "n_classes":
                continue
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                remedy = "leave it out: it is the last axis of the output" if name == "n_classes" else "-1 is usual"
                raise ValueError(f"{name}={value!r} of SequenceCrossEntropy is not an int >= {least}; {remedy}")
            object.__setattr__(self, name, int(value))
        remedy = "it is the share spread over all classes, 0.1 is usual"
        number = _number(self, "label_smoothing", self.label_smoothing, 0.0, 1.0, True, remedy)
        object.__setattr__(self, "label_smoothing", number)

    @property
    def ignored(self) -> float | None:
        return float(self.ignore)

    def factors(self) -> tuple[float, ...]:
        return self.label_smoothing, float(self.ignore)

    def classes(self, n_outputs: int) -> int:
        return self.n_classes or n_outputs

    def n_targets(self, n_outputs: int) -> int:
        return n_outputs // self.classes(n_outputs)


@dataclass(frozen=True)
class Detection(Loss):
    """What a detector on a grid of cells is trained with: is an object there (focal), its box (smooth L1), its class.

    The network's output is (rows, columns, 5 + n_classes), without a link: for each cell the logit of an object, four
    numbers of its box and a logit for each class. A sample's target is a row with six numbers for each cell, row by
    row: 1 where there is an object, else 0; the four numbers of its box; its class, 0 to n_classes - 1. Each sample's
    loss is divided by its number of objects.

    Parameters
    ----------
    n_classes : int, >= 1, optional
        Default: the last axis of the network's output less 5.
    empty_weight : float, >= 0, default 1
        What the logit of an empty cell counts; that of a full one counts 1.
    box_weight, label_weight : float, >= 0, default 1
        What the box and the class of a full cell count.
    focus : float, >= 0, default 2
        By which power of its error the loss of an object's logit is multiplied, so that the many cells that are plainly
        empty count little; 0 is binary cross-entropy.
    beta : float, > 0, default 0.1
        Up to which difference a box's loss is quadratic, in the targets' unit.

    Notes
    -----
    The formula is in ``netlet/kernels/losses/detection.py``; the box's meaning is up to whoever makes the targets.
    """

    n_classes: int | None = None
    empty_weight: float = 1.0
    box_weight: float = 1.0
    label_weight: float = 1.0
    focus: float = 2.0
    beta: float = 0.1
    rule: ClassVar[str] = "detection"

    def __post_init__(self) -> None:
        value: Any = self.n_classes
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
                raise ValueError(
                    f"n_classes={value!r} of Detection is not an int >= 1; leave it out: it is the last axis of the "
                    "output less 5"
                )
            object.__setattr__(self, "n_classes", int(value))
        remedies = dict.fromkeys(("empty_weight", "box_weight", "label_weight"), "1 is usual")
        remedies |= {"focus": "2 is usual, 0 is binary cross-entropy", "beta": "0.1 is usual"}
        for name, remedy in remedies.items():
            number = _number(self, name, getattr(self, name), 0.0, math.inf, name != "beta", remedy)
            object.__setattr__(self, name, number)

    def factors(self) -> tuple[float, ...]:
        return self.empty_weight, self.box_weight, self.label_weight, self.focus, self.beta

    def classes(self, n_outputs: int) -> int:
        return self.n_classes or n_outputs - NUMBERS_BEFORE_CLASSES

    def n_targets(self, n_outputs: int) -> int:
        return n_outputs // (NUMBERS_BEFORE_CLASSES + self.classes(n_outputs)) * NUMBERS_OF_A_CELL


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """Binary cross-entropy, for yes-or-no answers: targets from 0 to 1, a question for each output, summed."""

    rule: ClassVar[str] = "binary_cross_entropy"


@dataclass(frozen=True)
class SquaredError(Loss):
    """Half the squared difference, averaged over the outputs; least at the targets' mean."""

    rule: ClassVar[str] = "squared_error"


@dataclass(frozen=True)
class AbsoluteError(Loss):
    """The size of the difference, averaged over the outputs; least at the targets' median."""

    rule: ClassVar[str] = "absolute_error"


@dataclass(frozen=True)
class Huber(Loss):
    """Half the squared difference up to `delta`, a straight line beyond it, so that outliers pull no harder.

    Parameters
    ----------
    delta : float, > 0, default 1
        In the targets' unit.
    """

    delta: float = 1.0
    rule: ClassVar[str] = "huber"

    def __post_init__(self) -> None:
        remedy = "it is the difference from which on targets count as outliers, in their unit"
        object.__setattr__(self, "delta", _number(self, "delta", self.delta, 0.0, math.inf, False, remedy))

    def factors(self) -> tuple[float, ...]:
        return (self.delta,)


@dataclass(frozen=True)
class LogCosh(Loss):
    """The logarithm of the difference's hyperbolic cosine, averaged over the outputs: like `Huber`, without an edge."""

    rule: ClassVar[str] = "log_cosh"


@dataclass(frozen=True)
class Quantile(Loss):
    """Quantile (pinball) loss: the outputs become quantiles of the target, so that a share of targets lies below each.

    For m targets and q quantiles the network has m * q outputs: those of the first target first, lowest to highest.
    Nothing keeps a lower quantile from being put above a higher one where samples are few.

    Parameters
    ----------
    quantiles : sequence of float, default (0.5,)
        One to seven shares inside (0, 1), ascending.

    Examples
    --------
    >>> from netlet.training.losses import Quantile
    >>> Quantile((0.1, 0.5, 0.9)).n_targets(6)
    2
    """

    quantiles: tuple[float, ...] = (0.5,)
    rule: ClassVar[str] = "quantile"

    def __post_init__(self) -> None:
        given: Any = self.quantiles
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise TypeError(
                f"quantiles={given!r} of Quantile is not a sequence of numbers; use (0.5,) for the median alone"
            )
        remedy = "each is the share of targets below, such as 0.5"
        found = tuple(_number(self, "quantiles", each, 0.0, 1.0, False, remedy) for each in given)
        if not 1 <= len(found) <= MOST_QUANTILES:
            remedy = "train several networks for more" if found else "give at least one, such as 0.5"
            raise ValueError(
                f"quantiles={given!r} of Quantile are {len(found)} numbers, not 1 to {MOST_QUANTILES}; {remedy}"
            )
        if any(low >= high for low, high in pairwise(found)):
            raise ValueError(f"quantiles={given!r} of Quantile are not ascending; use {tuple(sorted(set(found)))!r}")
        object.__setattr__(self, "quantiles", found)

    @property
    def outputs_of_a_target(self) -> int:
        return len(self.quantiles)

    def factors(self) -> tuple[float, ...]:
        return self.quantiles


@dataclass(frozen=True)
class Poisson(Loss):
    """Poisson loss, for counts: targets >= 0, outputs the logarithm of their mean; averaged over the outputs.

    It leaves out the logarithm of the targets' factorials, on which no weight depends.
    """

    rule: ClassVar[str] = "poisson"


@dataclass(frozen=True)
class Hinge(Loss):
    """Hinge loss, for yes-or-no answers: targets 0 or 1, outputs above 1 or below -1 where sure; summed over them."""

    rule: ClassVar[str] = "hinge"


@dataclass(frozen=True)
class PerceptronLoss(Loss):
    """Perceptron loss, for yes-or-no answers: targets 0 or 1; only wrong answers count, and 0 is a yes."""

    rule: ClassVar[str] = "perceptron"


@dataclass(frozen=True)
class OfMembers(Loss):
    """The mean of the losses of a shared-weight ensemble's members, each against the sample's one target.

    What a network that ends with `MemberMean` is trained with; `loss_of` makes it of the loss that was chosen.

    Parameters
    ----------
    loss : Loss
        Of all members' outputs, side by side; it is their mean: of labels `SequenceCrossEntropy`, whose steps the
        members are.
    members : int
    """

    loss: Loss
    members: int

    @property
    def row(self) -> LossRow:
        return self.loss.row

    @property
    def outputs_of_a_target(self) -> int:
        return self.loss.outputs_of_a_target

    @property
    def copies(self) -> int:
        return self.members

    @property
    def of_mean(self) -> Loss:
        """The same loss, of the members' mean."""
        if isinstance(self.loss, SequenceCrossEntropy):
            return CrossEntropy(self.loss.label_smoothing)
        return self.loss

    @property
    def ignored(self) -> float | None:
        return self.loss.ignored

    def factors(self) -> tuple[float, ...]:
        return self.loss.factors()

    def classes(self, n_outputs: int) -> int:
        return self.loss.classes(n_outputs)

    def n_targets(self, n_outputs: int) -> int:
        return self.loss.n_targets(n_outputs)

    def describe(self) -> dict[str, Any]:
        return self.of_mean.describe()


LOSSES: dict[str, Callable[..., Loss]] = {
    each.rule: each
    for each in (
        CrossEntropy,
        SequenceCrossEntropy,
        Detection,
        BinaryCrossEntropy,
        SquaredError,
        AbsoluteError,
        Huber,
        LogCosh,
        Quantile,
        Poisson,
        Hinge,
        PerceptronLoss,
    )
}


def loss_from(description: str | dict[str, Any]) -> Loss:
    """Return the loss that a name, or what `Loss.describe` returned, stands for.

    Raises
    ------
    ValueError
        If the name or a value is unknown or not allowed.
    TypeError
        If `description` is neither, or its values are not the loss's.
    """
    if isinstance(description, str):
        if description not in LOSSES:
            raise ValueError(unknown_name("loss", description, LOSSES))
        return LOSSES[description]()
    if not isinstance(description, dict):
        raise TypeError(f"loss={description!r} is neither a name nor a description; use 'squared_error'")
    values = dict(description)
    name = values.pop("loss", None)
    classes = {each.__name__: each for each in LOSSES.values()}
    if name not in classes:
        raise ValueError(unknown_name("loss", name, classes))
    return classes[name](**values)

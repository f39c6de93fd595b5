"""Learning-rate curves: schedules that are a function of the step alone.

With t the step, counted from 0:

| schedule | factor | runs by |
|---|---|---|
| ConstantRate | 1 | |
| InverseTimeDecay | 1 / (1 + decay_rate e) | whole epochs e = t // steps_per_epoch |
| ExponentialDecay | decay_rate^e | whole epochs |
| StepDecay | factor^(e // every) | whole epochs |
| PolynomialDecay | final + (1 - final) (1 - u)^power | steps: u = t / total_steps |
| CosineDecay | final + (1 - final) (1 + cos(pi u)) / 2 | steps |
| FlatCosine | 1 up to `flat` of the training, then (1 + cos(pi v)) / 2, v the share of the rest that is over | steps |
| CosLog | (1 - cos(2 pi log2(1 + (2^cycles - 1) u))) / 2 | steps |
| CosineRestarts | the same, with u the share of the cycle that is over | steps: epochs as real numbers |
| OneCycle | from start up to 1 at `peak` of the training, down to final at its last step | steps |

A schedule that runs by steps to `final` at ``u = 1`` would be there one step after the last one of the training, as
is usual; OneCycle is there at the last one, as its authors' is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from netlet.errors import unknown_name
from netlet.training.schedules.base import Schedule, check_int, check_real


def _check_final(schedule: Schedule) -> None:
    check_real(schedule, "final", 0.0, 1.0, "it is the share of the learning rate that is left at the end; 0 is usual")


def _share_of(steps: np.ndarray, total_steps: int) -> np.ndarray:
    """Return the share of the training that is over before each step, at most 1."""
    return np.minimum(steps / total_steps, 1.0) if total_steps > 0 else np.ones(len(steps))


def _cosine(share: np.ndarray, first: float, last: float) -> np.ndarray:
    """Go from `first` to `last` by half a cosine."""
    return last + (first - last) * (1.0 + np.cos(np.pi * share)) / 2.0


def _linear(share: np.ndarray, first: float, last: float) -> np.ndarray:
    """Go from `first` to `last` in a straight line; written so that both ends are exact."""
    return first * (1.0 - share) + last * share


@dataclass(frozen=True)
class ConstantRate(Schedule):
    """The optimizer's learning rate as it is."""

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return np.ones(len(steps))


@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    """``1 / (1 + decay_rate * epoch)`` with whole epochs from 0.

    Parameters
    ----------
    decay_rate : float, >= 0, default 0.1
    """

    decay_rate: float = 0.1

    def __post_init__(self) -> None:
        check_real(self, "decay_rate", 0.0, math.inf, "0.1 halves the learning rate in 10 epochs")

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return 1.0 / (1.0 + self.decay_rate * (steps // steps_per_epoch))


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """``decay_rate ** epoch`` with whole epochs from 0.

    Parameters
    ----------
    decay_rate : float in (0, 1], default 0.95
        What is left of the learning rate after an epoch.
    """

    decay_rate: float = 0.95

    def __post_init__(self) -> None:
        check_real(self, "decay_rate", 0.0, 1.0, "it is what is left after an epoch; 0.95 is usual", above=True)

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return self.decay_rate ** (steps // steps_per_epoch).astype(np.float64)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """Multiplied by `factor` after every so many epochs.

    Parameters
    ----------
    factor : float in (0, 1], default 0.5
    every : int, >= 1, default 10
        Epochs.
    """

    factor: float = 0.5
    every: int = 10

    def __post_init__(self) -> None:
        check_real(self, "factor", 0.0, 1.0, "0.5 halves the learning rate", above=True)
        check_int(self, "every", 1, "give the number of epochs from one step down to the next")

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return self.factor ** (steps // steps_per_epoch // self.every).astype(np.float64)


@dataclass(frozen=True)
class PolynomialDecay(Schedule):
    """``final + (1 - final) * (1 - step / total_steps) ** power``, step by step.

    Parameters
    ----------
    power : float, > 0, default 1
        1 is a straight line.
    final : float in [0, 1], default 0
    """

    power: float = 1.0
    final: float = 0.0

    def __post_init__(self) -> None:
        check_real(self, "power", 0.0, math.inf, "1 is a straight line, 2 a parabola", above=True)
        _check_final(self)

    @property
    def uses_total(self) -> bool:
        return True

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return self.final + (1.0 - self.final) * (1.0 - _share_of(steps, total_steps)) ** self.power


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Half a cosine from 1 to `final` over the training, step by step.

    Parameters
    ----------
    final : float in [0, 1], default 0

    References
    ----------
    Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017: its equation 5, one cycle.
    """

    final: float = 0.0

    def __post_init__(self) -> None:
        _check_final(self)

    @property
    def uses_total(self) -> bool:
        return True

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return _cosine(_share_of(steps, total_steps), 1.0, self.final)


@dataclass(frozen=True)
class FlatCosine(Schedule):
    """1 for the first part of the training, then half a cosine down to 0, step by step.

    Parameters
    ----------
    flat : float in [0, 1), default 0.5
        The share of the training before the cosine.

    References
    ----------
    Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024, for weight decay and dropout ("flat_cos").
    """

    flat: float = 0.5

    def __post_init__(self) -> None:
        check_real(
            self, "flat", 0.0, 1.0, "it is the share of the training before the cosine; 0.5 is usual", below=True
        )

    @property
    def uses_total(self) -> bool:
        return True

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        over = np.maximum(_share_of(steps, total_steps) - self.flat, 0.0)
        return _cosine(over / (1.0 - self.flat), 1.0, 0.0)


@dataclass(frozen=True)
class CosLog(Schedule):
    """Whole cosines from 0 up to 1 and down to 0, each twice as long as the one before, step by step.

    The first step of the training has the factor 0.

    Parameters
    ----------
    cycles : int, >= 1, default 4

    References
    ----------
    Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024 ("coslog").
    """

    cycles: int = 4

    def __post_init__(self) -> None:
        check_int(self, "cycles", 1, "give how often the learning rate rises and falls; 4 is usual")

    @property
    def uses_total(self) -> bool:
        return True

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        cycle = np.log2(1.0 + (2.0**self.cycles - 1.0) * _share_of(steps, total_steps))
        return (1.0 - np.cos(2.0 * np.pi * cycle)) / 2.0


@dataclass(frozen=True)
class CosineRestarts(Schedule):
    """Half a cosine from 1 to `final`, again and again, step by step.

    Parameters
    ----------
    period : float, > 0, default 10
        Epochs of the first cycle, which is rounded to whole steps, at least one.
    growth : float, >= 1, default 1
        How many times as long as the one before each further cycle is; 2 is usual.
    final : float in [0, 1], default 0

    References
    ----------
    Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """

    period: float = 10.0
    growth: float = 1.0
    final: float = 0.0

    def __post_init__(self) -> None:
        check_real(self, "period", 0.0, math.inf, "it is the epochs of the first cycle; 10 is usual", above=True)
        check_real(self, "growth", 1.0, math.inf, "1 keeps the cycles as long, 2 doubles them")
        _check_final(self)

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        first = max(round(self.period * steps_per_epoch), 1)
        if self.growth == 1.0:
            return _cosine(steps % first / first, 1.0, self.final)
        starts, lengths, last = [0.0], [float(first)], steps.max(initial=0)
        while starts[-1] + lengths[-1] <= last:
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * self.growth)
        cycle = np.searchsorted(starts, steps, side="right") - 1
        return _cosine((steps - np.array(starts)[cycle]) / np.array(lengths)[cycle], 1.0, self.final)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from `start` to 1 at `peak` of the training, then down to `final` at its last step, step by step.

    The optimizer's learning rate is the highest. Momentum stays as it is, where the authors let it fall and rise.

    Parameters
    ----------
    start : float in [0, 1], default 1 / 25
    peak : float in [0, 1), default 0.3
        Share of the training that is over when the learning rate is highest.
    final : float in [0, 1], default 1e-4
    shape : {"cosine", "linear"}

    References
    ----------
    Smith, Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018.
    """

    start: float = 1 / 25
    peak: float = 0.3
    final: float = 1e-4
    shape: Literal["cosine", "linear"] = "cosine"

    def __post_init__(self) -> None:
        check_real(self, "start", 0.0, 1.0, "it is the share of the learning rate to begin with; 0.04 is usual")
        check_real(self, "peak", 0.0, 1.0, "it is the share of the training on the way up; 0.3 is usual", below=True)
        check_real(self, "final", 0.0, 1.0, "it is the share of the learning rate to end with; 0.0001 is usual")
        if self.shape not in ("cosine", "linear"):
            raise ValueError(unknown_name("shape of OneCycle", self.shape, ("cosine", "linear")))

    @property
    def uses_total(self) -> bool:
        return True

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        last = max(total_steps - 1, 0)
        top = max(self.peak * total_steps - 1.0, 0.0)  # step 0 is a step too: the way up is one shorter than its count
        up = np.minimum(steps, top) / (top or 1.0)
        down = np.clip((steps - top) / ((last - top) or 1.0), 0.0, 1.0)
        curve = _cosine if self.shape == "cosine" else _linear
        return np.where(steps < top, curve(up, self.start, 1.0), curve(down, 1.0, self.final))

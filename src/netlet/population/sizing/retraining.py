"""Training networks of one size after another on the same samples, and measuring them on others."""

from __future__ import annotations

import copy
import inspect
import math
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from netlet.errors import NotConverged, TrainingFailed, unknown_name
from netlet.network.network import Network
from netlet.population.sizing.result import Size
from netlet.training.progress import progress_of

METRICS = ("loss", "accuracy")

_GIVEN_HERE = ("X", "y", "validation_data", "progress")
_MEANINGLESS = {
    "validation_share": "give validation_data",
    "checkpoint": "each training would need a folder of its own",
    "checkpoint_epochs": "there is no checkpoint",
    "checkpoint_seconds": "there is no checkpoint",
}


class Retraining:
    """The samples and the options that every size is trained with.

    Parameters
    ----------
    X, y
        As for `Network.fit`.
    validation_data : tuple (X, y) or (X, y, sample_weight)
    metric : {"loss", "accuracy"}
    fit : mapping of str to object or None
        Options for `Network.fit`.
    progress : {"auto", "bar", "lines", "none"} or bool
        A line on standard error for each size, or nothing.
    epochs, patience : int
        Unless `fit` has others.

    Attributes
    ----------
    failure : TrainingFailed or None
        Why the last training failed.
    is_training : bool
        Whether an exception that is not caught fell into a training.

    Raises
    ------
    ValueError, TypeError
        If something is not as it should be, as far as that can be seen without a network.
    """

    def __init__(
        self, X: Any, y: Any, validation_data: Any, metric: Any, fit: Any, progress: Any, epochs: int, patience: int
    ) -> None:
        if metric not in METRICS:
            raise ValueError(unknown_name("metric", metric, METRICS))
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
            given = "None" if validation_data is None else f"a {type(validation_data).__name__}"
            raise TypeError(
                f"validation_data is {given}, not a tuple (X, y) or (X, y, sample_weight); the size is chosen by "
                "samples that are not trained on"
            )
        self.X, self.y, self.validation, self.metric = X, y, tuple(validation_data), metric
        self.options: dict[str, Any] = {"epochs": epochs, "patience": patience} | _options(fit)
        self.failure: TrainingFailed | None = None
        self.is_training = False
        self._shows = type(progress_of(progress, 1)).__name__ != "Progress"

    def check(self, network: Network) -> None:
        """Raise as `Network.fit` would, if the samples or options do not suit a network; it is left as it is."""
        trial = copy.deepcopy(network)
        trial.fit(self.X, self.y, **self._given(network) | {"epochs": 0})
        if self.metric == "accuracy" and "accuracy" not in self._figures(trial):
            raise ValueError(
                f"metric='accuracy' is not measured with {trial.loss!r}, a loss without classes; use metric='loss'"
            )

    def measure(self, network: Network, units: tuple[int, ...], epochs: int = 0) -> Size:
        """Measure a network on the validation samples; `kept` is left open."""
        figures = self._figures(network)
        return Size(units, network.theta.size, figures["loss"], figures.get("accuracy"), epochs, False)

    def train(self, network: Network, units: tuple[int, ...]) -> tuple[Size, bool]:
        """Train a network in place, and measure it.

        Weights that are no better afterwards are put back, and so are those of a training that failed.

        Returns
        -------
        size : Size
            `kept` is left open.
        interrupted : bool
            Whether Ctrl-C ended the training.
        """
        before = before_weights = None
        if network._operations:
            before, before_weights = self.measure(network, units), network._built().copy()
        epochs, stopped, self.failure = 0, "failed", None
        self.is_training = True
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotConverged)  # it is meant to be brief
                history = network.fit(self.X, self.y, **self._given(network))
            epochs, stopped = len(history), history.stopped
            after = self.measure(network, units, epochs)
        except TrainingFailed as failure:
            self.failure = failure
            after = Size(units, network.theta.size, math.inf, None, 0, False)
        self.is_training = False
        if before is not None and before_weights is not None and not self._is_better(after, before):
            network._built().take(before_weights)
            after = Size(units, before.n_parameters, before.loss, before.accuracy, epochs, False)
        return after, stopped == "interrupted"

    def show(self, size: Size, remark: str) -> None:
        """Say what came of a size."""
        if self._shows:
            print(f"netlet: {size.line(' units')}, {remark}", file=sys.stderr, flush=True)

    def margin(self, size: Size, share: float) -> float:
        """Return what a share of a score is: of the loss its size times the share, of the accuracy the share itself."""
        return share * abs(size.loss) if self.metric == "loss" else share

    def cost(self, size: Size) -> float:
        """Return the score so turned that less is better."""
        return size.cost(self.metric) if math.isfinite(size.loss) else math.inf

    def _is_better(self, one: Size, other: Size) -> bool:
        return (self.cost(one), one.loss) < (self.cost(other), other.loss)

    def _given(self, network: Network) -> dict[str, Any]:
        given = {"loss": network.loss} | self.options
        return given | {"validation_data": self.validation, "progress": False}

    def _figures(self, network: Network) -> dict[str, float]:
        weights = self.validation[2] if len(self.validation) == 3 else None
        figures = network.evaluate(*self.validation[:2], loss=self.options.get("loss"), sample_weight=weights)
        return {name: value if np.isfinite(value) else math.inf for name, value in figures.items()}


def _options(fit: Any) -> dict[str, Any]:
    """Check the names of options for `Network.fit`."""
    if fit is None:
        return {}
    if not isinstance(fit, Mapping):
        raise TypeError(f"fit={fit!r} is not a dict of options for Network.fit; write fit={{'epochs': 10}}")
    known = [name for name in inspect.signature(Network.fit).parameters if name not in ("self", *_GIVEN_HERE)]
    for name in fit:
        if name in _GIVEN_HERE:
            raise ValueError(f"fit has the option {name!r}, which is a parameter of its own; give it beside fit")
        if name in _MEANINGLESS:
            raise ValueError(f"fit has the option {name!r}, which is not possible here: {_MEANINGLESS[name]}")
        if name not in known:
            raise ValueError(unknown_name("option of fit", name, [n for n in known if n not in _MEANINGLESS]))
    return dict(fit)

"""What successive halving gives its candidates more and more of, and how a training goes on with more of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from netlet.estimators.base import BaseNetworkEstimator
from netlet.searching.cross_validation.networks_within import trained_last
from netlet.searching.cross_validation.stopping import AfterEpochs

_EPOCHS, _MEMBERS = "max_iter", "n_estimators"


@dataclass(frozen=True)
class Resource:
    """A parameter that says how long an estimator trains.

    Attributes
    ----------
    name : str
        As `set_params` knows it: ``max_iter``, ``mlpclassifier__max_iter``.
    most : int
        Of the last rung.
    """

    name: str
    most: int

    @classmethod
    def of(cls, estimator: Any, name: str, most: Any) -> Resource:
        """Find the resource of an estimator.

        Parameters
        ----------
        estimator : estimator
        name : str
            "auto" means the epochs of the last step.
        most : int or "auto"
            "auto" means what the estimator is set to.

        Raises
        ------
        ValueError
            If the estimator has no such parameter, or its value is no number of it.
        """
        if name == "auto":
            name = f"{trained_last(estimator)[0]}{_EPOCHS}"
        params = estimator.get_params(deep=True)
        if name not in params:
            raise ValueError(
                f"resource={name!r} is no parameter of {type(estimator).__name__}; name the one that says how long it "
                "trains: 'max_iter' of netlet's estimators, 'n_estimators' of an ensemble"
            )
        if isinstance(most, str):
            most = params[name]
            if not isinstance(most, int) or most < 1:
                raise ValueError(f"{name}={most!r} of the estimator is not an int >= 1; give max_resources")
        return cls(name, most)

    def way(self, estimator: Any) -> Literal["epochs", "members"] | None:
        """Return how a fitted estimator goes on; None: not at all, so that it is trained anew.

        netlet's go on with further epochs, ensembles that know ``warm_start`` with further members.
        """
        prefix, last = trained_last(estimator)
        if isinstance(last, BaseNetworkEstimator) and self.name == f"{prefix}{_EPOCHS}":
            # With early stopping each call holds out other samples and puts its best weights back: not one training.
            return None if last.early_stopping else "epochs"
        if self.name == f"{prefix}{_MEMBERS}" and "warm_start" in last.get_params(deep=False):
            return "members"
        return None

    def allow(self, estimator: Any, amount: int, done: int) -> None:
        """Let an estimator train until it has had so much of the resource in all.

        Parameters
        ----------
        estimator : estimator
            New, or fitted with `done` of it.
        amount, done : int
        """
        way, last = self.way(estimator), trained_last(estimator)[1]
        if way != "epochs":
            estimator.set_params(**{self.name: amount})
            if way == "members":
                last.warm_start = True
            return
        # It is paused, rather than set to end there: a schedule of the learning rate stretches over all epochs.
        last.max_iter, last.warm_start = self.most, True
        others = (each for each in last.callbacks or () if not isinstance(each, AfterEpochs))
        last.callbacks = (*others, AfterEpochs(amount - done))

    def is_over(self, estimator: Any) -> bool:
        """Tell whether a fitted estimator would not go on, because it has converged, for example."""
        if self.way(estimator) != "epochs":
            return False
        last = trained_last(estimator)[1]
        return last.stopped_ != "callback" or any(
            isinstance(each, AfterEpochs) and each.left > 0 for each in last.callbacks
        )

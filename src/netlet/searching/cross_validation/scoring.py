"""The scores of a fitted estimator on both sides of a fold, and what stands in their place where it failed."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Number
from traceback import format_exc
from typing import Any

from sklearn.exceptions import FitFailedWarning

from netlet.searching.cross_validation.folds import Fold

Scores = Any  # a number, or a dict of them


@dataclass(frozen=True)
class Scoring:
    """What a search measures.

    Attributes
    ----------
    scorer : callable
        ``scorer(estimator, X, y)`` returns a number, or a dict of numbers by name.
    names : tuple of str, or None
        The metrics, where they are several and known beforehand.
    error_score : float or "raise"
    train_too : bool
    """

    scorer: Any
    names: tuple[str, ...] | None
    error_score: Any
    train_too: bool

    @property
    def raises(self) -> bool:
        """Whether the first error ends the search."""
        return isinstance(self.error_score, str)

    def test(self, estimator: Any, fold: Fold) -> Scores:
        """Return the scores on the samples held out."""
        return self._measure(estimator, fold.X_test, fold.y_test, fold.score_params)

    def train(self, estimator: Any, fold: Fold) -> Scores:
        """Return the scores on the samples trained on."""
        return self._measure(estimator, fold.X_train, fold.y_train, fold.train_score_params)

    def of_failed(self) -> Scores:
        """Return what stands for the scores of a training that failed."""
        return self.error_score if self.names is None else dict.fromkeys(self.names, self.error_score)

    def _measure(self, estimator: Any, X: Any, y: Any, params: dict[str, Any]) -> Scores:
        samples = (X,) if y is None else (X, y)
        try:
            scores = self.scorer(estimator, *samples, **params)
        except Exception:
            if self.raises:
                raise
            self._warn(format_exc())
            return self.of_failed()
        if not isinstance(scores, dict):
            return self._number(scores, "the scorer")
        for name, score in scores.items():
            if isinstance(score, str) and not self.raises:  # how scikit-learn's several metrics report an error
                self._warn(score)
                scores[name] = self.error_score
        return {name: self._number(score, name) for name, score in scores.items()}

    def _warn(self, trace: str) -> None:
        warnings.warn(
            "Scoring failed. The score on this train-test partition for these parameters will be set to "
            f"{self.error_score}. Details: \n{trace}",
            UserWarning,
            stacklevel=2,
        )

    def _number(self, score: Any, name: str) -> Any:
        plain = score.item() if hasattr(score, "item") and getattr(score, "size", 1) == 1 else score
        if not isinstance(plain, Number):
            raise ValueError(f"scoring must return a number, got {plain} ({type(plain)}) of {name} instead")
        return plain


def fill_in_failures(outcomes: Sequence[dict[str, Any]], scoring: Scoring) -> None:
    """Give failures the names of metrics that only a success could tell: those of a scorer that returns a dict."""
    named = next((each["test_scores"] for each in outcomes if each["fit_error"] is None), None)
    if not isinstance(named, dict):
        return
    for outcome in outcomes:
        for key in ("test_scores", "train_scores"):
            if key in outcome and not isinstance(outcome[key], dict):
                outcome[key] = dict.fromkeys(named, scoring.error_score)


def tell_of_failures(outcomes: Sequence[dict[str, Any]], scoring: Scoring) -> None:
    """Warn of fits that failed, in scikit-learn's words.

    Raises
    ------
    ValueError
        If all failed.
    """
    errors = Counter(each["fit_error"] for each in outcomes if each["fit_error"] is not None)
    if not errors:
        return
    summary = "\n".join(
        f"{'-' * 80}\n{count} fits failed with the following error:\n{error}" for error, count in errors.items()
    )
    if errors.total() == len(outcomes):
        raise ValueError(
            f"\nAll the {len(outcomes)} fits failed.\nIt is very likely that your model is misconfigured.\nYou can try "
            "to debug the error by setting error_score='raise'.\n\nBelow are more details about the failures:\n"
            f"{summary}"
        )
    warnings.warn(
        f"\n{errors.total()} fits failed out of a total of {len(outcomes)}.\nThe score on these train-test partitions "
        f"for these parameters will be set to {scoring.error_score}.\nIf these failures are not expected, you can try "
        f"to debug them by setting error_score='raise'.\n\nBelow are more details about the failures:\n{summary}",
        FitFailedWarning,
        stacklevel=4,
    )

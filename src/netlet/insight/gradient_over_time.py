"""How much of the loss's gradient reaches each step of a sequence: whether long lags can be learnt at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

VANISHED = 1e-4  # below this share of the last steps' gradient, what the first steps say is lost among all others
EXPLODED = 1e3
_PART = 0.1  # of the steps, at either end


@dataclass(frozen=True, eq=False)
class GradientOverTime:
    """The gradient of the loss with respect to the input at each step.

    Parameters
    ----------
    norms : float64, (time,)
        The length of the gradient at each step, averaged over samples.
    """

    norms: np.ndarray

    @property
    def share(self) -> float:
        """The mean length over the first tenth of the steps, divided by that over the last tenth.

        Infinite where the last steps have none, NaN where neither has.
        """
        n = max(1, round(len(self.norms) * _PART))
        first, last = self.norms[:n].mean(), self.norms[-n:].mean()
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.divide(first, last))

    @property
    def finding(self) -> str | None:
        """What is wrong, why, and what to do; None where nothing is."""
        steps, share = len(self.norms), self.share
        if share < VANISHED:
            return (
                f"vanishing gradient: of {steps} steps the first have {share:.1g} times the gradient of the last, so "
                "what lies so far back is hardly learnt. The state is multiplied by the same matrix, and by an "
                "activation's derivative, at each step. Use LSTM or GRU whose forget gates begin open (large biases), "
                "attention, or shorter sequences"
            )
        if share > EXPLODED:
            return (
                f"exploding gradient: of {steps} steps the first have {share:.1g} times the gradient of the last, so "
                "a step of training may go anywhere. Limit the gradient (clip_norm=1), begin with an orthogonal "
                "recurrent matrix, or use LSTM or GRU"
            )
        return None

    def __str__(self) -> str:
        return self.finding or f"first to last of {len(self.norms)} steps: {self.share:.2g} times the gradient"


def over_time(gradient: np.ndarray) -> GradientOverTime:
    """Summarise the gradients of inputs.

    Parameters
    ----------
    gradient : dtype, (n_samples, time, features) or (n_samples, time)

    Returns
    -------
    GradientOverTime
    """
    numbers = np.abs(gradient, dtype=np.float64) if gradient.ndim == 2 else np.linalg.norm(
        gradient.astype(np.float64), axis=2
    )  # fmt: skip
    return GradientOverTime(numbers.mean(axis=0))

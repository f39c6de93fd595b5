"""Choose how many threads train the next epoch, from how long epochs took.

The result does not depend on the number of threads, so it may change at every epoch. Several threads are no faster than
one where steps are short, or where the machine's processors are busy or share a core, and only a measurement tells.
"""

from __future__ import annotations

import math

_LONG_STEP = 200e-6  # seconds; from there on all threads are best, and trying fewer would only cost
_FIRST_TRIALS = 4
_EPOCHS_BETWEEN_TRIALS = 32
_REMEMBERED = 4  # the least of so many latest times counts, so that one hiccup does not decide


class Pace:
    """Alternates between all threads and one at first, then keeps to the faster and tries the other now and then.

    Parameters
    ----------
    most : int, >= 1
        The most threads.
    n_steps : int, >= 1
        Steps of an epoch.
    fixed : bool
        Whether always to use the most.
    """

    def __init__(self, most: int, n_steps: int, fixed: bool) -> None:
        self._choices = (most,) if fixed or most == 1 else (most, 1)
        self._n_steps = n_steps
        self._seconds: dict[int, list[float]] = {choice: [] for choice in self._choices}
        self._epochs = 0

    def next(self) -> int:
        """Return the number of threads for the next epoch."""
        best = min(self._choices, key=lambda choice: min(self._seconds[choice], default=0.0))
        if len(self._choices) == 1:
            return best
        if self._epochs < _FIRST_TRIALS:
            return self._choices[self._epochs % 2]
        is_trial = self._epochs % _EPOCHS_BETWEEN_TRIALS == 0
        return self._choices[1 - self._choices.index(best)] if is_trial else best

    @property
    def expected(self) -> float:
        """How many seconds an epoch takes in the fastest way; infinite before the first one."""
        return min((min(seconds) for seconds in self._seconds.values() if seconds), default=math.inf)

    def took(self, n_threads: int, seconds: float) -> None:
        """Record how long an epoch took."""
        self._epochs += 1
        self._seconds[n_threads] = [*self._seconds[n_threads][1 - _REMEMBERED :], seconds]
        if seconds > _LONG_STEP * self._n_steps:
            self._choices = self._choices[:1]

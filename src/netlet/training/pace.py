"""Choose how many threads train the next epoch, from how long epochs took.

The result does not depend on the number of threads, so it may change at every epoch. Two threads are no faster than one
where the steps are short, or where the machine's processors are busy or share a core, and only a measurement tells.
"""

from __future__ import annotations

_EPOCHS_BETWEEN_TRIALS = 32
_MEMORY = 4  # the least of so many latest times counts, so that one hiccup does not decide


class Pace:
    """Alternates between one thread and all at first, then keeps to the faster and tries the other now and then.

    Parameters
    ----------
    most : int, >= 1
        The most threads.
    fixed : bool
        Whether always to use the most.
    """

    def __init__(self, most: int, fixed: bool) -> None:
        self._choices = (most,) if fixed or most == 1 else (most, 1)
        self._seconds: dict[int, list[float]] = {choice: [] for choice in self._choices}
        self._epoch = 0

    def next(self) -> int:
        """Return the number of threads for the next epoch."""
        self._epoch += 1
        best = min(self._choices, key=lambda choice: min(self._seconds[choice], default=0.0))
        if len(self._choices) > 1 and (self._epoch <= 4 or self._epoch % _EPOCHS_BETWEEN_TRIALS == 0):
            return (
                self._choices[(self._epoch - 1) % 2]
                if self._epoch <= 4
                else next(c for c in self._choices if c != best)
            )
        return best

    def took(self, n_threads: int, seconds: float) -> None:
        """Record how long an epoch took."""
        self._seconds[n_threads] = [*self._seconds[n_threads][1 - _MEMORY :], seconds]

"""What tells the trainings of other threads to end."""

from __future__ import annotations

from typing import Any


class Stop:
    """A callback of netlet's estimators that ends a training once it is asked to.

    A copy is the thing itself: `clone` copies what it finds among an estimator's parameters.
    """

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, _epoch: Any) -> bool:
        """Tell the training whether to stop."""
        return self.asked

    def __copy__(self) -> Stop:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Stop:
        return self


class AfterEpochs:
    """A callback that ends a training after so many epochs, as if it were paused."""

    def __init__(self, epochs: int) -> None:
        self.left = epochs

    def __call__(self, _epoch: Any) -> bool:
        """Count an epoch."""
        self.left -= 1
        return self.left <= 0

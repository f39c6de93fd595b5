"""How much a search may cost: in trials, in epochs of all trials together, or in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from netlet.errors import check_number


@dataclass(frozen=True)
class Trials:
    """So many networks."""

    count: int

    def __post_init__(self) -> None:
        check_number("budget=Trials(count)", self.count, int, 1)

    def __str__(self) -> str:
        return f"{self.count:,} trials"


@dataclass(frozen=True)
class Epochs:
    """So many epochs, over all networks together. What is found is the same again, as with `Trials`."""

    count: int

    def __post_init__(self) -> None:
        check_number("budget=Epochs(count)", self.count, int, 1)

    def __str__(self) -> str:
        return f"{self.count:,} epochs"


@dataclass(frozen=True)
class Seconds:
    """So long by the clock. What is found depends on the machine."""

    count: float

    def __post_init__(self) -> None:
        check_number("budget=Seconds(count)", self.count, float, 0, above=True)

    def __str__(self) -> str:
        return f"{self.count:,g} seconds"


Budget: TypeAlias = Trials | Epochs | Seconds


def budget_of(budget: Any) -> Budget:
    """Return the budget that a value stands for: an int is a number of trials.

    Raises
    ------
    TypeError, ValueError
        If it is something else, or not positive.
    """
    if isinstance(budget, (Trials, Epochs, Seconds)):
        return budget
    if isinstance(budget, int) and not isinstance(budget, bool):
        return Trials(budget)
    raise TypeError(f"budget={budget!r} is not a budget; use Trials(64) (or just 64), Epochs(2000) or Seconds(60)")

"""How much a search may cost: in trials, in epochs of all trials together, or in seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """So many epochs, over all networks together; of a cross-validation those of a trial's folds count once.

    What is found is the same again, as with `Trials`.
    """

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


@dataclass(frozen=True)
class Limits:
    """All that a search may cost; None: no limit. It ends at the first that is reached."""

    trials: int | None = None
    epochs: int | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        kinds: tuple[tuple[Any, Any], ...] = (Trials, self.trials), (Epochs, self.epochs), (Seconds, self.seconds)
        return " or ".join(str(kind(count)) for kind, count in kinds if count is not None)


def limits_of(budget: Any) -> Limits:
    """Return the limits that a budget stands for, or several of which the first that is reached counts.

    Parameters
    ----------
    budget : Trials, Epochs, Seconds, int or tuple of these
        An int is a number of trials.

    Raises
    ------
    TypeError, ValueError
        If it is something else, or not positive; if one kind is given twice.
    """
    limits = Limits()
    for each in budget if isinstance(budget, (tuple, list)) and budget else (budget,):
        if isinstance(each, int) and not isinstance(each, bool):
            each = Trials(each)
        if not isinstance(each, (Trials, Epochs, Seconds)):
            raise TypeError(
                f"budget={budget!r} is not a budget; use Trials(64) (or just 64), Epochs(2000), Seconds(60), or "
                "several of them: (Trials(64), Seconds(60))"
            )
        name = type(each).__name__.lower()
        if getattr(limits, name) is not None:
            raise ValueError(f"budget={budget!r} names {type(each).__name__} twice; give each kind once")
        changed: dict[str, Any] = {name: each.count}
        limits = replace(limits, **changed)
    return limits

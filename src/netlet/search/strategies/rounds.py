"""A strategy written as a generator: it yields what to train, and is sent what came of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from netlet.search.trial import Ask, Trial

Plan = Generator[list[Ask], list[Trial], None]


class Waiting:
    """The asks of a round that were not told of yet."""

    def __init__(self) -> None:
        self._asks: list[Ask] = []
        self._told: dict[int, Trial] = {}

    def expect(self, asks: Sequence[Ask]) -> None:
        """Begin a round."""
        self._asks = list(asks)
        self._told = {}

    def check_over(self) -> None:
        """Raise unless all were told of."""
        missing = [ask.number for ask in self._asks if ask.number not in self._told]
        if missing:
            raise RuntimeError(
                f"the next round was asked for before trial(s) {', '.join(map(str, missing))} of this one were told; "
                "tell every trial of a round first"
            )

    def hear(self, trial: Trial) -> None:
        """Take what came of an ask, or raise unless it was waited for."""
        if trial.number not in {ask.number for ask in self._asks}:
            raise ValueError(f"number={trial.number} of the trial told is none of the round's; tell what was asked for")
        if trial.number in self._told:
            raise ValueError(f"number={trial.number} was told twice in one round; tell each trial once")
        self._told[trial.number] = trial

    def told(self) -> list[Trial]:
        """Return what came of the asks, in the order in which they were asked, however they were told."""
        return [self._told[ask.number] for ask in self._asks]


class Rounds:
    """A run of a strategy that is a plan. It is a `Strategy`.

    Parameters
    ----------
    plan : generator
        Yields the asks of a round and is sent its trials, in the order of the asks.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begun = False
        self._ended = False
        self._waiting = Waiting()

    def next_round(self) -> list[Ask]:
        """Return what to train now; empty when there is no more.

        Raises
        ------
        RuntimeError
            If a trial of the last round was not told.
        """
        self._waiting.check_over()
        if self._ended:
            return []
        try:
            asks = self._plan.send(self._waiting.told()) if self._begun else next(self._plan)
        except StopIteration:
            asks = []
        self._begun = True
        self._ended = not asks
        self._waiting.expect(asks)
        return list(asks)

    def tell(self, trial: Trial) -> None:
        """Hear what came of one ask of the round.

        Raises
        ------
        ValueError
            If the round does not hold the trial's number, or it was told already.
        """
        self._waiting.hear(trial)

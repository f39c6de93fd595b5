"""What a user gives for a strategy: a small immutable dataclass that has drawn nothing yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from netlet.errors import check_number
from netlet.search.plain import plain
from netlet.search.space import Space
from netlet.search.strategies.rounds import Plan, Rounds
from netlet.search.trial import Strategy


@dataclass(frozen=True)
class StrategySpecification:
    """Base of all strategies, as a user gives them."""

    @property
    def replays(self) -> bool:
        """Whether the same seed and the same costs told give the same networks again.

        Where they do, a search that was killed is gone on with by telling a new run what its journal holds.
        """
        return True

    def begin(
        self,
        space: Space | Mapping[str, Any],
        seed: int,
        n_trials: int | None = None,
        epochs: int = 1,
        first: Iterable[Mapping[str, Any]] = (),
    ) -> Strategy:
        """Return a run of the strategy: what the search asks for the networks to train.

        Parameters
        ----------
        space : Space or mapping
        seed : int
            Decides all that is drawn; >= 0.
        n_trials : int, optional
            The number of networks in all. Default: without end, except that of a space of finitely many settings each
            is tried once.
        epochs : int, default 1
            The epochs of a network that is trained to the end.
        first : iterable of dict, optional
            Settings of the space to try before any others, as far as `n_trials` goes. What is fixed may be left out.

        Returns
        -------
        Strategy

        Raises
        ------
        TypeError, ValueError
            If a parameter is out of its range, or settings of `first` are not in the space.
        """
        space = Space.of(space)
        check_number("seed", seed, int, 0)
        check_number("n_trials", n_trials, int, 1, optional=True)
        check_number("epochs", epochs, int, 1)
        if isinstance(first, Mapping):
            raise TypeError("first is one dict of settings, not a list of them; put it in brackets")
        settings = [space.completed(each) for each in first]
        return self._begin(space, int(seed), n_trials if n_trials is None else int(n_trials), int(epochs), settings)

    def describe(self) -> dict[str, Any]:
        """Return the strategy as plain JSON values."""
        return {"strategy": type(self).__name__} | {each.name: plain(getattr(self, each.name)) for each in fields(self)}

    def _begin(
        self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]
    ) -> Strategy:
        """Return a run; the parameters are checked."""
        return Rounds(self._plan(space, seed, n_trials, epochs, first))

    def _plan(self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]) -> Plan:
        """Yield the rounds; of each is sent what came of it. What Rounds makes a run of."""
        raise NotImplementedError

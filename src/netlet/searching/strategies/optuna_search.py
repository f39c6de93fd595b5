"""Searches of Optuna: it proposes, and netlet trains.

Reference: Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", KDD 2019; of the sampler
"tpe" Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011.
"""

from __future__ import annotations

import copy
import math
import os
import re
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.searching.space import Space
from netlet.searching.strategies.proposals import PATIENCE, Proposals
from netlet.searching.strategies.rounds import Waiting
from netlet.searching.strategies.specification import StrategySpecification
from netlet.searching.trial import Ask, Strategy, Trial

# Those that need no package beside Optuna.
SAMPLERS: dict[str, Callable[[Any, int], Any]] = {
    # The liar takes a network that is still in training for a poor one, so that a batch does not hold it twice.
    "tpe": lambda optuna, seed: optuna.samplers.TPESampler(seed=seed, constant_liar=True),
    "nsgaii": lambda optuna, seed: optuna.samplers.NSGAIISampler(seed=seed),
}
SPACE = "netlet_space"  # the attribute of a study that tells which space it searches


@dataclass(frozen=True)
class OptunaSearch(StrategySpecification):
    """A search in which a sampler of Optuna decides, from all costs so far.

    Needs Optuna: ``pip install "netlet[optuna]"``.

    Parameters
    ----------
    sampler : {"tpe", "nsgaii"} or optuna.samplers.BaseSampler, default "tpe"
        A sampler by name gets its seed from the search. A sampler of Optuna's own is copied as it stands, with the seed
        that it was given.
    batch : int, default 8
        The networks of a round, which are trained at once: the sampler learns only from earlier rounds.
    storage : str, path or optuna.storages.BaseStorage, optional
        Where the study is kept: a URL of Optuna's, a path of a file (a journal, made if need be), or one of Optuna's
        storages. A search that finds a study there learns from its trials and adds its own; several processes can
        search at once, each with a seed of its own. Default: in memory.
    study_name : str, default "netlet"
        The study in the storage.

    Notes
    -----
    A network that failed, or was stopped, is told as failed; the sampler does not learn from it. In a space of finitely
    many settings a proposal that was tried before is replaced by one drawn at random from those that were not.
    """

    sampler: Any = "tpe"
    batch: int = 8
    storage: Any = field(default=None, repr=False)  # a URL may hold a password
    study_name: str = "netlet"

    def __post_init__(self) -> None:
        if isinstance(self.sampler, str):
            if self.sampler not in SAMPLERS:
                raise ValueError(unknown_name("sampler", self.sampler, SAMPLERS) + "; or give a sampler of Optuna")
        elif isinstance(self.sampler, type) or not hasattr(self.sampler, "sample_relative"):
            raise TypeError(
                f"sampler={self.sampler!r} is neither a name nor a sampler of Optuna; use one of "
                f"{', '.join(map(repr, sorted(SAMPLERS)))}, or such as optuna.samplers.GPSampler(seed=0)"
            )
        check_number("batch", self.batch, int, 1)
        if not isinstance(self.study_name, str) or not self.study_name:
            raise TypeError(f"study_name={self.study_name!r} is no name; use a str such as 'netlet'")

    @property
    def replays(self) -> bool:
        """Whether the same seed and costs give the same networks: not where a storage remembers more than those."""
        return self.storage is None and isinstance(self.sampler, str)

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        return described | {"storage": re.sub(r"//[^/@]*@", "//", str(described["storage"])) if self.storage else None}

    def _begin(
        self, space: Space, seed: int, n_trials: int | None, epochs: int, first: list[dict[str, Any]]
    ) -> Strategy:
        del epochs
        optuna = _import_optuna()
        with _quiet(optuna):
            study = optuna.create_study(
                storage=_storage(optuna, self.storage),
                study_name=self.study_name if self.storage is not None else None,
                load_if_exists=True,
            )
            _check_study(optuna, study, space)
            if isinstance(self.sampler, str):
                # A study that is gone on with is not to be begun with the same draws again.
                mixed = np.random.SeedSequence([seed, len(study.get_trials(deepcopy=False))]).generate_state(1)[0]
                study.sampler = SAMPLERS[self.sampler](optuna, int(mixed))
            else:
                study.sampler = copy.deepcopy(self.sampler)
        kind = OptunaRun if self.replays else RememberingRun
        return kind(study, space, Proposals(space, seed), first, self.batch, n_trials)


class OptunaRun:
    """A run of a search by Optuna. It is a `Strategy`.

    Parameters
    ----------
    study : optuna.Study
    space : Space
    proposals : Proposals
        Keeps what was tried, where there are finitely many settings.
    first : list of dict
        Settings to try before the sampler decides.
    batch : int
    n_trials : int or None
        How many to try in this run.
    """

    def __init__(
        self,
        study: Any,
        space: Space,
        proposals: Proposals,
        first: list[dict[str, Any]],
        batch: int,
        n_trials: int | None,
    ) -> None:
        self._study = study
        self._space = space
        self._proposals = proposals
        self._first = list(first)
        self._batch = batch
        self._n_trials = n_trials
        self._finite = space.count() is not None
        self._next = 0  # the number of the next ask
        self._trials: dict[int, Any] = {}  # Optuna's, by the number of the ask
        self._settings: dict[int, dict[str, Any]] = {}
        self._costs: dict[tuple[Hashable, ...], float] = {}
        self._waiting = Waiting()

    def next_round(self) -> list[Ask]:
        """Return what to train now; empty when there is no more.

        Raises
        ------
        RuntimeError
            If a trial of the last round was not told.
        """
        self._waiting.check_over()
        if self._finite:
            self._read_study()
        asks: list[Ask] = []
        while len(asks) < self._batch and (self._n_trials is None or len(self._trials) < self._n_trials):
            proposal = self._propose()
            if proposal is None:
                break
            trial, settings = proposal
            asks.append(Ask(self._next, settings))
            self._trials[self._next], self._settings[self._next] = trial, settings
            self._next += 1
        self._waiting.expect(asks)
        return list(asks)

    def tell(self, trial: Trial) -> None:
        """Hear what came of one ask of the round, and tell the study at once: a storage loses no finished trial.

        Raises
        ------
        ValueError
            If the round does not hold the trial's number, or it was told already.
        """
        self._waiting.hear(trial)
        own = self._trials[trial.number]
        own.set_user_attr("epochs", trial.epochs)
        if trial.reason:
            own.set_user_attr("reason", trial.reason)
        if math.isfinite(trial.cost) and trial.status != "stopped":
            self._study.tell(own, trial.cost)
            if self._finite:
                self._costs[self._space.key(self._settings[trial.number])] = trial.cost
        else:
            self._fail(own)

    def _propose(self) -> tuple[Any, dict[str, Any]] | None:
        """Return a trial of the study and its settings; None where a finite space is exhausted."""
        wanted: dict[str, Any] | None = None
        for _ in range(PATIENCE):
            while wanted is None and self._first:
                wanted = self._first.pop(0)
                if not self._proposals.take(wanted):
                    wanted = None
            if wanted is not None:
                self._study.enqueue_trial(self._space.suggestion(wanted), skip_if_exists=not self._finite)
            elif self._proposals.exhausted:
                return None
            trial = self._study.ask()
            settings = self._space.suggest(trial)
            if wanted is not None and self._finite and self._space.key(settings) == self._space.key(wanted):
                return trial, settings
            if self._proposals.take(settings):
                return trial, settings
            cost = self._costs.get(self._space.key(settings))
            if cost is None:
                self._fail(trial)
            else:
                self._study.tell(trial, cost)
            wanted = self._proposals.untried()
        return None

    def _read_study(self) -> None:
        """Note what other processes, and earlier runs, have finished.

        What is still running is not noted: nobody can tell it from what a process that was killed has left.
        """
        import optuna

        for trial in self._study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)):
            settings = self._space.suggest(optuna.trial.FixedTrial(trial.params))
            self._proposals.take(settings)
            self._costs.setdefault(self._space.key(settings), trial.value)

    def _fail(self, trial: Any) -> None:
        import optuna

        self._study.tell(trial, state=optuna.trial.TrialState.FAIL)


class RememberingRun(OptunaRun):
    """A run whose study, or whose sampler, knows more than the seed and the costs. It is a `GoesOn`, too."""

    def go_on_from(self, trials: Sequence[Trial]) -> list[Trial]:
        """Hear of earlier trials; those that the study does not know are told to it."""
        import optuna

        complete = self._study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
        known = [(self._space.suggest(optuna.trial.FixedTrial(each.params)), each.value) for each in complete]
        known_keys = {(self._space.key(settings), cost) for settings, cost in known}
        own = []
        for trial in trials:
            self._next = max(self._next, trial.number + 1)
            if trial.status in ("done", "failed"):
                settings = self._space.completed(trial.settings)  # a file knows lists for tuples
                own.append(replace(trial, settings=settings))
                self._proposals.take(settings)
                key = self._space.key(settings)
                self._first = [each for each in self._first if self._space.key(each) != key]
                if math.isfinite(trial.cost) and (key, trial.cost) not in known_keys:
                    self._remember(settings, trial.cost)
        if self._n_trials is not None:
            self._n_trials -= len(own)
        return own

    def _remember(self, settings: dict[str, Any], cost: float) -> None:
        self._study.enqueue_trial(self._space.suggestion(settings))
        trial = self._study.ask()
        self._space.suggest(trial)
        self._study.tell(trial, cost)
        self._costs[self._space.key(settings)] = cost


def _import_optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise ImportError('OptunaSearch needs Optuna, which is not installed: pip install "netlet[optuna]"') from error
    return optuna


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna from logging that it has made a study, and from warning of what is experimental in it."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(verbosity, optuna.logging.WARNING))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def _storage(optuna: Any, storage: Any) -> Any:
    """Return a storage of Optuna's, or a URL; a path becomes a journal in that file."""
    if storage is None or not isinstance(storage, str | os.PathLike) or (isinstance(storage, str) and "://" in storage):
        return storage
    journal = optuna.storages.journal
    path = os.fspath(storage)
    # The lock that Optuna takes by default is a symbolic link, which Windows grants only to administrators.
    return journal.JournalStorage(journal.JournalFileBackend(path, lock_obj=journal.JournalFileOpenLock(path)))


def _check_study(optuna: Any, study: Any, space: Space) -> None:
    """Raise unless a study that was found in a storage searches the same space for the least cost."""
    if study.directions != [optuna.study.StudyDirection.MINIMIZE]:
        raise ValueError(
            f"study_name={study.study_name!r} of the storage does not minimize one value; give another study_name"
        )
    described = space.describe()
    own = study.user_attrs.get(SPACE)
    if own is None:
        study.set_user_attr(SPACE, described)
    elif own != described:
        raise ValueError(
            f"study_name={study.study_name!r} of the storage searches another space; give the same space, or another "
            "study_name"
        )

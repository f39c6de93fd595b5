"""Many networks of any kind, trained at once: one network a thread, the samples shared."""

from __future__ import annotations

import copy
import dataclasses
import math
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed, check_number
from netlet.insight.health.watching import watching
from netlet.kernels.compiling import when_compiling
from netlet.network.network import Network
from netlet.network.options import FitOptions, Shared
from netlet.population.crew import Ending, free_threads, run_jobs
from netlet.population.member import Member, Outcome, check_options
from netlet.training.full_batch import Minimisation
from netlet.training.progress import Progress, progress_of
from netlet.training.trainer import Training


class Population:
    """Networks that are trained side by side, each exactly as it would be alone.

    One network runs on each thread, the longest trainings first; the samples are checked and converted once. What a
    member learns does not depend on the others or on the number of threads, bit for bit.

    Parameters
    ----------
    members : sequence of Network or Member
        Of any mix of layers; a `Member` may have an optimizer, a learning rate, a batch size ... of its own.
    **options
        Parameters of `Network.fit` for all members, such as ``epochs=20``. With ``health=True`` each member's history
        says what kept it from learning.

    Attributes
    ----------
    outcomes : list of Outcome
        Those of the last `fit`, in the order of the members; empty before.

    Raises
    ------
    ValueError, TypeError
        If there are no members, a network is twice among them, or an option is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Member, Network, Population, Sigmoid
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    >>> networks = [Network([Dense(4, activation="tanh"), Dense(1), Sigmoid()], seed=seed) for seed in range(8)]
    >>> population = Population([Member(each, learning_rate=0.1) for each in networks], epochs=200)
    >>> outcomes = population.fit(x, [0, 1, 1, 0], progress=False)
    >>> sum(each.network.evaluate(x, [0, 1, 1, 0])["accuracy"] == 1 for each in outcomes)
    8
    """

    def __init__(self, members: Iterable[Network | Member], **options: Any) -> None:
        check_options(options)
        if options.get("checkpoint") is not None:
            raise TypeError("checkpoint is one folder, and each member needs its own; give it to each Member")
        self.options = options
        self.members = tuple(each if isinstance(each, Member) else Member(each) for each in members)
        self.outcomes: list[Outcome] = []
        self._ending: Ending = "done"
        if not self.members:
            raise ValueError("a population needs at least one member; give networks")
        places: dict[int, int] = {}
        for place, member in enumerate(self.members):
            first = places.setdefault(id(member.network), place)
            if first != place:
                raise ValueError(
                    f"members {first} and {place} are the same network, which can learn one thing only; make it twice"
                )

    @classmethod
    def of_folds(cls, network: Network, splits: Iterable[tuple[Any, Any]], **options: Any) -> Population:
        """Make a population of copies of a network, one for each fold of a cross-validation.

        Parameters
        ----------
        network : Network
            Not changed: each fold gets a copy.
        splits : iterable of (rows, validation_rows)
            Such as ``KFold(5).split(X)`` of scikit-learn.
        **options
            As for `Population`.
        """
        return cls(
            [Member(copy.deepcopy(network), rows=rows, validation_rows=held) for rows, held in splits], **options
        )

    def __len__(self) -> int:
        return len(self.members)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        time_limit: float | None = None,
        n_threads: int | None = None,
        progress: bool | str | Progress = "auto",
    ) -> list[Outcome]:
        """Train all members, going on from their weights as they are.

        Ctrl-C ends all of them at their next step and keeps the weights.

        Parameters
        ----------
        X, y, sample_weight, validation_data
            As for `Network.fit`.
        time_limit : float, > 0, optional
            Seconds for all together.
        n_threads : int, >= 1, optional
            How many networks are trained at a time; default: as many as there are processors.
        progress : {"auto", "bar", "lines", "none"} or bool
            Shows how many are done, and the best so far.

        Returns
        -------
        list of Outcome
            In the order of the members. One whose training failed has status "failed" and says why; the others are
            not affected.

        Raises
        ------
        ValueError, TypeError
            If a parameter or the data are not as they should be; the message names the member, and none was trained.
        """
        check_number("n_threads", n_threads, int, 1, optional=True)
        check_number("time_limit", time_limit, float, 0, optional=True, above=True)
        display = progress if isinstance(progress, Progress) else progress_of(progress, len(self.members), "networks")
        jobs = self._jobs(X, y, sample_weight, validation_data)
        self.outcomes = [job.outcome for job in jobs]
        deadline = None if time_limit is None else time.perf_counter() + time_limit
        try:
            tally = _Tally(display)
            with display, when_compiling(tally.compiling):
                n_threads = min(free_threads(n_threads), len(jobs))
                self._ending = run_jobs(_longest_first(jobs), n_threads, tally.ended, deadline)
                display.end(tally.summary(self._ending, len(jobs)))
        finally:
            for job in jobs:
                job.leave()
        return self.outcomes

    def _jobs(self, X: Any, y: Any, sample_weight: Any, validation_data: Any) -> list[_TrainMember]:
        """Check every member; nothing is trained yet."""
        shared: Shared = {}
        jobs: list[_TrainMember] = []
        unbuilt = [(each.network, each.network._graph) for each in self.members if not each.network._operations]
        for place, member in enumerate(self.members):
            own, called = (
                self.options | member.options,
                f"member {place}" + (f" ({member.name})" if member.name else ""),
            )
            try:
                options = FitOptions(
                    **own, sample_weight=sample_weight, validation_data=validation_data, n_threads=1, progress=False,
                    rows=member.rows, validation_rows=member.validation_rows, shared=shared,
                )  # fmt: skip
                training = member.network._begin(X, y, options)
            except BaseException as error:
                for job in jobs:
                    job.leave()
                for network, graph in unbuilt:
                    network._forget(graph)
                if isinstance(error, (ValueError, TypeError)):
                    error.args = (f"{called}: {error}",)
                raise
            outcome = Outcome(member.network, training.history)
            jobs.append(_TrainMember(place, called, training, outcome, options.health))
        return jobs

    def predict(self, X: Any, *, n_threads: int | None = None) -> np.ndarray:
        """Compute the outputs of all members: dtype, (n_members, n_samples, n_outputs).

        Raises
        ------
        ValueError
            If the members' outputs differ in shape.
        """
        outputs = [member.network.predict(X, n_threads=n_threads) for member in self.members]
        shapes = {each.shape[1:] for each in outputs}
        if len(shapes) > 1:
            raise ValueError(f"the members give outputs of different shapes, {sorted(shapes)}; ask each by itself")
        return np.stack(outputs)


class _TrainMember:
    """Train one member."""

    def __init__(
        self, place: int, called: str, training: Training | Minimisation, outcome: Outcome, is_watched: bool
    ) -> None:
        self.place, self.called, self.outcome, self.is_watched = place, called, outcome, is_watched
        self.expected_seconds = training.expected_seconds()
        self._training: Training | Minimisation | None = training
        self._stop_asked = False

    def run(self, deadline: float | None) -> None:
        training, outcome = self._training, self.outcome
        if self._stop_asked or training is None:
            return
        started = time.perf_counter()
        try:
            if deadline is not None:
                left = max(deadline - started, 1e-3)
                training.settings = dataclasses.replace(training.settings, time_limit=left)
            with watching(training, tells=False) if self.is_watched else nullcontext():
                training.run()
            ends = training.history.stopped
            outcome.status = "stopped" if ends in ("interrupted", "time") else "done"
        except TrainingFailed as error:
            outcome.status, outcome.reason = "failed", str(error)
        except BaseException as error:  # a callback's, say
            outcome.status, outcome.reason = "failed", f"{type(error).__name__}: {error}"
            error.add_note(f"in the training of {self.called}")
            raise
        finally:
            outcome.seconds = time.perf_counter() - started
            outcome.keeps_best = training.position.best is not None
            self.leave()

    def leave(self) -> None:
        """Let go of the memory that only training needs, and of the checkpoint."""
        training, self._training = self._training, None
        if isinstance(training, Training) and training.checkpoint is not None:
            training.checkpoint.release()

    def stop(self) -> None:
        self._stop_asked = True
        training = self._training
        if training is not None:
            training.stop()


class _Tally:
    """How many are done, and the best so far."""

    def __init__(self, display: Progress) -> None:
        self.display = display
        self.counts = dict.fromkeys(("done", "failed", "stopped", "not begun"), 0)
        self.best, self.best_place = math.inf, -1
        self._said = False

    def compiling(self) -> None:
        """Say, once, that kernels are being compiled."""
        if not self._said:
            self._said = True
            self.display.compiling()

    def ended(self, job: _TrainMember) -> None:
        self.counts[job.outcome.status] += 1
        loss = job.outcome.validation_loss
        if loss is not None and job.outcome.status != "failed" and loss < self.best:
            self.best, self.best_place = loss, job.place
        self.display.count(sum(self.counts.values()), self._text())

    def _text(self) -> str:
        parts = []
        if self.best_place >= 0:
            parts.append(f"best validation loss {self.best:.4f} (network {self.best_place})")
        if self.counts["failed"]:
            parts.append(f"{self.counts['failed']} failed")
        return ", ".join(parts)

    def summary(self, ending: str, total: int) -> str:
        """Return one line on how it ended."""
        done = self.counts["done"]
        why = {"done": "", "time": ", stopped by the time limit", "interrupted": ", interrupted"}[ending]
        text = self._text()
        return f"{done} of {total} networks trained{why}" + (f"; {text}" if text else "")


def _longest_first(jobs: Sequence[_TrainMember]) -> list[_TrainMember]:
    return sorted(jobs, key=lambda job: -job.expected_seconds)

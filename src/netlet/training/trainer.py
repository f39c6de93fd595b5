"""The trainer: from checked arrays to a trained network, an epoch at a time."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from netlet.errors import NotConverged, TrainingFailed
from netlet.graph.building import Operation
from netlet.kernels.compiling import when_compiling
from netlet.kernels.random import COUNT as BLOCKS_DRAWN
from netlet.kernels.random import STREAM_ORDER, new_generator
from netlet.kernels.threads import FAILED_STEP, STATUS
from netlet.training.before import Before
from netlet.training.checkpoint import Checkpoint
from netlet.training.diagnosis import explain_failure
from netlet.training.endings import ending_of, not_converged
from netlet.training.history import History
from netlet.training.interrupts import Interrupts
from netlet.training.learnt import Learnt
from netlet.training.loop import EPOCH_BITS, FINISHED, STOPPED
from netlet.training.pace import Pace
from netlet.training.position import Position
from netlet.training.prediction import Predictor, accuracy, mean_loss
from netlet.training.progress import Progress
from netlet.training.settings import EpochEnd, Settings
from netlet.training.snapshot import Snapshot
from netlet.training.stepper import Rule, Samples, Stepper, expected_seconds
from netlet.training.team import Team

# Epochs are run together, without coming back to Python, for about so long; Ctrl-C and time limits wait no longer.
_SECONDS_TOGETHER = 0.02
_MOST_TOGETHER = 1000


class Training:
    """One training of a network in place: it can be paused after an epoch, kept, and gone on with.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
    samples, validation : Samples
    rule : Rule
    settings : Settings
    progress : Progress
    network : object
        Handed to the callbacks.
    checkpoint : Checkpoint, optional
        Where the training is kept while it runs, and gone on with if it was broken off.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        learnt: Learnt,
        samples: Samples,
        validation: Samples | None,
        rule: Rule,
        settings: Settings,
        progress: Progress,
        network: Any = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        assert rule.optimizer is not None
        self.operations, self.learnt, self.rule, self.optimizer = operations, learnt, rule, rule.optimizer
        self.samples, self.validation, self.settings = samples, validation, settings
        self.progress, self.network, self.checkpoint = progress, network, checkpoint
        self.n_samples = len(samples) if settings.rows is None else len(settings.rows)
        chosen = validation if settings.validation_rows is None else settings.validation_rows
        self.n_validation = 0 if chosen is None else len(chosen)
        self.n_steps = -(-self.n_samples // settings.batch_size)
        # Samples are read where they lie when their order is theirs; else each batch is gathered into the arena.
        self.gather = settings.rows is not None or (settings.shuffle and self.n_steps > 1)
        self.position = Position(watch=settings.schedule.watch())
        self.deadline: float | None = None
        self._until = settings.epochs
        self._runs = 0  # how often epochs were run together
        self._prepared = self._begun = False
        self._snapshot: Snapshot | None = None
        self._stop_asked = False
        self._team: Team | None = None

    @property
    def history(self) -> History:
        """What the training went through so far."""
        return self.position.history

    def expected_seconds(self) -> float:
        """Return a rough guess at how long all epochs take on one thread."""
        batch_size = min(self.settings.batch_size, self.n_samples)
        validating = 0.0 if not self.n_validation else 1e-4 + 2 * self.n_validation * self.learnt.theta.size / 1e11
        return self.settings.epochs * (expected_seconds(self.n_steps, batch_size, self.learnt.theta.size) + validating)

    def stop(self) -> None:
        """Ask the training to end at its next step, and not to begin if it has not; for another thread to call."""
        self._stop_asked = True
        team = self._team  # which ends with its run at any moment
        if team is not None:
            team.stop()

    def snapshot(self) -> Snapshot:
        """Return a copy of all that decides how the training goes on; there must have been an epoch."""
        kept = Snapshot({}, {})
        before = self.before[self._runs % 2]
        self.position.keep(kept, self.stepper, before.learnt, before.epoch)
        return kept.copy()

    def go_on_from(self, snapshot: Snapshot) -> None:
        """Begin where a training that was given the same was when the snapshot was taken; before the first epoch."""
        self._snapshot = snapshot

    def put_best_back(self) -> None:
        """Take the weights of the best epoch, if the training keeps them."""
        if self.position.best is not None:
            self.learnt.take(self.position.best)

    def prepare(self) -> None:
        """Lower the network and allocate; compiles what is not compiled yet. Done once."""
        if self._prepared:
            return
        self._prepared = True
        settings, dtype = self.settings, self.learnt.dtype
        batch_size = min(settings.batch_size, self.n_samples)
        weighted = self.samples.weights.size > 0
        self.stepper = Stepper(self.operations, self.learnt, self.rule, batch_size, self.gather, weighted)
        self.held_out = self.validation  # in another order it is a copy, which only a training under way has
        if self.validation is not None and settings.validation_rows is not None:
            self.held_out = self.validation.rows(settings.validation_rows)
        watches_samples = self.validation is not None or self.rule.loss.row.until_correct
        self.predictor = Predictor(self.operations, self.rule.reads, dtype, True) if watches_samples else None
        rows = settings.rows if settings.rows is not None else np.arange(self.n_samples if self.gather else 0)
        self.rows = np.array(rows, dtype=np.int64)
        self.order = self.rows.copy()
        # Those before the last two runs of epochs: whether the weights after a run give a finite loss is known only one
        # step later.
        self.before = [Before(self.learnt.copy()), Before(self.learnt.copy())]
        self.one_by_one = False

    def run(self) -> History:
        """Train to the end, and put the best weights back where there is patience.

        Returns
        -------
        History

        Raises
        ------
        TrainingFailed
            If a loss or a gradient is not finite; the weights are then those at the last end of an epoch that was
            followed by a finite loss.
        """
        settings = self.settings
        with self.checkpoint or nullcontext():
            if self.n_samples == 0 or settings.epochs == 0:
                return self.history
            with self.progress, when_compiling(self._say_once):
                self._begin()
                limit = settings.time_limit  # compiling, done once on a machine, does not count
                self._until, self.deadline = settings.epochs, None if limit is None else time.perf_counter() + limit
                self._run()
                self.put_best_back()
                self.progress.end(ending_of(self.history, self.position.best is not None, settings))
        if self.history.stopped == "epochs" and self.rule.loss.row.until_correct:
            warnings.warn(not_converged(self.history, self.rule.loss), NotConverged, stacklevel=3)
        return self.history

    def advance(self, epochs: int, deadline: float | None = None) -> History:
        """Train until so many epochs are done in all, and pause; the weights stay those of the last epoch.

        So many calls train as `run` does, bit for bit.

        Parameters
        ----------
        epochs : int, >= 1
            No more than the settings say, which is what schedules reckon with.
        deadline : float, optional
            Time on `time.perf_counter`'s clock at which to stop within an epoch.

        Returns
        -------
        History
            Its `stopped` is "paused" if more epochs are to come.

        Raises
        ------
        TrainingFailed
            As `run`.
        """
        if self.n_samples == 0 or self.settings.epochs == 0:
            return self.history
        self._begin()
        self._until, self.deadline = min(epochs, self.settings.epochs), deadline
        self._run()
        return self.history

    def _begin(self) -> None:
        """Prepare, and go on from what was kept; once."""
        if self._begun:
            return
        self._begun = True
        self.prepare()
        kept = self.checkpoint if self.checkpoint is not None else self._snapshot
        if kept is not None:
            good = self.learnt.copy()
            self.before[0] = Before(good, self.position.resume(kept, self.stepper, good))
        self._runs = 2 if self.position.epoch else 0
        if not self.position.epoch:
            self.settings.begin(self.network)

    def _run(self) -> None:
        with self.stepper.team(self.settings.n_threads, self.n_steps) as (team, interrupts):
            self._team = team
            if self._stop_asked:
                team.stop()
            try:
                self.history.stopped = self._epochs(team, interrupts)
            finally:
                self._team = None

    _said = False

    def _say_once(self) -> None:
        if not self._said:
            self._said = True
            self.progress.compiling()

    def _epochs(self, team: Team, interrupts: Interrupts) -> str:
        """Run the epochs that are left; return why they ended."""
        settings, position = self.settings, self.position
        pace = Pace(team.n_threads, self.n_steps, fixed=settings.n_threads is not None)
        elapsed = self.history.records[-1]["seconds"] if self.history.records else 0.0
        started = time.perf_counter() - elapsed
        reason = self._reason_to_stop(interrupts, False) if position.epoch else None
        while reason is None:
            self._runs += 1
            first, runs = position.epoch + 1, self._runs
            threads, count = pace.next(), self._epochs_together(pace)
            self.before[runs % 2].note(self.stepper, position.epoch, several=count > 1)
            rates = np.stack([self._learning_rates(epoch) for epoch in range(first, first + count)])
            shuffled = self._shuffling() if self.n_steps > 1 and settings.shuffle else None
            course = np.concatenate([self._course(epoch) for epoch in range(first, first + count)])
            seconds = self.stepper.run(team, self.samples, self.order, rates, self.deadline, threads, shuffled, course)
            status = int(team.control[STATUS])
            if status not in (FINISHED, STOPPED):
                step = int(team.control[FAILED_STEP])
                again = runs if count > 1 else runs - 1
                # A failure in the first step is the fault of the epoch before, and the weights before that are wanted.
                if count == 1 and (step > 0 or self.before[again % 2].slots is None):
                    self._fail(first, step, status, float(rates[0, step]), runs)
                # Each epoch by itself leads to the same failure, and leaves the weights and figures before it.
                self.before[again % 2].put_back(self.stepper, position)
                self.one_by_one, self._runs = True, again - 1
                continue
            whole = count if status == FINISHED else int(team.control[FAILED_STEP]) // self.n_steps
            self.learnt.epochs += whole
            begun, elapsed = elapsed, time.perf_counter() - started
            for number, record in enumerate(self._records(first, count)[:whole], start=1):
                record["seconds"] = begun + (elapsed - begun) * number / count
                position.add(record, self.learnt, keep_best=settings.patience is not None, best_by=settings.best_by)
            if status == STOPPED:
                return "interrupted" if interrupts.asked or self._stop_asked else "time"
            pace.took(threads, seconds / count)
            self.progress.show(record)
            asked = self._call_back(record)
            reason = self._reason_to_stop(interrupts, asked)
            if self.checkpoint is not None and (reason is not None or self.checkpoint.is_due(position.epoch)):
                before = self.before[runs % 2]
                position.keep(self.checkpoint, self.stepper, before.learnt, before.epoch)
        return reason

    def _epochs_together(self, pace: Pace) -> int:
        """Return how many epochs to run before Python is needed again: one where something is done after each."""
        settings = self.settings
        needed = (
            self.one_by_one,
            self.validation is not None,
            self.position.watch is not None,
            self.checkpoint is not None,
            self.rule.loss.row.until_correct,
            self.stepper.has_penalty,
        )
        if any(needed):
            return 1
        epoch = self.position.epoch
        calls = (getattr(each, "next_call", _every_epoch)(epoch) for each in settings.callbacks)
        left = min(self._until, *calls, _MOST_TOGETHER + epoch) - epoch
        if self._until < settings.epochs:
            left -= 1  # a snapshot holds the network one epoch ago, too
        return max(1, min(int(_SECONDS_TOGETHER / max(pace.expected, 1e-9)), left))

    def _reason_to_stop(self, interrupts: Interrupts, asked: bool) -> str | None:
        """Return why no epoch is to follow the last one; None where one is."""
        settings, position = self.settings, self.position
        if asked:
            return "callback"
        if self.rule.loss.row.until_correct and self.history.records[-1]["accuracy"] == 1:
            return "converged"
        if settings.patience is not None and position.since >= settings.patience:
            return "early"
        if position.epoch >= settings.epochs:
            return "epochs"
        if interrupts.asked or self._stop_asked:
            return "interrupted"
        if position.epoch >= self._until:
            return "paused"
        return "time" if self.deadline is not None and time.perf_counter() >= self.deadline else None

    def _shuffling(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what shuffles each epoch: its order follows from the seed and the number of epochs so far alone."""
        generator = new_generator(self.rule.seed, STREAM_ORDER)
        generator[BLOCKS_DRAWN] = (self.learnt.epochs - 1) << EPOCH_BITS
        return self.rows, generator

    def _learning_rates(self, epoch: int) -> np.ndarray:
        """Return the learning rate of each step of an epoch: float64, (n_steps,)."""
        n_steps, watch = self.n_steps, self.position.watch
        factors = self.settings.schedule.factors(
            (epoch - 1) * n_steps, n_steps, n_steps, self.settings.epochs * n_steps
        )
        return np.asarray(self.optimizer.learning_rate * factors * (watch.factor if watch is not None else 1.0))

    def _course(self, epoch: int) -> np.ndarray:
        """Return by what each step of an epoch multiplies the weight decay and the dropout: float64, (n_steps, 2)."""
        n_steps, settings = self.n_steps, self.settings
        steps = (epoch - 1) * n_steps, n_steps, n_steps, settings.epochs * n_steps
        schedules = settings.weight_decay_schedule, settings.dropout_schedule
        return np.stack([each.factors(*steps) for each in schedules], axis=1).astype(np.float64)

    def _records(self, first: int, count: int) -> list[dict[str, float]]:
        """Return the figures of the epochs of a run, without their times."""
        losses = self.stepper.mean_losses(count)
        records: list[dict[str, float]] = [{"epoch": first + place, "loss": loss} for place, loss in enumerate(losses)]
        if count == 1:
            records[0] |= self._figures()
        return records

    def _figures(self) -> dict[str, float]:
        """Return what is measured with the weights of this moment."""
        record: dict[str, float] = {}
        if self.stepper.has_penalty:
            record["penalty"] = self.stepper.penalty()
        if self.rule.loss.row.until_correct:
            rows = slice(None) if self.settings.rows is None else self.rows
            record["accuracy"] = self._measure(self.samples.rows(rows))[1] or 0.0
        if self.held_out is not None:
            record["validation_loss"], share = self._measure(self.held_out)
            if share is not None:
                record["validation_accuracy"] = share
        return record

    def _measure(self, samples: Samples) -> tuple[float, float | None]:
        """Return the loss on samples and, where there are classes, the share that is right."""
        assert self.predictor is not None
        logits = self.predictor.predict(self.learnt.theta, self.learnt.state, samples.x, self.settings.n_threads)
        arguments = self.rule.loss, logits, samples.y, samples.weights
        return mean_loss(*arguments), accuracy(*arguments)

    def _call_back(self, record: dict[str, float]) -> bool:
        """Call every callback; tell whether one wants to stop."""
        end = EpochEnd(
            self.network,
            int(record["epoch"]),
            record["loss"],
            record.get("validation_loss"),
            record.get("validation_accuracy"),
            self.history,
        )
        return any([callback(end) for callback in self.settings.callbacks])

    def _fail(self, epoch: int, step: int, status: int, rate: float, runs: int) -> None:
        """Put the last good weights back and raise."""
        batch_size = self.stepper.batch_size
        rows = np.arange(step * batch_size, min((step + 1) * batch_size, self.n_samples))
        samples = self.samples.rows(self.order[rows] if self.gather else rows)
        targets = samples.y[:0] if self.rule.loss.row.labels else samples.y
        explanation = explain_failure(self.operations, self.rule.reads, self.learnt, samples.x, targets, rate, status)
        # A finite loss was seen after the weights of this run's beginning, or only after those of the run before.
        kept = runs if step > 0 or runs == 1 else runs - 1
        best = self.position.best
        self.learnt.take(best if best is not None else self.before[kept % 2].learnt)
        self.history.stopped = "failed"
        which = "those at the best epoch" if best is not None else f"those after {self.before[kept % 2].epoch} epoch(s)"
        raise TrainingFailed(
            f"training stopped in epoch {epoch}, step {step + 1}: {explanation} The weights kept are {which}.",
            self.history,
        )


def _every_epoch(epoch: int) -> int:
    """Return when a callback is called next that does not say so."""
    return epoch + 1

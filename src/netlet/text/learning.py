"""Train a network on the windows of a text: batches cut as they are needed, a rate for each step, the best kept."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from netlet.kernels.compiling import when_compiling
from netlet.network.network import Network
from netlet.text.measuring import Measure
from netlet.text.windows import Windows
from netlet.training.endings import ending_of
from netlet.training.history import History
from netlet.training.interrupts import Interrupts
from netlet.training.learnt import Learnt
from netlet.training.losses import SequenceCrossEntropy
from netlet.training.optimizers import AdamW
from netlet.training.output import loss_of
from netlet.training.progress import progress_of
from netlet.training.schedules import CosineDecay, OneCycle, Schedule, WarmUp
from netlet.training.settings import Settings
from netlet.training.stepper import Samples
from netlet.training.stream import Stream
from netlet.training.team import Team

_BATCHES_TOGETHER = 32  # cut out at once; Ctrl-C waits for one batch only
_WARM_UP = 0.05  # of all steps, before the cosine
_NO_WEIGHTS = np.empty(0, np.float32)


SCHEDULES = ("one_cycle", "cosine")


@dataclass(frozen=True)
class Course:
    """How long to train on a text, and how.

    Parameters
    ----------
    epochs : int, >= 1
    max_steps : int, >= 1, or None
        The training ends with the epochs or with the steps, whichever are done first.
    batch_size : int, >= 1
    optimizer : AdamW
    schedule : str
        One of `SCHEDULES`, over all steps.
    clip_norm : float, > 0
    patience : int, >= 1, or None
    time_limit : float, > 0, or None
        The schedule is then as long as the time will be, as far as the speed so far tells.
    n_threads : int or None
    progress : str
    """

    epochs: int
    max_steps: int | None
    batch_size: int
    optimizer: AdamW
    schedule: str
    clip_norm: float
    patience: int | None
    time_limit: float | None
    n_threads: int | None
    progress: str


class Learning:
    """One training of a network in place.

    Parameters
    ----------
    network : Network
    windows : Windows
    validation : int, (n_tokens,), or None
    course : Course
    """

    def __init__(self, network: Network, windows: Windows, validation: np.ndarray | None, course: Course) -> None:
        self.network, self.windows, self.course = network, windows, course
        loss, reads = loss_of(SequenceCrossEntropy(), network._operations)
        rule = network._rule(loss, reads, course.optimizer, 0.0, 0.0, False, None, None, course.clip_norm)
        network.loss = loss
        steps = [-(-windows.count(epoch) // course.batch_size) for epoch in range(course.epochs)]
        self.n_steps = min(sum(steps), course.max_steps or sum(steps))
        self.steps_per_epoch = steps[0]
        self.schedule = _schedule(course.schedule, self.n_steps / steps[0])
        self._learnt = network._built()
        self._rule = rule
        self._validation = validation
        self._best: Learnt | None = None
        self._began = 0.0

    def run(self) -> History:
        """Train to the end, and put the best weights back where there is a validation.

        Raises
        ------
        TrainingFailed
            If a loss or a gradient is not finite; the weights are the best so far, or those before the last batches.
        """
        course, history = self.course, History()
        display = progress_of(course.progress, course.epochs if course.max_steps is None else None)
        with display, when_compiling(display.compiling):
            operations = self.network._operations
            self._stream = _ScheduledStream(operations, self._learnt, self._rule, course.batch_size, False)
            self._measure = Measure(self.network) if self._validation is not None else None
            self._began = time.perf_counter()  # compiling, done once on a machine, does not count
            try:
                with self._stream.stepper.team(course.n_threads, self.n_steps) as (team, interrupts):
                    reason = None
                    while reason is None:
                        reason = self._epoch(len(history), team, interrupts, history)
                        if history.records:
                            display.show(history.records[-1])
                history.stopped = reason
            finally:
                if self._best is not None:
                    self._learnt.take(self._best)
            settings = Settings(
                course.epochs, course.batch_size, patience=course.patience, time_limit=course.time_limit
            )
            display.end(ending_of(history, self._best is not None, settings))
        return history

    def _epoch(self, epoch: int, team: Team, interrupts: Interrupts, history: History) -> str | None:
        """Go through the text once; return why no epoch is to follow, or None."""
        course, stream = self.course, self._stream
        rows = (self.n_steps - stream.stepper.n_updates) * course.batch_size
        places = self.windows.places(epoch)
        places = places[: min(rows, len(places))]
        stream.begin()
        reason = None
        for x, y in self.windows.blocks(places, _BATCHES_TOGETHER * course.batch_size):
            stream.next_rates = self._rates(-(-len(x) // course.batch_size))
            whole = stream.take(Samples(x, y, _NO_WEIGHTS), team)
            if not whole or interrupts.asked:
                reason = "interrupted"
            elif course.time_limit is not None and time.perf_counter() - self._began >= course.time_limit:
                reason = "time"
            if reason is not None:
                break
        else:
            stream.finish(team)
        self._learnt.epochs += 1
        self._record(history)
        if reason is not None:
            return reason
        if interrupts.asked:
            return "interrupted"
        if stream.stepper.n_updates >= self.n_steps or len(history) >= course.epochs:
            return "epochs"
        best = history.best_epoch
        if course.patience is not None and best is not None and len(history) - best >= course.patience:
            return "early"
        return None

    def _record(self, history: History) -> None:
        record = {"epoch": float(len(history) + 1), "loss": self._stream.mean_loss()}
        if self._measure is not None and self._validation is not None:
            loss = self._measure.nats(self._validation) / (len(self._validation) - 1)
            record["validation_loss"] = loss
            best = min(history.column("validation_loss"), default=np.inf) if history.records else np.inf
            if loss < best:
                history.best_epoch, self._best = len(history) + 1, self._learnt.copy()
        history.records.append(record | {"seconds": time.perf_counter() - self._began})

    def _rates(self, n_steps: int) -> np.ndarray:
        """Return the learning rates of the steps to come: float64, (n_steps,)."""
        done, total = self._stream.stepper.n_updates, self.n_steps
        if self.course.time_limit is not None and done:
            share = (time.perf_counter() - self._began) / self.course.time_limit
            total = max(done + 1, min(total, int(done / max(share, 1e-9))))
        factors = self.schedule.factors(done, n_steps, self.steps_per_epoch, total)
        return np.asarray(self.course.optimizer.learning_rate * factors)


def _schedule(name: str, epochs: float) -> Schedule:
    return OneCycle() if name == "one_cycle" else WarmUp(_WARM_UP * epochs, then=CosineDecay())


class _ScheduledStream(Stream):
    """A stream whose learning rates are set before each block."""

    next_rates: np.ndarray = np.empty(0)

    def _rates(self, n_steps: int) -> np.ndarray:
        rates, self.next_rates = self.next_rates[:n_steps], self.next_rates[n_steps:]
        return rates

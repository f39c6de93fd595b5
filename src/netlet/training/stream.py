"""Training on blocks of samples as they come: memory does not grow with their number.

Batches do not end where blocks do: rows that do not fill a batch wait for the next block. So the numbers are those of a
training on one large array in the same order, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netlet.errors import TrainingFailed
from netlet.graph.building import Operation
from netlet.kernels.threads import FAILED_STEP, STATUS
from netlet.training.diagnosis import explain_failure
from netlet.training.learnt import Learnt
from netlet.training.loop import FINISHED, STOPPED
from netlet.training.stepper import Rule, Samples, Stepper
from netlet.training.team import Team


def _copy(samples: Samples) -> Samples:
    """Return samples with memory of their own."""
    return Samples(samples.x.copy(), samples.y.copy(), samples.weights.copy())


def join(first: Samples | None, second: Samples) -> Samples:
    """Return the samples of both, one after the other."""
    if first is None or len(first) == 0:
        return second
    pairs = ((first.x, second.x), (first.y, second.y), (first.weights, second.weights))
    return Samples(*(np.concatenate(pair) for pair in pairs))


class Stream:
    """A training that is given its samples block by block, and keeps its optimizer's memory between them.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
        Changed in place.
    rule : Rule
    batch_size : int
    weighted : bool
        Whether samples carry weights; all blocks must then.
    """

    def __init__(
        self, operations: Sequence[Operation], learnt: Learnt, rule: Rule, batch_size: int, weighted: bool
    ) -> None:
        self.operations, self.learnt, self.rule, self.batch_size = operations, learnt, rule, batch_size
        self.stepper = Stepper(operations, learnt, rule, batch_size, gather=False, weighted=weighted)
        self._waiting: Samples | None = None
        self._order = np.empty(0, dtype=np.int64)
        self._loss = self._weight = 0.0

    def fits(self, rule: Rule, batch_size: int) -> bool:
        """Tell whether a training that is asked for goes on from this one."""
        return (rule, batch_size) == (self.rule, self.batch_size)

    def check(self, block: Samples) -> None:
        """Raise ValueError if some blocks carry weights and others do not."""
        if (block.weights.size > 0) != self.stepper.weighted:
            raise ValueError("some blocks have sample weights and others have none; give weights with all or with none")

    def begin(self) -> None:
        """Begin a pass: forget rows that wait since a pass that was broken off, and the losses."""
        self._waiting = None
        self._loss = self._weight = 0.0

    def continue_from(self, other: Stream) -> None:
        """Take over the optimizer's memory of a stream with the same rule."""
        self.stepper.slots[:], self.stepper.n_updates = other.stepper.slots, other.stepper.n_updates

    def take(self, block: Samples, team: Team) -> bool:
        """Train on a block but for the rows that do not fill a batch; tell whether it went to its end.

        Raises
        ------
        TrainingFailed
            If a loss or a gradient is not finite; the weights are those before the block.
        """
        before = self.learnt.copy()
        # The rows that wait are filled up to a batch; all others are read where they lie.
        n_waiting = len(self._waiting) if self._waiting is not None else 0
        filling = (self.batch_size - n_waiting) % self.batch_size if n_waiting else 0
        first = join(self._waiting, block.rows(slice(0, filling)))
        stop = filling + max(0, len(block) - filling) // self.batch_size * self.batch_size
        if n_waiting and len(first) < self.batch_size:
            self._waiting = _copy(first)
            return True
        # A copy: the block is the caller's, who may fill it with other rows.
        self._waiting = _copy(block.rows(slice(stop, None)))
        if n_waiting and not self._train(first, team, before):
            return False
        return self._train(block.rows(slice(filling, stop)), team, before)

    def finish(self, team: Team) -> bool:
        """Train on the rows that wait, as a smaller batch; tell whether it went to its end.

        Raises
        ------
        TrainingFailed
            As `take`.
        """
        waiting, self._waiting = self._waiting, None
        return waiting is None or self._train(waiting, team, self.learnt.copy())

    def mean_loss(self) -> float:
        """Return the mean loss of the pass."""
        return self._loss / self._weight if self._weight else 0.0

    def _rates(self, n_steps: int) -> np.ndarray:
        """Return the learning rates of the steps to come: float64, (n_steps,)."""
        assert self.rule.optimizer is not None
        return np.full(n_steps, self.rule.optimizer.learning_rate)

    def _train(self, samples: Samples, team: Team, before: Learnt) -> bool:
        n_steps = -(-len(samples) // self.batch_size)
        if n_steps == 0:
            return True
        rates = self._rates(n_steps)
        self.stepper.run(team, samples, self._order, rates)
        status = int(team.control[STATUS])
        if status == STOPPED:
            return False
        if status != FINISHED:
            step = int(team.control[FAILED_STEP])
            rate = float(rates[step])
            batch = samples.rows(slice(step * self.batch_size, (step + 1) * self.batch_size))
            targets = batch.y[:0] if self.rule.loss.row.labels else batch.y
            text = explain_failure(self.operations, self.rule.reads, self.learnt, batch.x, targets, rate, status)
            self.learnt.take(before)
            raise TrainingFailed(f"training stopped: {text} The weights kept are those before the block.")
        losses, weights = self.stepper.losses.T
        self._loss += float(losses @ weights)
        self._weight += float(weights.sum())
        return True

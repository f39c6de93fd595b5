"""Steps of training: a lowered network with all its arrays, which takes steps over whatever samples it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any

import numpy as np

from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.lowering import Terms, Training, lower
from netlet.graph.program import Program
from netlet.kernels.blas import single_threaded_blas
from netlet.kernels.compiling import prepare
from netlet.kernels.memory import aligned_zeros
from netlet.kernels.registry import updates
from netlet.kernels.threads import FAILED_STEP, STATUS
from netlet.training.interrupts import Interrupts
from netlet.training.learnt import Learnt
from netlet.training.loop import FINISHED, STOPPED, train_epochs
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.step_memory import memory_of, require, slots_shape
from netlet.training.team import Team, available_threads

_NO_ROWS, _NO_DRAWS = np.empty(0, dtype=np.int64), np.zeros(4, dtype=np.int64)


@dataclass(frozen=True)
class Samples:
    """Checked arrays of one set of samples: x (n, n_features), y (n, n_targets), weights (n,) or (0,), of one dtype."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def rows(self, chosen: Any) -> Samples:
        """Return some of the samples: a view for a slice, a copy for an array of row numbers."""
        return Samples(self.x[chosen], self.y[chosen], self.weights[chosen] if self.weights.size else self.weights)


@dataclass(frozen=True)
class Rule:
    """What a step minimises and how it changes the parameters.

    Parameters
    ----------
    loss : Loss
    reads : int
        The operation that the loss reads.
    optimizer : Optimizer or None
        Without one, steps compute gradients and change nothing.
    seed : int
        Decides the order of the samples and what random layers draw.
    frozen : frozenset of str
        Names of layers that stay as they are.
    terms : mapping of str to Terms
        Penalties, decay and factors of the learning rate by the layer's name; "" stands for all others.
    penalises_biases : bool
        Whether penalties and weight decay apply to all parameters, not only to weights.
    l2_of_batch : bool
        Whether each step divides the L2 penalty by its batch's weight, as scikit-learn's perceptrons do.
    clip_value, clip_norm : float
        The most that a number of the gradient, and the length of the whole gradient, may be.
    """

    loss: Loss
    reads: int
    optimizer: Optimizer | None = None
    seed: int = 0
    frozen: frozenset[str] = frozenset()
    terms: Mapping[str, Terms] = field(default_factory=dict)
    penalises_biases: bool = False
    l2_of_batch: bool = False
    clip_value: float = inf
    clip_norm: float = inf


def slots_of(rule: Rule) -> int:
    """Return how many numbers the optimizer keeps for each parameter."""
    return updates[rule.optimizer.rule].n_slots if rule.optimizer is not None else 0


def lowered(
    operations: Sequence[Operation], rule: Rule, batch_size: int, gather: bool, weighted: bool, dtype: str
) -> Program:
    """Lower a network for steps of a rule; parameters as of `Stepper`. Nothing is allocated but tables."""
    return lower(
        operations,
        rule.reads,
        batch_size,
        dtype,
        Training(
            loss=rule.loss.row,
            update=updates[rule.optimizer.rule] if rule.optimizer is not None else None,
            gather=gather,
            weighted=weighted,
            n_targets=rule.loss.n_targets(operations[rule.reads].size),
            seed=rule.seed,
            frozen=rule.frozen,
            terms=rule.terms,
            penalises_biases=rule.penalises_biases,
            l2_of_batch=rule.l2_of_batch,
            clip_value=rule.clip_value,
            clip_norm=rule.clip_norm,
        ),
    )


class Stepper:
    """A network lowered for training.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
        Changed in place.
    rule : Rule
    batch_size : int
    gather : bool
        Whether samples are drawn by an order, else read as they lie.
    weighted : bool
        Whether samples carry weights.

    Attributes
    ----------
    dtheta : dtype, (n_theta,)
        The gradient of the last step.
    slots : dtype, (n_slots, width)
        The optimizer's memory; the first n_theta numbers of a row are in use.
    losses : float64, (n_steps, 2)
        The loss and the weight of each batch of the last run, over all its epochs.
    n_updates : int
        Updates so far by this optimizer.

    Raises
    ------
    NotEnoughMemory
        If less is free than its arrays need.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        learnt: Learnt,
        rule: Rule,
        batch_size: int,
        gather: bool,
        weighted: bool,
    ) -> None:
        self.learnt, self.rule, self.batch_size = learnt, rule, batch_size
        self.gather, self.weighted = gather, weighted
        optimizer, dtype = rule.optimizer, learnt.dtype
        self.program: Program = lowered(operations, rule, batch_size, gather, weighted, dtype)
        n_theta, n_slots = learnt.theta.size, slots_of(rule)
        require(memory_of(self.program, operations, rule.reads, learnt, n_slots), batch_size)
        prepare(train_epochs, dtype)
        self.arena = self.program.new_arena()
        self.dtheta = aligned_zeros((n_theta,), dtype, stream=1)
        self.slots = aligned_zeros(slots_shape(n_slots, n_theta, dtype), dtype, stream=2)
        self.n_updates = 0
        self._loss_factors = np.zeros(8, dtype=dtype)
        self._loss_factors[: len(rule.loss.factors())] = rule.loss.factors()
        self._update_settings = np.zeros(8, dtype=dtype)
        if optimizer is not None:
            self._update_settings[: len(optimizer.settings())] = optimizer.settings()
        self._cut_losses = np.zeros(self.program.n_cuts)
        self._norms = np.zeros(len(self.program.slices) * (2 if rule.l2_of_batch else 1))
        self.losses = np.zeros((0, 2))

    def run(
        self,
        team: Team,
        samples: Samples,
        order: np.ndarray,
        learning_rates: np.ndarray,
        deadline: float | None = None,
        n_threads: int | None = None,
        shuffled: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> float:
        """Take a step for each learning rate, a batch of samples after the other; return the seconds it took.

        Parameters
        ----------
        team : Team
            Its ``control[STATUS]`` tells how the run ended.
        samples : Samples
        order : int64, (n,)
            The order in which samples are drawn; empty where they are read as they lie.
        learning_rates : float64, (n_steps,) or (n_epochs, n_steps)
        deadline : float, optional
            Time on `time.perf_counter`'s clock.
        n_threads : int, optional
            Default: the whole team.
        shuffled : tuple of (int64, (n,)) and (int64, (4,)), optional
            Rows that every epoch shuffles anew into `order`, and the state array of the generator for that.
        """
        program, learnt, n_steps = self.program, self.learnt, learning_rates.size
        rows, generator = shuffled or (_NO_ROWS, _NO_DRAWS)
        program.plan[table.FIRST_STEP], program.plan[table.FIRST_UPDATE] = learnt.steps, self.n_updates
        if len(self.losses) != n_steps:
            self.losses = np.zeros((n_steps, 2))
        self._norms[len(program.slices) :] = 0.0
        arguments = (
            program.nodes, program.settings, program.factors, program.slices, program.rates, program.limits,
            program.plan, self._loss_factors, self.arena, learnt.theta, self.dtheta, self.slots, learnt.state,
            samples.x, samples.y, samples.weights, order, self._update_settings, np.atleast_2d(learning_rates),
            self.losses, self._cut_losses, self._norms, team.control, rows, generator,
        )  # fmt: skip
        seconds = team.run(train_epochs, arguments, deadline, n_threads)
        taken = {FINISHED: n_steps, STOPPED: int(team.control[FAILED_STEP])}.get(int(team.control[STATUS]), 0)
        if self.rule.optimizer is not None:
            learnt.steps += taken
            self.n_updates += taken
        return seconds

    def mean_losses(self, n_epochs: int = 1) -> list[float]:
        """Return the mean loss over the batches of each epoch of the last run, each batch with its weight."""
        losses, weights = self.losses.reshape(n_epochs, -1, 2).transpose(2, 0, 1)
        totals = weights.sum(axis=1)
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # a training that diverges is ended where its loss is looked at
            means: list[float] = ((losses * weights).sum(axis=1) / np.where(totals > 0, totals, 1.0)).tolist()
        return means

    def penalty(self) -> float:
        """Return what the penalties add to the loss: ``l1 sum |w| + l2 / 2 sum w^2`` over what is trained."""
        theta, total = self.learnt.theta, 0.0
        for place, l1, l2 in self._penalised:
            values = theta[place].astype(np.float64)
            if l1:
                total += l1 * float(np.abs(values).sum())
            if l2:
                total += l2 / 2 * float(values @ values)
        return total

    @cached_property
    def _penalised(self) -> list[tuple[slice, float, float]]:
        """The parts of theta that are penalised alike, with their L1 and L2; neighbouring slices joined."""
        parts: list[tuple[slice, float, float]] = []
        for row in np.argsort(self.program.slices[:, table.START]):
            start, stop = (int(self.program.slices[row, column]) for column in (table.START, table.STOP_AT))
            l1, l2 = (float(self.program.rates[row, column]) for column in (table.L1, table.L2))
            if parts and parts[-1][0].stop == start and parts[-1][1:] == (l1, l2):
                parts[-1] = slice(parts[-1][0].start, stop), l1, l2
            elif l1 or l2:
                parts.append((slice(start, stop), l1, l2))
        return parts

    def penalty_of_batches(self) -> float:
        """Return the sum over the batches of the last run of the L2 penalty before the step, times the batch's rows.

        Only where the rule has it divided by the batch's weight.
        """
        return float(self._norms[len(self.program.slices) :].sum())

    @property
    def has_penalty(self) -> bool:
        """Whether any parameter is penalised."""
        return bool(self._penalised)

    @contextmanager
    def team(self, n_threads: int | None, n_steps: int) -> Iterator[tuple[Team, Interrupts]]:
        """Call threads together: Ctrl-C asks them to stop at their next step, and BLAS keeps to one thread.

        Parameters
        ----------
        n_threads : int or None
            Default: as many as are free, and of use.
        n_steps : int
            How many steps the first run will be.
        """
        count = min(n_threads or available_threads(), self.program.n_cuts)
        crew = Team(count, expected_seconds(n_steps, self.batch_size, self.learnt.theta.size))
        with crew as team, Interrupts(team.stop) as interrupts, single_threaded_blas():
            yield team, interrupts


def expected_seconds(n_steps: int, batch_size: int, n_parameters: int) -> float:
    """Return a rough guess, rather low, at how long so many steps take on one thread."""
    return n_steps * (2e-6 + 6 * batch_size * n_parameters / 1e11)

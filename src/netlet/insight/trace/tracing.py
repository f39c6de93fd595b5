"""Take one step of a training kernel by kernel, and keep every value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from netlet.errors import TrainingFailed
from netlet.graph import program as table
from netlet.graph.building import Operation as Row
from netlet.insight.trace.formulas import MEMORY
from netlet.insight.trace.naming import ACTIVATION_ROWS, names_of, parameter_name
from netlet.insight.trace.quantity import Ends, Operation, Quantity
from netlet.insight.trace.trace import Trace
from netlet.insight.walk import Walk
from netlet.kernels.blas import single_threaded_blas
from netlet.kernels.compiling import LOSS, address
from netlet.kernels.registry import updates
from netlet.kernels.threads import STATUS
from netlet.training.learnt import Learnt
from netlet.training.loop import FINISHED, LOSS_NOT_FINITE
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.stepper import Rule, Samples, Stepper

_WHOLE = {
    "softmax",
    "prelu",
    "parametric_selu",
    "parametric_mish",
}  # activations whose outputs depend on more than one number


def trace_of(operations: Sequence[Row], learnt: Learnt, samples: Samples, rule: Rule, optimizer: Optimizer) -> Trace:
    """Take the first step of an optimizer with all samples as the batch; nothing of the network is changed.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
    samples : Samples
        Without weights.
    rule : Rule
        With the optimizer.
    optimizer : Optimizer
        That of the rule.

    Returns
    -------
    Trace

    Raises
    ------
    TrainingFailed
        If the loss or a gradient is not finite.
    """
    after = learnt.copy()
    stepper = Stepper(operations, after, rule, len(samples), gather=False, weighted=False)
    plan = stepper.program.plan
    step = (1, int(plan[table.KEY_LOW]), int(plan[table.KEY_HIGH]), learnt.steps, 0)
    walk = Walk(operations, len(operations) - 1, learnt.theta, learnt.state.copy(), step, rule.frozen)
    names = names_of(operations)
    with single_threaded_blas():
        walk.forward(samples.x)
        loss, slope = _loss_of(rule.loss, walk.values[rule.reads], samples.y)
        gradients = walk.backward(slope, rule.reads)
        dtheta = walk.parameter_gradient(gradients)
        steps = [_operation(operations, place, names, walk, rule.frozen) for place in walk.kept[1:]]
    with stepper.team(1, 1) as (team, _):
        stepper.run(team, samples, np.empty(0, np.int64), np.array([optimizer.learning_rate]))
        status = team.control[STATUS]
    if status != FINISHED:
        what = "the loss" if status == LOSS_NOT_FINITE else "a gradient"
        raise TrainingFailed(f"{what} of these samples is not finite, so that there is no step; see X and the weights")

    quantities = [Quantity("X", "input", "input", walk.values[0]), Quantity("Y", "", "target", samples.y)]
    activated = {source for row in operations if row.row in ACTIVATION_ROWS for source in row.sources}
    for place in walk.kept[1:]:
        meaning = "activation" if operations[place].row in ACTIVATION_ROWS else f"what {operations[place].row} gives"
        if place in activated:
            meaning = "pre-activation"
        value = walk.values[place].reshape(len(samples), *operations[place].shape)
        quantities.append(Quantity(names[place], operations[place].layer, meaning, value))
    quantities.append(Quantity("L", "loss", rule.loss.row.name, np.array(loss)))
    for place in sorted(gradients, reverse=True):
        name = names[place]
        value = gradients[place].reshape(len(samples), *(operations[place].shape or (-1,)))
        quantities.append(Quantity(f"d{name}", operations[place].layer, f"gradient dL/d{name}", value))
    for place in walk.kept[1:]:
        if not rule.frozen.isdisjoint(operations[place].names):
            dtheta[operations[place].theta :][: operations[place].n_theta] = 0
    quantities += _of_parameters(operations, walk.kept, names, learnt, after, dtheta, stepper.slots, optimizer.rule)
    row = updates[optimizer.rule]
    ends = Ends(
        rule.loss.row.name, rule.loss.factors(), names[rule.reads], names[-1], optimizer.rule,
        optimizer.learning_rate, optimizer.weight_decay, dict(zip(row.settings, optimizer.settings(), strict=True)),
    )  # fmt: skip
    return Trace(tuple(quantities), tuple(steps), ends)


def _loss_of(loss: Loss, logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean loss of the samples and its gradient with respect to what the loss reads."""
    dtype = logits.dtype
    address(loss.row.kernel, LOSS, str(dtype))
    factors, slope = np.zeros(table.N_SETTINGS, dtype), np.zeros_like(logits)
    factors[: len(loss.factors())] = loss.factors()
    scale = dtype.type(1.0 / len(logits))
    own = np.array(targets, dtype, order="C")  # kernels take no read-only arrays
    return float(loss.row.kernel(logits, own, np.zeros(0, dtype), scale, factors, slope)), slope


def _operation(
    operations: Sequence[Row], place: int, names: list[str], walk: Walk, frozen: frozenset[str]
) -> Operation:
    row = operations[place]
    owner = place if row.shares is None else row.shares
    blocks = tuple(parameter_name(block.name, names[owner]) for block in operations[owner].blocks)
    reads = tuple(names[source] for source in row.sources)
    stays = not frozen.isdisjoint(operations[owner].names)
    found = Operation(row.row, row.layer, reads, names[place], blocks, row.factors, frozen=stays)
    if row.row not in ACTIVATION_ROWS or row.row in _WHOLE:
        return found
    return replace(found, derivative=walk.derivative(place).reshape(-1, *row.shape))


def _of_parameters(
    operations: Sequence[Row],
    kept: Sequence[int],
    names: list[str],
    before: Learnt,
    after: Learnt,
    dtheta: np.ndarray,
    slots: np.ndarray,
    rule: str,
) -> list[Quantity]:
    """Return the parameters, then their gradients, then what the optimizer keeps, their changes and new values."""
    groups: list[list[Quantity]] = [[] for _ in range(4 + len(slots))]
    for place in kept[1:]:
        for block, own in operations[place].places():
            flat = block.n_rows == 1 and not block.is_weight
            shape = (block.width,) if flat else (block.n_rows, block.width)
            name = parameter_name(block.name, names[place])
            code = f"{operations[place].layer}.{block.name}"
            memory = MEMORY.get(rule, ())
            found = [
                (name, "parameter", before.theta[own]),
                (f"d{name}", f"gradient dL/d{name}", dtheta[own]),
                *((f"{kind} {name}", f"memory of {rule}", slots[at][own]) for at, kind in enumerate(memory)),
                (f"change {name}", f"new {name} - {name}", after.theta[own] - before.theta[own]),
                (f"new {name}", "parameter after the step", after.theta[own]),
            ]
            for group, (own_name, meaning, value) in zip(groups, found, strict=True):
                group.append(Quantity(own_name, code, meaning, value.reshape(shape).copy()))
    return [quantity for group in groups for quantity in group]

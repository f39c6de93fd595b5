"""The native loop: one compiled text that runs an epoch of any program, alone or as one thread of a team.

A step has two phases. *Rows*: each thread takes its cuts of the batch through the network, and carries the gradient of the loss
back to the activations. *Parameters*: each thread computes the gradient of its slices of the parameters, from the whole batch,
and updates them while they are warm. A barrier ends each phase. The cuts and slices are the program's, whatever the number of
threads, and each number is written by one thread: so every number of threads gives the same bits.
"""

from __future__ import annotations

import numpy as np

from netlet.graph.program import (
    ADD_DX,
    ADD_DX2,
    BACKWARD_INPUT,
    BACKWARD_PARAMETERS,
    BATCH_SIZE,
    CUT_ROWS,
    DERIVE,
    DERIVED,
    DERIVED_SIZE,
    DX,
    DX2,
    FIRST,
    FIRST_STEP,
    FORWARD,
    GATHER,
    GRADIENT,
    KEY_HIGH,
    KEY_LOW,
    LAST,
    LOSS,
    N_TARGETS,
    NODE,
    SAVED,
    SAVED_SIZE,
    SIZE,
    SOURCE,
    SOURCE2,
    START,
    STATE,
    STATE_SIZE,
    STOP_AT,
    TARGETS,
    THETA,
    THETA_SIZE,
    UPDATE,
    VALUE,
    WEIGHTS,
)
from netlet.kernels.calling import call, call_for_float
from netlet.kernels.compiling import REORDERED, inline, native
from netlet.kernels.memory import matrix, vector
from netlet.kernels.threads import (
    BAD_GRADIENT,
    DECISION,
    FAILED_STEP,
    STATUS,
    STEPS_DONE,
    STOP,
    atomic_load,
    atomic_store,
    barrier,
    flush_denormals,
    restore_denormals,
)

# What a run of the loop ended with.
FINISHED, STOPPED, LOSS_NOT_FINITE, GRADIENT_NOT_FINITE = 0, 1, 2, 3


@inline(returns_view=True)
def rows_of(arena, place, size, first, count):
    """View rows `first` to `first + count` of a value, or no rows' width where the value has no place."""
    return matrix(arena, place + first * size, count, size) if place >= 0 else matrix(arena, 0, count, 0)


@inline(returns_view=True)
def value_of(nodes, node, arena, x, first, count):
    """View rows of a node's value; the input's may lie in the caller's own `x` (rows counted from the batch's start)."""
    if node < 0:
        return matrix(arena, 0, count, 0)
    place, size = nodes[node, VALUE], nodes[node, SIZE]
    return rows_of(arena, place, size, first, count) if place >= 0 else matrix(x, first * size, count, size)


@inline
def gather(source, order, start, target):
    """Copy the rows of `source` (n, m) that `order` names from `start` on to `target` (count, m)."""
    for i in range(target.shape[0]):
        row = order[start + i]
        for j in range(target.shape[1]):
            target[i, j] = source[row, j]


@inline(flags=REORDERED)
def add_to(total, values):
    """Add `values` (n, m) to `total` (n, m)."""
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            total[i, j] += values[i, j]


@inline(flags=REORDERED)
def all_finite(values):
    """Tell whether every number of `values` (n,) is finite: zero times infinity or NaN is NaN."""
    zero = values.dtype.type(0)
    total = zero
    for i in range(values.size):
        total += values[i] * zero
    return total == zero


@inline
def forward_rows(nodes, settings, factors, arena, theta, state, x, first, count, step):
    """Run the forward pass of rows `first` to `first + count` of the batch that begins at x's first row."""
    for node in range(1, nodes.shape[0]):
        row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
        call(
            row[FORWARD],
            (
                value_of(nodes, row[SOURCE], arena, x, first, count),
                value_of(nodes, row[SOURCE2], arena, x, first, count),
                vector(theta, row[THETA], row[THETA_SIZE]),
                rows_of(arena, row[VALUE], row[SIZE], first, count),
                rows_of(arena, row[SAVED], row[SAVED_SIZE], first, count),
                vector(state, row[STATE], row[STATE_SIZE]),
                vector(settings, node * settings.shape[1], settings.shape[1]),
                vector(factors, node * factors.shape[1], factors.shape[1]),
                step,
            ),
        )


@inline
def backward_rows(nodes, settings, factors, arena, theta, x, first, count):
    """Carry the gradient of rows `first` to `first + count` from the last node back to every node that needs it."""
    for node in range(nodes.shape[0] - 1, 0, -1):
        row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
        if row[BACKWARD_INPUT] == 0:
            continue
        width = nodes[row[SOURCE], SIZE]
        width2 = nodes[row[SOURCE2], SIZE] if row[SOURCE2] >= 0 else 0
        dx = rows_of(arena, row[DX], width, first, count)
        dx2 = rows_of(arena, row[DX2], width2, first, count)
        call(
            row[BACKWARD_INPUT],
            (
                rows_of(arena, row[GRADIENT], row[SIZE], first, count),
                value_of(nodes, row[SOURCE], arena, x, first, count),
                value_of(nodes, row[SOURCE2], arena, x, first, count),
                vector(theta, row[THETA], row[THETA_SIZE]),
                vector(arena, row[DERIVED], row[DERIVED_SIZE]),
                rows_of(arena, row[VALUE], row[SIZE], first, count),
                rows_of(arena, row[SAVED], row[SAVED_SIZE], first, count),
                vector(settings, node * settings.shape[1], settings.shape[1]),
                vector(factors, node * factors.shape[1], factors.shape[1]),
                dx,
                dx2,
            ),
        )
        if row[ADD_DX] == 1:
            add_to(rows_of(arena, nodes[row[SOURCE], GRADIENT], width, first, count), dx)
        if row[ADD_DX2] == 1:
            add_to(rows_of(arena, nodes[row[SOURCE2], GRADIENT], width2, first, count), dx2)


@inline
def slice_gradient(nodes, settings, factors, piece, arena, theta, x, count, dtheta):
    """Compute the gradient of one slice of the parameters from a whole batch of `count` rows."""
    node = piece[NODE]
    row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
    call(
        row[BACKWARD_PARAMETERS],
        (
            rows_of(arena, row[GRADIENT], row[SIZE], 0, count),
            value_of(nodes, row[SOURCE], arena, x, 0, count),
            vector(theta, row[THETA], row[THETA_SIZE]),
            rows_of(arena, row[VALUE], row[SIZE], 0, count),
            rows_of(arena, row[SAVED], row[SAVED_SIZE], 0, count),
            vector(settings, node * settings.shape[1], settings.shape[1]),
            vector(factors, node * factors.shape[1], factors.shape[1]),
            piece[FIRST],
            piece[LAST],
            vector(dtheta, piece[START], piece[STOP_AT] - piece[START]),
        ),
    )


@inline
def derive(nodes, settings, factors, arena, theta, node, first, last):
    """Bring up to date what a node derives from rows `first` to `last` of its parameters."""
    row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
    if row[DERIVE] != 0:
        call(
            row[DERIVE],
            (
                vector(theta, row[THETA], row[THETA_SIZE]),
                vector(settings, node * settings.shape[1], settings.shape[1]),
                vector(factors, node * factors.shape[1], factors.shape[1]),
                first,
                last,
                vector(arena, row[DERIVED], row[DERIVED_SIZE]),
            ),
        )


@inline
def total_weight(weights, order, start, count, gathered):
    """Sum the sample weights of a batch; without weights every sample counts 1."""
    if weights.size == 0:
        return float(count)
    total = 0.0
    for i in range(start, start + count):
        total += weights[order[i]] if gathered else weights[i]
    return total


@inline
def train_rows(nodes, settings, factors, plan, loss_factors, arena, theta, state, x, y, weights, order, start, first, count, number, total):
    """Take one cut of a batch forward, through the loss and back; return its part of the loss."""
    width, n_targets = x.shape[1], plan[N_TARGETS]
    if plan[GATHER] == 1:
        gather(x, order, start + first, rows_of(arena, nodes[0, VALUE], width, first, count))
        targets = rows_of(arena, plan[TARGETS], n_targets, first, count)
        gather(y, order, start + first, targets)
        batch = x
    else:
        targets = matrix(y, (start + first) * n_targets, count, n_targets)
        batch = matrix(x, start * width, x.shape[0] - start, width)
    cut_weights = vector(weights, 0, 0)
    if weights.size > 0:
        if plan[GATHER] == 1:
            cut_weights = vector(arena, plan[WEIGHTS] + first, count)
            for i in range(count):
                cut_weights[i] = weights[order[start + first + i]]
        else:
            cut_weights = vector(weights, start + first, count)
    forward_rows(
        nodes, settings, factors, arena, theta, state, batch, first, count,
        (1, plan[KEY_LOW], plan[KEY_HIGH], number, first),
    )  # fmt: skip
    output = vector(nodes, (nodes.shape[0] - 1) * nodes.shape[1], nodes.shape[1])
    loss = call_for_float(
        plan[LOSS],
        (
            rows_of(arena, output[VALUE], output[SIZE], first, count),
            targets,
            cut_weights,
            theta.dtype.type(1.0 / total if total > 0.0 else 0.0),
            loss_factors,
            rows_of(arena, output[GRADIENT], output[SIZE], first, count),
        ),
    )
    backward_rows(nodes, settings, factors, arena, theta, batch, first, count)
    return loss


@inline
def train_steps(
    thread, n_threads, nodes, settings, factors, slices, plan, loss_factors, arena, theta, dtheta, slots, state,
    x, y, weights, order, update_settings, learning_rates, losses, cut_losses, control,
):  # fmt: skip
    """Run the steps of `train_epoch`."""
    n_samples, batch_size, cut_rows = x.shape[0], plan[BATCH_SIZE], plan[CUT_ROWS]
    for node in range(thread + 1, nodes.shape[0], n_threads):
        derive(nodes, settings, factors, arena, theta, node, 0, nodes[node, THETA_SIZE])
    barrier(control, n_threads)
    for step in range(learning_rates.size):
        start = step * batch_size
        count = min(batch_size, n_samples - start)
        number = plan[FIRST_STEP] + step
        if thread == 0:
            atomic_store(control, DECISION, atomic_load(control, STOP))
        total = total_weight(weights, order, start, count, plan[GATHER] == 1)

        n_cuts = (count + cut_rows - 1) // cut_rows
        for cut in range(thread, n_cuts, n_threads):
            first = cut * cut_rows
            cut_losses[cut] = train_rows(
                nodes, settings, factors, plan, loss_factors, arena, theta, state, x, y, weights, order,
                start, first, min(cut_rows, count - first), number, total,
            )  # fmt: skip
        barrier(control, n_threads)

        loss = 0.0
        for cut in range(n_cuts):
            loss += cut_losses[cut]
        stop = atomic_load(control, DECISION) != 0
        if stop or not np.isfinite(loss):
            if thread == 0:
                atomic_store(control, STATUS, STOPPED if stop else LOSS_NOT_FINITE)
                atomic_store(control, FAILED_STEP, step)
            return

        batch = matrix(x, start * x.shape[1], n_samples - start, x.shape[1])
        for i in range(thread, slices.shape[0], n_threads):
            piece = vector(slices, i * slices.shape[1], slices.shape[1])
            slice_gradient(nodes, settings, factors, piece, arena, theta, batch, count, dtheta)
            place, size = piece[START], piece[STOP_AT] - piece[START]
            piece_gradient = vector(dtheta, place, size)
            if not all_finite(piece_gradient):
                atomic_store(control, BAD_GRADIENT, piece[NODE])
                continue
            width = slots.shape[1]
            call(
                plan[UPDATE],
                (
                    vector(theta, place, size),
                    piece_gradient,
                    vector(slots, place, size if slots.shape[0] > 0 else 0),
                    vector(slots, width + place, size if slots.shape[0] > 1 else 0),
                    vector(slots, 2 * width + place, size if slots.shape[0] > 2 else 0),
                    update_settings,
                    learning_rates[step],
                    number + 1,
                ),
            )
            derive(nodes, settings, factors, arena, theta, piece[NODE], piece[FIRST], piece[LAST])
        barrier(control, n_threads)

        if atomic_load(control, BAD_GRADIENT) != 0:
            if thread == 0:
                atomic_store(control, STATUS, GRADIENT_NOT_FINITE)
                atomic_store(control, FAILED_STEP, step)
            return
        if thread == 0:
            losses[step, 0] = loss
            losses[step, 1] = total
            atomic_store(control, STEPS_DONE, step + 1)


def _train_signature(real):
    from numba import types

    table, numbers = types.Array(types.int64, 2, "C"), types.Array(types.int64, 1, "C")
    matrix_, vector_ = types.Array(real, 2, "C"), types.Array(real, 1, "C")
    doubles, double = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
    return types.void(
        types.int64, types.int64, table, table, matrix_, table, numbers, vector_, vector_, vector_, vector_, matrix_, vector_,
        matrix_, matrix_, vector_, numbers, vector_, doubles, double, doubles, numbers,
    )  # fmt: skip


@native(_train_signature)
def train_epoch(
    thread, n_threads, nodes, settings, factors, slices, plan, loss_factors, arena, theta, dtheta, slots, state,
    x, y, weights, order, update_settings, learning_rates, losses, cut_losses, control,
):  # fmt: skip
    """Train one epoch as thread `thread` of `n_threads`, all of which are given the same arrays.

    Parameters
    ----------
    thread, n_threads : int
    nodes, settings, factors, slices, plan
        The program.
    loss_factors, update_settings : dtype, (8,)
    arena : dtype, (arena_size,)
    theta, dtheta : dtype, (n_theta,)
        Parameters, changed in place, and room for their gradient.
    slots : dtype, (3, n_theta) or (k, n_theta) with k >= the rule's slots
        The optimizer's memory, changed in place. Unused slots may be of no width.
    state : dtype, (state_size,)
    x : dtype, (n_samples, n_features)
    y : dtype, (n_samples, n_targets)
    weights : dtype, (n_samples,) or (0,)
    order : int64, (n_samples,) or (0,)
        The order in which the samples are drawn; empty where the program reads them as they lie.
    learning_rates : float64, (n_steps,)
    losses : float64, (n_steps, 2)
        Filled with each batch's loss and weight.
    cut_losses : float64, (n_cuts,)
    control : int64, (CONTROL_SIZE,)
        The team's atomic numbers; STATUS, FAILED_STEP, BAD_GRADIENT (node) and STEPS_DONE are the outcome.
    """
    mode = flush_denormals()
    train_steps(
        thread, n_threads, nodes, settings, factors, slices, plan, loss_factors, arena, theta, dtheta, slots, state,
        x, y, weights, order, update_settings, learning_rates, losses, cut_losses, control,
    )  # fmt: skip
    restore_denormals(mode)


def _predict_signature(real):
    from numba import types

    table, numbers = types.Array(types.int64, 2, "C"), types.Array(types.int64, 1, "C")
    matrix_, vector_ = types.Array(real, 2, "C"), types.Array(real, 1, "C")
    return types.void(table, table, matrix_, numbers, vector_, vector_, vector_, matrix_, matrix_, types.int64, types.int64, numbers)


@native(_predict_signature)
def predict_rows(nodes, settings, factors, plan, arena, theta, state, x, out, first, stop, control):
    """Compute the outputs `out` (n_samples, n_outputs) of rows `first` to `stop` of x, a block of the arena's rows at a time."""
    output = vector(nodes, (nodes.shape[0] - 1) * nodes.shape[1], nodes.shape[1])
    width = x.shape[1]
    for start in range(first, stop, plan[BATCH_SIZE]):
        if atomic_load(control, STOP) != 0:
            return
        count = min(plan[BATCH_SIZE], stop - start)
        batch = matrix(x, start * width, count, width)
        forward_rows(nodes, settings, factors, arena, theta, state, batch, 0, count, (0, 0, 0, 0, 0))
        y = rows_of(arena, output[VALUE], output[SIZE], 0, count)
        for i in range(count):
            for j in range(y.shape[1]):
                out[start + i, j] = y[i, j]

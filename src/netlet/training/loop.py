"""The native loop: one compiled text that runs epochs of any program, alone or as one thread of a team.

A step has two phases. *Rows*: each thread takes its cuts of the batch through the network, and carries the gradient of
the loss back to the activations. *Parameters*: each thread computes the gradient of its slices of the parameters, from
the whole batch, and updates them while they are warm. A barrier ends each phase. The cuts and slices are the program's,
whatever the number of threads, and each number is written by one thread: so every number of threads gives the same
bits.
"""

from __future__ import annotations

import numpy as np

from netlet.graph import program as table
from netlet.kernels.calling import call, call_for_float
from netlet.kernels.compiling import inline, native
from netlet.kernels.memory import matrix, vector
from netlet.kernels.random import COUNT as BLOCKS_DRAWN
from netlet.kernels.random import shuffle
from netlet.kernels.threads import (
    BAD_GRADIENT,
    DECISION,
    FAILED_STEP,
    STATUS,
    STOP,
    atomic_load,
    atomic_store,
    barrier,
    flush_denormals,
    restore_denormals,
)
from netlet.training.passes import (
    all_finite,
    backward_rows,
    derive,
    forward_rows,
    gather,
    length,
    rows_of,
    slice_gradient,
    sum_of_squares,
    total_weight,
)

# An update runs nearly three times as fast where it begins at a cache line (of float32), so a part line is done apart.
_NUMBERS_IN_LINE = 16

EPOCH_BITS = 32  # a generator's count of blocks leaves so many bits to the draws of one epoch

# What a run of the loop ended with.
FINISHED, STOPPED, LOSS_NOT_FINITE, GRADIENT_NOT_FINITE = 0, 1, 2, 3


@inline
def train_rows(
    nodes, settings, factors, plan, loss_factors, arena, theta, state, x, y, weights, order, start, first, count,
    number, total,
):  # fmt: skip
    """Take one cut of a batch forward, through the loss and back; return its part of the loss."""
    width, n_targets = x.shape[1], plan[table.N_TARGETS]
    if plan[table.GATHER] == 1:
        gather(x, order, start + first, rows_of(arena, nodes[0, table.VALUE], width, first, count))
        targets = rows_of(arena, plan[table.TARGETS], n_targets, first, count)
        gather(y, order, start + first, targets)
        batch = x
    else:
        targets = matrix(y, (start + first) * n_targets, count, n_targets)
        batch = matrix(x, start * width, x.shape[0] - start, width)
    cut_weights = vector(weights, 0, 0)
    if weights.size > 0:
        if plan[table.GATHER] == 1:
            cut_weights = vector(arena, plan[table.WEIGHTS] + first, count)
            for i in range(count):
                cut_weights[i] = weights[order[start + first + i]]
        else:
            cut_weights = vector(weights, start + first, count)
    forward_rows(
        nodes, settings, factors, arena, theta, state, batch, first, count,
        (1, plan[table.KEY_LOW], plan[table.KEY_HIGH], number, first),
    )  # fmt: skip
    output = vector(nodes, (nodes.shape[0] - 1) * nodes.shape[1], nodes.shape[1])
    loss = call_for_float(
        plan[table.LOSS],
        (
            rows_of(arena, output[table.VALUE], output[table.SIZE], first, count),
            targets,
            cut_weights,
            theta.dtype.type(1.0 / total if total > 0.0 else 0.0),
            loss_factors,
            rows_of(arena, output[table.GRADIENT], output[table.SIZE], first, count),
        ),
    )
    backward_rows(nodes, settings, factors, arena, theta, batch, first, count)
    return loss


@inline
def update(plan, theta, dtheta, slots, update_settings, piece, rate, number):
    """Update one slice of the parameters by the optimizer's rule."""
    first, end, width = piece[table.START], piece[table.STOP_AT], slots.shape[1]
    whole_lines = min(-(-first // _NUMBERS_IN_LINE) * _NUMBERS_IN_LINE, end)
    for last in (whole_lines, end):
        n = last - first
        if n > 0:
            call(
                plan[table.UPDATE],
                (
                    vector(theta, first, n),
                    vector(dtheta, first, n),
                    vector(slots, first, n if slots.shape[0] > 0 else 0),
                    vector(slots, width + first, n if slots.shape[0] > 1 else 0),
                    vector(slots, 2 * width + first, n if slots.shape[0] > 2 else 0),
                    update_settings,
                    rate,
                    number,
                ),
            )
        first = last


@inline
def adjust(address, theta, dtheta, piece, amount):
    """Change one slice of the gradient or the parameters by an adjustment, if there is one."""
    if address != 0 and amount != 0.0:
        first, n = piece[table.START], piece[table.STOP_AT] - piece[table.START]
        call(address, (vector(theta, first, n), vector(dtheta, first, n), amount))


@inline
def set_dropout(nodes, factors, share):
    """Set every dropout rate to the layer's own, times `share`."""
    for node in range(1, nodes.shape[0]):
        if nodes[node, table.DROPS] == 1:
            factors[node, 0] = factors[node, factors.shape[1] - 1] * factors.dtype.type(share)


@inline
def slice_update(
    nodes, settings, factors, piece, rates, plan, arena, theta, dtheta, slots, update_settings, rate, decay, number
):
    """Update one slice of the parameters: decay, the optimizer's rule, shrinking; then what is derived from them."""
    rate *= rates[table.RATE_FACTOR]
    adjust(plan[table.DECAY], theta, dtheta, piece, rate * rates[table.WEIGHT_DECAY] * decay)
    update(plan, theta, dtheta, slots, update_settings, piece, rate, number)
    adjust(plan[table.SHRINK], theta, dtheta, piece, rate * rates[table.SHRINKAGE])
    derive(nodes, settings, factors, arena, theta, piece[table.NODE], piece[table.FIRST], piece[table.LAST])


@inline
def train_steps(
    thread, n_threads, nodes, settings, factors, slices, rates, limits, plan, loss_factors, arena, theta, dtheta,
    slots, state, x, y, weights, order, update_settings, learning_rates, course, losses, cut_losses, norms, control,
    done,
):  # fmt: skip
    """Run the steps of one epoch of `train_epochs`, of which `done` steps were taken before."""
    # An order may leave out samples, as those for validation.
    n_samples = order.size if plan[table.GATHER] == 1 else x.shape[0]
    batch_size, cut_rows = plan[table.BATCH_SIZE], plan[table.CUT_ROWS]
    updates, limits_norm = plan[table.UPDATE] != 0, plan[table.SCALE] != 0
    for node in range(thread + 1, nodes.shape[0], n_threads):
        derive(nodes, settings, factors, arena, theta, node, 0, nodes[node, table.THETA_SIZE])
    if thread == 0:
        set_dropout(nodes, factors, course[0, table.COURSE_OF_DROPOUT])
    barrier(control, n_threads)
    for step in range(learning_rates.size):
        start = step * batch_size
        count = min(batch_size, n_samples - start)
        if thread == 0:
            atomic_store(control, DECISION, atomic_load(control, STOP))
        total = total_weight(weights, order, start, count, plan[table.GATHER] == 1)

        n_cuts = (count + cut_rows - 1) // cut_rows
        for cut in range(thread, n_cuts, n_threads):
            first = cut * cut_rows
            cut_losses[cut] = train_rows(
                nodes, settings, factors, plan, loss_factors, arena, theta, state, x, y, weights, order,
                start, first, min(cut_rows, count - first), plan[table.FIRST_STEP] + done + step, total,
            )  # fmt: skip
        barrier(control, n_threads)

        loss = 0.0
        for cut in range(n_cuts):
            loss += cut_losses[cut]
        stop = atomic_load(control, DECISION) != 0
        if stop or not np.isfinite(loss):
            if thread == 0:
                atomic_store(control, STATUS, STOPPED if np.isfinite(loss) else LOSS_NOT_FINITE)
                atomic_store(control, FAILED_STEP, step)
            return

        # No thread reads a dropout rate again before the barrier at the end of the step.
        if thread == 0 and step + 1 < learning_rates.size:
            set_dropout(nodes, factors, course[step + 1, table.COURSE_OF_DROPOUT])
        batch = matrix(x, start * x.shape[1], n_samples - start, x.shape[1])
        # Where the gradient's whole length is limited, the slices are gone through twice: it is known only once every
        # slice has been summed.
        for turn in range(2 if limits_norm else 1):
            norm = length(vector(norms, 0, slices.shape[0])) if turn == 1 else 0.0
            for i in range(thread, slices.shape[0], n_threads):
                piece = vector(slices, i * slices.shape[1], slices.shape[1])
                own_rates = vector(rates, i * rates.shape[1], rates.shape[1])
                if turn == 0:
                    slice_gradient(nodes, settings, factors, piece, arena, theta, batch, count, dtheta)
                    gradient = vector(dtheta, piece[table.START], piece[table.STOP_AT] - piece[table.START])
                    if not all_finite(gradient):
                        atomic_store(control, BAD_GRADIENT, piece[table.NODE])
                        continue
                    l2 = own_rates[table.L2]
                    if plan[table.L2_OF_BATCH] == 1 and l2 != 0.0:
                        l2 = l2 / total if total > 0.0 else 0.0
                        own_theta = vector(theta, piece[table.START], gradient.size)
                        norms[slices.shape[0] + i] += 0.5 * l2 * count * sum_of_squares(own_theta)
                    adjust(plan[table.ADD_L2], theta, dtheta, piece, l2)
                    adjust(plan[table.CLIP], theta, dtheta, piece, limits[table.MOST_VALUE])
                    if limits_norm:
                        norms[i] = sum_of_squares(gradient)
                        continue
                elif norm > limits[table.MOST_NORM]:
                    adjust(plan[table.SCALE], theta, dtheta, piece, limits[table.MOST_NORM] / norm)
                if updates:
                    slice_update(
                        nodes, settings, factors, piece, own_rates, plan, arena, theta, dtheta, slots,
                        update_settings, learning_rates[step], course[step, table.COURSE_OF_DECAY],
                        plan[table.FIRST_UPDATE] + done + step + 1,
                    )  # fmt: skip
            barrier(control, n_threads)
            if atomic_load(control, BAD_GRADIENT) != 0:
                if thread == 0:
                    atomic_store(control, STATUS, GRADIENT_NOT_FINITE)
                    atomic_store(control, FAILED_STEP, step)
                return
        if thread == 0:
            losses[step, 0] = loss
            losses[step, 1] = total


@inline
def draw_order(order, rows, generator):
    """Shuffle `rows` into `order`, by the generator's draws for the next epoch."""
    for i in range(order.size):
        order[i] = rows[i]
    generator[BLOCKS_DRAWN] = ((generator[BLOCKS_DRAWN] >> EPOCH_BITS) + 1) << EPOCH_BITS
    shuffle(order, generator)


def _train_signature(real):
    from numba import types

    table, numbers = types.Array(types.int64, 2, "C"), types.Array(types.int64, 1, "C")
    matrix_, vector_ = types.Array(real, 2, "C"), types.Array(real, 1, "C")
    doubles, double = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
    return types.void(
        types.int64, types.int64, table, table, matrix_, table, double, doubles, numbers, vector_, vector_, vector_,
        vector_, matrix_, vector_, matrix_, matrix_, vector_, numbers, vector_, double, double, double, doubles,
        doubles, numbers, numbers, numbers,
    )  # fmt: skip


@native(_train_signature)
def train_epochs(
    thread, n_threads, nodes, settings, factors, slices, rates, limits, plan, loss_factors, arena, theta, dtheta,
    slots, state, x, y, weights, order, update_settings, learning_rates, course, losses, cut_losses, norms, control,
    rows, generator,
):  # fmt: skip
    """Train some epochs as thread `thread` of `n_threads`, all of which are given the same arrays.

    Parameters
    ----------
    thread, n_threads : int
    nodes, settings, factors, slices, rates, limits, plan
        The program; of the factors the dropout rates are set anew for each step.
    loss_factors, update_settings : dtype, (8,)
    arena : dtype, (arena_size,)
    theta, dtheta : dtype, (n_theta,)
        Parameters, changed in place, and room for their gradient.
    slots : dtype, (n_slots, width) with width >= n_theta
        The optimizer's memory, changed in place; the first n_theta numbers of a row are in use.
    state : dtype, (state_size,)
    x : dtype, (n_samples, n_features)
    y : dtype, (n_samples, n_targets)
    weights : dtype, (n_samples,) or (0,)
    order : int64, (n_samples,) or (0,)
        The order in which the samples are drawn; empty where the program reads them as they lie.
    learning_rates : float64, (n_epochs, n_steps)
    course : float64, (n_epochs * n_steps, 2)
        By what each step's weight decay and dropout rates are multiplied.
    losses : float64, (n_epochs * n_steps, 2)
        Filled with each batch's loss and weight.
    cut_losses : float64, (n_cuts,)
    norms : float64, (n_slices,) or (2 n_slices,)
        Room for the sums of the slices' squares; where the L2 penalty is divided by the batch's weight, then those of
        the penalties before each step, times the batch's rows.
    control : int64, (CONTROL_SIZE,)
        The team's atomic numbers; STATUS, FAILED_STEP (over all epochs) and BAD_GRADIENT (a node) are the outcome.
    rows : int64, (n_samples,) or (0,)
        The samples in their own order, which every epoch is shuffled anew into `order`; empty where that stays.
    generator : int64, (4,)
        State array of the shuffling; its count of blocks is set to the beginning of the next epoch's draws each time.
    """
    mode = flush_denormals()
    n_epochs, n_steps = learning_rates.shape
    for epoch in range(n_epochs):
        if rows.size > 0:
            if thread == 0:
                draw_order(order, rows, generator)
            barrier(control, n_threads)
        done = epoch * n_steps
        train_steps(
            thread, n_threads, nodes, settings, factors, slices, rates, limits, plan, loss_factors, arena, theta,
            dtheta, slots, state, x, y, weights, order, update_settings, vector(learning_rates, done, n_steps),
            matrix(course, table.N_COURSE_COLUMNS * done, n_steps, table.N_COURSE_COLUMNS),
            matrix(losses, 2 * done, n_steps, 2), cut_losses, norms, control, done,
        )  # fmt: skip
        barrier(control, n_threads)
        if atomic_load(control, STATUS) != FINISHED:
            if thread == 0:
                atomic_store(control, FAILED_STEP, atomic_load(control, FAILED_STEP) + done)
            break
    restore_denormals(mode)


def _predict_signature(real):
    from numba import types

    table, numbers = types.Array(types.int64, 2, "C"), types.Array(types.int64, 1, "C")
    matrix_, vector_ = types.Array(real, 2, "C"), types.Array(real, 1, "C")
    return types.void(
        table, table, matrix_, numbers, vector_, vector_, vector_, matrix_, matrix_, types.int64, types.int64, numbers
    )


@native(_predict_signature)
def predict_rows(nodes, settings, factors, plan, arena, theta, state, x, out, first, stop, control):
    """Compute `out` (n_samples, n_outputs) for rows `first` to `stop` of x, a block of the arena's rows at a time."""
    output = vector(nodes, (nodes.shape[0] - 1) * nodes.shape[1], nodes.shape[1])
    width = x.shape[1]
    for start in range(first, stop, plan[table.BATCH_SIZE]):
        if atomic_load(control, STOP) != 0:
            return
        count = min(plan[table.BATCH_SIZE], stop - start)
        batch = matrix(x, start * width, count, width)
        forward_rows(nodes, settings, factors, arena, theta, state, batch, 0, count, (0, 0, 0, 0, 0))
        y = rows_of(arena, output[table.VALUE], output[table.SIZE], 0, count)
        for i in range(count):
            for j in range(y.shape[1]):
                out[start + i, j] = y[i, j]

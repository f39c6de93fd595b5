"""The two passes over a program: forward through its nodes, backward through them, for some rows of a batch.

These are the pieces of the native loop: each walks the program's tables, finds where the values lie and calls the
kernels.
"""

from __future__ import annotations

import numpy as np

from netlet.graph import program as table
from netlet.kernels.calling import call
from netlet.kernels.compiling import REORDERED, inline
from netlet.kernels.memory import matrix, vector


@inline(returns_view=True)
def rows_of(arena, place, size, first, count):
    """View rows `first` to `first + count` of a value, or no rows' width where the value has no place."""
    return matrix(arena, place + first * size, count, size) if place >= 0 else matrix(arena, 0, count, 0)


@inline(returns_view=True)
def value_of(nodes, node, arena, x, first, count):
    """View rows of a node's value; the input's may lie in the caller's own `x` (counted from the batch's start)."""
    if node < 0:
        return matrix(arena, 0, count, 0)
    place, size = nodes[node, table.VALUE], nodes[node, table.SIZE]
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


@inline(flags=REORDERED)
def sum_of_squares(values):
    """Sum the squares of `values` (n,), in double precision."""
    total = 0.0
    for i in range(values.size):
        total += float(values[i]) * float(values[i])
    return total


@inline
def length(squares):
    """Return the root of the sum of `squares` (n,), in their order."""
    total = 0.0
    for i in range(squares.size):
        total += squares[i]
    return np.sqrt(total)


@inline
def forward_rows(nodes, settings, factors, arena, theta, state, x, first, count, step):
    """Run the forward pass of rows `first` to `first + count` of the batch that begins at x's first row."""
    for node in range(1, nodes.shape[0]):
        row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
        call(
            row[table.FORWARD],
            (
                value_of(nodes, row[table.SOURCE], arena, x, first, count),
                value_of(nodes, row[table.SOURCE2], arena, x, first, count),
                vector(theta, row[table.THETA], row[table.THETA_SIZE]),
                rows_of(arena, row[table.VALUE], row[table.SIZE], first, count),
                rows_of(arena, row[table.SAVED], row[table.SAVED_SIZE], first, count),
                vector(state, row[table.STATE], row[table.STATE_SIZE]),
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
        if row[table.BACKWARD_INPUT] == 0:
            continue
        width = nodes[row[table.SOURCE], table.SIZE]
        width2 = nodes[row[table.SOURCE2], table.SIZE] if row[table.SOURCE2] >= 0 else 0
        dx = rows_of(arena, row[table.DX], width, first, count)
        dx2 = rows_of(arena, row[table.DX2], width2, first, count)
        call(
            row[table.BACKWARD_INPUT],
            (
                rows_of(arena, row[table.GRADIENT], row[table.SIZE], first, count),
                value_of(nodes, row[table.SOURCE], arena, x, first, count),
                value_of(nodes, row[table.SOURCE2], arena, x, first, count),
                vector(theta, row[table.THETA], row[table.THETA_SIZE]),
                vector(arena, row[table.DERIVED], row[table.DERIVED_SIZE]),
                rows_of(arena, row[table.VALUE], row[table.SIZE], first, count),
                rows_of(arena, row[table.SAVED], row[table.SAVED_SIZE], first, count),
                vector(settings, node * settings.shape[1], settings.shape[1]),
                vector(factors, node * factors.shape[1], factors.shape[1]),
                dx,
                dx2,
            ),
        )
        if row[table.ADD_DX] == 1:
            add_to(rows_of(arena, nodes[row[table.SOURCE], table.GRADIENT], width, first, count), dx)
        if row[table.ADD_DX2] == 1:
            add_to(rows_of(arena, nodes[row[table.SOURCE2], table.GRADIENT], width2, first, count), dx2)


@inline
def _gradient_by(node, nodes, settings, factors, piece, arena, theta, x, count, gradient):
    row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
    call(
        row[table.BACKWARD_PARAMETERS],
        (
            rows_of(arena, row[table.GRADIENT], row[table.SIZE], 0, count),
            value_of(nodes, row[table.SOURCE], arena, x, 0, count),
            vector(theta, row[table.THETA], row[table.THETA_SIZE]),
            rows_of(arena, row[table.VALUE], row[table.SIZE], 0, count),
            rows_of(arena, row[table.SAVED], row[table.SAVED_SIZE], 0, count),
            vector(settings, node * settings.shape[1], settings.shape[1]),
            vector(factors, node * factors.shape[1], factors.shape[1]),
            piece[table.FIRST],
            piece[table.LAST],
            gradient,
        ),
    )


@inline
def slice_gradient(nodes, settings, factors, piece, arena, theta, x, count, dtheta):
    """Compute the gradient of one slice of the parameters from a whole batch of `count` rows."""
    size = piece[table.STOP_AT] - piece[table.START]
    gradient = vector(dtheta, piece[table.START], size)
    _gradient_by(piece[table.NODE], nodes, settings, factors, piece, arena, theta, x, count, gradient)
    if piece[table.SECOND_NODE] >= 0:
        second = vector(arena, piece[table.SECOND_GRADIENT], size)
        _gradient_by(piece[table.SECOND_NODE], nodes, settings, factors, piece, arena, theta, x, count, second)
        for j in range(size):
            gradient[j] += second[j]


@inline
def derive(nodes, settings, factors, arena, theta, node, first, last):
    """Bring up to date what a node derives from rows `first` to `last` of its parameters."""
    row = vector(nodes, node * nodes.shape[1], nodes.shape[1])
    if row[table.DERIVE] != 0:
        call(
            row[table.DERIVE],
            (
                vector(theta, row[table.THETA], row[table.THETA_SIZE]),
                vector(settings, node * settings.shape[1], settings.shape[1]),
                vector(factors, node * factors.shape[1], factors.shape[1]),
                first,
                last,
                vector(arena, row[table.DERIVED], row[table.DERIVED_SIZE]),
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

"""Runs of neighbouring numbers of flat arrays, such as the channels of a place: copied, added, filled.

What is left over after the whole `lanes` is done by a loop over a view: its index is not negative, so that Numba does
not ask for each number whether it counts from the end.
"""

from netlet.kernels.compiling import inline
from netlet.kernels.lanes import (
    LANES,
    add_lanes,
    add_multiple_of_lanes,
    add_product_of_lanes,
    copy_lanes,
    load_lanes,
    multiply_add,
    spread_lanes,
    store_lanes,
)
from netlet.kernels.memory import vector


@inline(always=True)
def copy_run(x, source, y, target, n):
    """Copy n numbers of `x` from `source` on to `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        copy_lanes(x, source + first, y, target + first)
    read, written = vector(x, source + whole, n - whole), vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] = read[j]


@inline(always=True)
def copy_at_least(x, source, y, target, n):
    """Copy n numbers of `x` to `y`, and up to ``LANES - 1`` more: the caller sees to it that there are as many."""
    for first in range(0, n, LANES):
        copy_lanes(x, source + first, y, target + first)


@inline(always=True)
def add_run(x, source, y, target, n):
    """Add n numbers of `x` from `source` on to those of `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        add_lanes(x, source + first, y, target + first)
    read, written = vector(x, source + whole, n - whole), vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] += read[j]


@inline(always=True)
def add_multiple(x, source, factor, y, target, n):
    """Add n numbers of `x` from `source` on, times `factor`, to those of `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        add_multiple_of_lanes(x, source + first, factor, y, target + first)
    read, written = vector(x, source + whole, n - whole), vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] += factor * read[j]


@inline(always=True)
def add_products(x, source, w, place, y, target, n):
    """Add n products of `x` from `source` on with `w` from `place` on to the numbers of `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        add_product_of_lanes(x, source + first, w, place + first, y, target + first)
    read, times = vector(x, source + whole, n - whole), vector(w, place + whole, n - whole)
    written = vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] += read[j] * times[j]


@inline(always=True)
def fill_run(value, y, target, n):
    """Set n numbers of `y` from `target` on to `value`."""
    written = vector(y, target, n)
    for j in range(n):
        written[j] = value


@inline
def repeat_run(x, source, y, n_rows, n):
    """Set each of the first `n_rows` rows of `y` to n numbers of `x` from `source` on."""
    for i in range(n_rows):
        copy_run(x, source, y, i * n, n)


@inline
def sum_of_runs(x, n_rows, n, total):
    """Set `total` (n,) to the sum of the first `n_rows` rows of `x`, each of n numbers."""
    zero, one, whole = x.dtype.type(0), x.dtype.type(1), n // LANES * LANES
    for first in range(0, whole, LANES):
        lanes = spread_lanes(zero)
        for i in range(n_rows):
            lanes = multiply_add(one, load_lanes(x, i * n + first), lanes)
        store_lanes(lanes, total, first)
    rest = vector(total, whole, n - whole)
    for j in range(n - whole):
        rest[j] = zero
    for i in range(n_rows):
        part = vector(x, i * n + whole, n - whole)
        for j in range(n - whole):
            rest[j] += part[j]

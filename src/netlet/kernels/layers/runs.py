"""Short runs of neighbouring numbers, such as the channels of a place: copied, added, filled.

They are many and short, 8 or 16 numbers often, where the loop's beginning and end would cost more than its middle: so
`LANES` numbers at a time are done by a loop of fixed length. The arrays are `distinct`, so that it needs no check.
A run is a view: its index is not negative, and Numba asks no more for each number whether it counts from the end.
"""

from netlet.kernels.compiling import inline
from netlet.kernels.memory import vector

LANES = 8


@inline(always=True)
def copy_run(x, source, y, target, n):
    """Copy n numbers of `x` from `source` on to `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        read, written = vector(x, source + first, LANES), vector(y, target + first, LANES)
        for j in range(LANES):
            written[j] = read[j]
    read, written = vector(x, source + whole, n - whole), vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] = read[j]


@inline(always=True)
def copy_at_least(x, source, y, target, n):
    """Copy n numbers of `x` to `y`, and up to ``LANES - 1`` more: the caller sees to it that there are as many."""
    for first in range(0, n, LANES):
        read, written = vector(x, source + first, LANES), vector(y, target + first, LANES)
        for j in range(LANES):
            written[j] = read[j]


@inline(always=True)
def add_run(x, source, y, target, n):
    """Add n numbers of `x` from `source` on to those of `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        read, written = vector(x, source + first, LANES), vector(y, target + first, LANES)
        for j in range(LANES):
            written[j] += read[j]
    read, written = vector(x, source + whole, n - whole), vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] += read[j]


@inline(always=True)
def add_multiple(x, source, factor, y, target, n):
    """Add n numbers of `x` from `source` on, times `factor`, to those of `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        read, written = vector(x, source + first, LANES), vector(y, target + first, LANES)
        for j in range(LANES):
            written[j] += factor * read[j]
    read, written = vector(x, source + whole, n - whole), vector(y, target + whole, n - whole)
    for j in range(n - whole):
        written[j] += factor * read[j]


@inline(always=True)
def add_products(x, source, w, place, y, target, n):
    """Add n products of `x` from `source` on with `w` from `place` on to the numbers of `y` from `target` on."""
    whole = n // LANES * LANES
    for first in range(0, whole, LANES):
        read, times = vector(x, source + first, LANES), vector(w, place + first, LANES)
        written = vector(y, target + first, LANES)
        for j in range(LANES):
            written[j] += read[j] * times[j]
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
    zero, whole = x.dtype.type(0), n // LANES * LANES
    fill_run(zero, total, 0, n)
    for first in range(0, whole, LANES):
        written = vector(total, first, LANES)
        for i in range(n_rows):
            read = vector(x, i * n + first, LANES)
            for j in range(LANES):
                written[j] += read[j]
    written = vector(total, whole, n - whole)
    for i in range(n_rows):
        read = vector(x, i * n + whole, n - whole)
        for j in range(n - whole):
            written[j] += read[j]

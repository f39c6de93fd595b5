"""Piecewise-linear embedding of numbers: each feature is cut into bins of its own, and goes on beside what they give.

    u_jt = (x_j - b_jt) / (b_j,t+1 - b_jt)        j < m, t < bins
    c_jt = u_jt clipped to 0 .. 1; below the first edge the first bin's, beyond the last the last one's is u_jt itself
    y_0j = x_j        y_ej = sum_t c_jt w_ejt        0 < e < size
    g_jt = 1 / (b_j,t+1 - b_jt) where x_j lies in bin t, else 0
    dx_j = dy_0j + sum_t g_jt sum_e dy_ej w_ejt        dw_ejt = sum_i dy_iej c_ijt

| array | shape | |
|---|---|---|
| x, dx | (n, m) | a feature in each column |
| y, dy | (n, size * m) | y_0 of all features, then y_1 of all ... |
| saved | (n, 2 * m * bins) | c by feature, then g |
| theta | ((size - 1) * m, bins) | w by e and feature |
| state | (m, bins + 1) | b by feature, ascending; training leaves it as it is |

`settings` holds the number of bins and the size. The edges begin evenly spaced from -3 to 3;
`netlet.training.quantile_edges` sets them to quantiles. Equal edges stand at the end of a row: the bins between them
are empty, and give 0. At an edge the derivative is that of the right side. What is mapped has no bias: the layer that
reads it has one.

Tables may have few features, so the inner loops go over a feature's bins. Their usual number is told to the compiler,
which then makes one or two vector operations of each loop; it would else be too short for them.

Reference: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep learning", NeurIPS 2022
(arXiv 2203.05556), where c is the piecewise linear encoding.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, REORDERED, inline, kernel
from netlet.kernels.memory import vector
from netlet.kernels.registry import Block, LayerRow, StateBlock, register

BINS, SIZE = 0, 1  # of settings
USUAL = 16
LIMIT = 3.0  # of the edges to begin with


@inline(flags=REORDERED, always=True)
def _set_shares(x, edges, n_bins, shares, slopes):
    """Set `shares` and `slopes` (n_bins,) to c and g of one number x between the first edge and the last."""
    zero, one = shares.dtype.type(0), shares.dtype.type(1)
    for t in range(n_bins):
        low, high = edges[t], edges[t + 1]
        width = high - low if high > low else one
        share = (x - low) / width
        share = zero if share < zero else share
        share = one if share > one else share
        shares[t] = share if high > low else zero
        slopes[t] = one / width if low <= x and x < high else zero


@inline(always=True)
def _extend(x, edges, t, shares, slopes):
    """Let the bin t go on beyond its edges, if it is not empty."""
    if edges[t + 1] > edges[t]:
        shares[t] = (x - edges[t]) / (edges[t + 1] - edges[t])
        slopes[t] = shares.dtype.type(1) / (edges[t + 1] - edges[t])


@inline(flags=REORDERED, always=True)
def _add_scaled(factor, values, n_bins, total):
    """Add `factor` times `values` (n_bins,) to `total` (n_bins,)."""
    for t in range(n_bins):
        total[t] += factor * values[t]


@inline(flags=REORDERED, always=True)
def _dot(a, b, n_bins):
    """Return the sum of the products of two vectors (n_bins,)."""
    total = a.dtype.type(0)
    for t in range(n_bins):
        total += a[t] * b[t]
    return total


@inline(always=True)
def _map_row(x, theta, edges, n_bins, size, shares, slopes, y):
    """Set y (size * m,), and `shares` and `slopes` (m * n_bins,), of one sample's features x (m,)."""
    m = x.size
    for j in range(m):
        own = vector(edges, j * (n_bins + 1), n_bins + 1)
        c, g = vector(shares, j * n_bins, n_bins), vector(slopes, j * n_bins, n_bins)
        _set_shares(x[j], own, n_bins, c, g)
        if x[j] < own[0]:
            _extend(x[j], own, 0, c, g)
        elif x[j] >= own[n_bins]:
            last = n_bins - 1
            while last > 0 and own[last] == own[n_bins]:
                last -= 1
            _extend(x[j], own, last, c, g)
        y[j] = x[j]
        for e in range(1, size):
            y[e * m + j] = _dot(c, vector(theta, ((e - 1) * m + j) * n_bins, n_bins), n_bins)


@inline(always=True)
def _gradient_of_row(dy, theta, n_bins, size, slopes, dx):
    """Set dx (m,) of one sample from its g."""
    m = dx.size
    for j in range(m):
        total, own = dy[j], vector(slopes, j * n_bins, n_bins)
        for e in range(1, size):
            total += dy[e * m + j] * _dot(own, vector(theta, ((e - 1) * m + j) * n_bins, n_bins), n_bins)
        dx[j] = total


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n, m = x.shape
    n_bins, size = settings[BINS], settings[SIZE]
    for i in range(n):
        own, outputs = vector(x, i * m, m), vector(y, i * size * m, size * m)
        start = i * saved.shape[1]
        shares, slopes = vector(saved, start, m * n_bins), vector(saved, start + m * n_bins, m * n_bins)
        if n_bins == USUAL:
            _map_row(own, theta, state, USUAL, size, shares, slopes, outputs)
        else:
            _map_row(own, theta, state, n_bins, size, shares, slopes, outputs)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n, m = x.shape
    n_bins, size = settings[BINS], settings[SIZE]
    for i in range(n):
        slopes = vector(saved, i * saved.shape[1] + m * n_bins, m * n_bins)
        own = vector(dy, i * size * m, size * m)
        if n_bins == USUAL:
            _gradient_of_row(own, theta, USUAL, size, slopes, vector(dx, i * m, m))
        else:
            _gradient_of_row(own, theta, n_bins, size, slopes, vector(dx, i * m, m))


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n, m = x.shape
    n_bins = settings[BINS]
    for k in range((last - first) * n_bins):
        dtheta[k] = 0
    for i in range(n):
        for row in range(first, last):
            factor = dy[i, m + row]
            shares = vector(saved, i * saved.shape[1] + row % m * n_bins, n_bins)
            total = vector(dtheta, (row - first) * n_bins, n_bins)
            if n_bins == USUAL:
                _add_scaled(factor, shares, USUAL, total)
            else:
                _add_scaled(factor, shares, n_bins, total)


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] * settings["size"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    others = settings["size"] - 1
    return (Block("weight", others * n_in[0], settings["bins"], is_weight=True, fans=(settings["bins"], others)),)


def _state(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[StateBlock, ...]:
    n_bins = settings["bins"]
    even = tuple(LIMIT * (2 * t - n_bins) / n_bins for t in range(n_bins + 1))
    return (StateBlock("edges", n_in[0] * (n_bins + 1), even * n_in[0]),)


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return 2 * n_in * settings["bins"]


register(
    LayerRow(
        "piecewise_linear_embedding", forward, backward_input, backward_parameters,
        n_out=_n_out, parameters=_parameters, state=_state, n_saved=_n_saved, settings=("bins", "size"),
    )
)  # fmt: skip

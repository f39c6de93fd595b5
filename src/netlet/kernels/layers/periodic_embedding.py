"""Periodic embedding of numbers: each feature goes through waves of its own, and on beside what they give.

    c_jl = cos(2 pi f_jl x_j + p_jl)        s_jl = sin(2 pi f_jl x_j + p_jl)        j < m, l < waves
    y_0j = x_j        y_ej = sum_l c_jl w_ejl        0 < e < size
    g_jl = -s_jl sum_e dy_ej w_ejl        dx_j = dy_0j + 2 pi sum_l f_jl g_jl
    df_jl = 2 pi sum_i x_ij g_ijl        dp_jl = sum_i g_ijl        dw_ejl = sum_i dy_iej c_ijl

| array | shape | |
|---|---|---|
| x, dx | (n, m) | a feature in each column |
| y, dy | (n, size * m) | y_0 of all features, then y_1 of all ... |
| saved | (n, 3 * m * waves) | c of all waves of one feature after another, then s, then g |
| theta | ((2 + size - 1) * m, waves) | rows f and p by feature, then w by e and feature |

`settings` holds the number of waves and the size. The angle is taken in turns, as `functions.turns` has it. What is
mapped has no bias: the layer that reads it has one. `backward_input` leaves g in `saved`: while the gradients of some
parameters are computed, others have been updated already, so that theta must not be read there.

Tables may have few features, so the inner loops go over a feature's waves. Their usual number is told to the compiler,
which then makes one or two vector operations of each loop; it would else be too short for them.

Reference: Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular
data", NeurIPS 2024 (PBLD); after Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep
learning", NeurIPS 2022.
"""

from collections.abc import Mapping

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, REORDERED, inline, kernel
from netlet.kernels.memory import flat, matrix, vector
from netlet.kernels.registry import Block, LayerRow, register

WAVES, SIZE = 0, 1  # of settings
USUAL = 16
TURN, SHARE_OF_TURN = 6.283185307179586, 0.15915494309189535  # 2 pi, and 1 / (2 pi)


@inline(flags=REORDERED, always=True)
def _set_angles(x, frequencies, phases, n_waves, angles):
    """Set `angles` (m, n_waves) to those of one sample's features x (m,), in turns."""
    share = angles.dtype.type(SHARE_OF_TURN)
    for j in range(x.size):
        for wave in range(n_waves):
            angles[j, wave] = frequencies[j, wave] * x[j] + phases[j, wave] * share


@inline(flags=REORDERED, always=True)
def _set_products(waves, weights, n_waves, y):
    """Set y (m,) to the sums over the waves of `waves` times `weights`, both (m, n_waves)."""
    for j in range(y.size):
        total = y.dtype.type(0)
        for wave in range(n_waves):
            total += waves[j, wave] * weights[j, wave]
        y[j] = total


@inline(flags=REORDERED, always=True)
def _take_slopes(dy, weights, sines, n_waves, slopes):
    """Take from `slopes` (m, n_waves) what comes by one e from dy (m,)."""
    for j in range(dy.size):
        for wave in range(n_waves):
            slopes[j, wave] -= dy[j] * weights[j, wave] * sines[j, wave]


@inline(flags=REORDERED, always=True)
def _add_scaled(factor, waves, n_waves, total):
    """Add `factor` times `waves` (n_waves,) to `total` (n_waves,)."""
    for wave in range(n_waves):
        total[wave] += factor * waves[wave]


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n, m = x.shape
    n_waves, size = settings[WAVES], settings[SIZE]
    frequencies, phases = matrix(theta, 0, m, n_waves), matrix(theta, m * n_waves, m, n_waves)
    for i in range(n):
        own, outputs = vector(x, i * m, m), vector(y, i * size * m, size * m)
        waves = matrix(saved, 3 * i * m * n_waves, m, n_waves)
        sines = matrix(saved, (3 * i + 1) * m * n_waves, m, n_waves)
        if n_waves == USUAL:
            _set_angles(own, frequencies, phases, USUAL, sines)
        else:
            _set_angles(own, frequencies, phases, n_waves, sines)
        cosines, angles = flat(waves), flat(sines)
        for k in range(angles.size):
            cosines[k] = functions.cos_of_turns(angles[k])
        for k in range(angles.size):
            angles[k] = functions.sin_of_turns(angles[k])
        for j in range(m):
            outputs[j] = own[j]
        for e in range(1, size):
            weights, mapped = matrix(theta, (1 + e) * m * n_waves, m, n_waves), vector(outputs, e * m, m)
            if n_waves == USUAL:
                _set_products(waves, weights, USUAL, mapped)
            else:
                _set_products(waves, weights, n_waves, mapped)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n, m = x.shape
    n_waves, size = settings[WAVES], settings[SIZE]
    frequencies, turn = matrix(theta, 0, m, n_waves), dy.dtype.type(TURN)
    for i in range(n):
        sines = matrix(saved, (3 * i + 1) * m * n_waves, m, n_waves)
        slopes = matrix(saved, (3 * i + 2) * m * n_waves, m, n_waves)
        numbers = flat(slopes)
        for k in range(numbers.size):
            numbers[k] = 0
        for e in range(1, size):
            weights, gradient = matrix(theta, (1 + e) * m * n_waves, m, n_waves), vector(dy, (i * size + e) * m, m)
            if n_waves == USUAL:
                _take_slopes(gradient, weights, sines, USUAL, slopes)
            else:
                _take_slopes(gradient, weights, sines, n_waves, slopes)
        if dx.shape[1] > 0:
            own = vector(dx, i * m, m)
            _set_products(slopes, frequencies, n_waves, own)
            for j in range(m):
                own[j] = dy[i, j] + turn * own[j]


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n, m = x.shape
    n_waves = settings[WAVES]
    turn, one = dy.dtype.type(TURN), dy.dtype.type(1)
    for k in range((last - first) * n_waves):
        dtheta[k] = 0
    for i in range(n):
        for row in range(first, last):
            kind, j = row // m, row % m  # frequency, phase, weight of e = 1, 2 ...
            block = 0 if kind > 1 else 2
            factor = turn * x[i, j] if kind == 0 else one if kind == 1 else dy[i, (kind - 1) * m + j]
            waves = vector(saved, ((3 * i + block) * m + j) * n_waves, n_waves)
            total = vector(dtheta, (row - first) * n_waves, n_waves)
            if n_waves == USUAL:
                _add_scaled(factor, waves, USUAL, total)
            else:
                _add_scaled(factor, waves, n_waves, total)


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] * settings["size"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    m, n_waves, others = n_in[0], settings["waves"], settings["size"] - 1
    return (
        Block("frequency", m, n_waves),
        Block("phase", m, n_waves),
        Block("weight", others * m, n_waves, is_weight=True, fans=(n_waves, others)),
    )


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return 3 * settings["waves"] * n_in


register(
    LayerRow(
        "periodic_embedding", forward, backward_input, backward_parameters,
        n_out=_n_out, parameters=_parameters, n_saved=_n_saved, settings=("waves", "size"), backward_fills_saved=True,
    )
)  # fmt: skip

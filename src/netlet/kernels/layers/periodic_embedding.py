"""Periodic embedding of numbers: each feature goes through waves of its own, and on beside what they give.

    c_lj = cos(2 pi f_lj x_j + p_lj)        s_lj = sin(2 pi f_lj x_j + p_lj)        l < waves, j < m
    y_0j = x_j        y_ej = b_ej + sum_l c_lj w_elj        0 < e < size
    g_lj = -s_lj sum_e dy_ej w_elj        dx_j = dy_0j + 2 pi sum_l f_lj g_lj
    df_lj = 2 pi sum_i x_ij g_ilj        dp_lj = sum_i g_ilj
    dw_elj = sum_i dy_iej c_ilj        db_ej = sum_i dy_iej

| array | shape | |
|---|---|---|
| x, dx | (n, m) | a feature in each column |
| y, dy | (n, size * m) | y_0 of all features, then y_1 of all ... |
| saved | (n, (2 * waves + 1) * m) | c by l, then s, which backward_input replaces by g, and room for m sums |
| theta | ((2 * waves + (size - 1) * (waves + 1)) * m,) | rows of m numbers: f and p by l, w by e and l, b by e |

`settings` holds the number of waves and the size. The angle is taken in turns, as `functions.turns` has it. The loops
go over the features within a row, so that they vectorise. The parameter gradient reads g instead of theta, which other
threads may be updating.

Reference: Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular
data", NeurIPS 2024 (PBLD); after Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep
learning", NeurIPS 2022.
"""

from collections.abc import Mapping

from netlet.kernels import functions
from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, FORWARD, kernel
from netlet.kernels.memory import flat, matrix, vector
from netlet.kernels.registry import Block, LayerRow, register

WAVES, SIZE = 0, 1  # of settings
TURN, SHARE_OF_TURN = 6.283185307179586, 0.15915494309189535  # 2 pi, and 1 / (2 pi)


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    n, m = x.shape
    n_waves, size = settings[WAVES], settings[SIZE]
    rows = matrix(theta, 0, 2 * n_waves + (size - 1) * (n_waves + 1), m)
    share = x.dtype.type(SHARE_OF_TURN)
    for i in range(n):
        start = i * saved.shape[1]
        sines = matrix(saved, start + n_waves * m, n_waves, m)
        for wave in range(n_waves):
            for j in range(m):
                sines[wave, j] = rows[wave, j] * x[i, j] + rows[n_waves + wave, j] * share
        cosines, angles = vector(saved, start, n_waves * m), flat(sines)
        for k in range(angles.size):
            cosines[k] = functions.cos_of_turns(angles[k])
        for k in range(angles.size):
            angles[k] = functions.sin_of_turns(angles[k])
        own, waves = matrix(y, i * size * m, size, m), matrix(saved, start, n_waves, m)
        for j in range(m):
            own[0, j] = x[i, j]
        for e in range(1, size):
            weight, bias = 2 * n_waves + (e - 1) * n_waves, rows.shape[0] - size + e
            for j in range(m):
                own[e, j] = rows[bias, j]
            for wave in range(n_waves):
                for j in range(m):
                    own[e, j] += waves[wave, j] * rows[weight + wave, j]


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    n, m = x.shape
    n_waves, size = settings[WAVES], settings[SIZE]
    rows = matrix(theta, 0, 2 * n_waves + (size - 1) * (n_waves + 1), m)
    turn = dy.dtype.type(TURN)
    for i in range(n):
        own, start = matrix(dy, i * size * m, size, m), i * saved.shape[1]
        total = vector(saved, start + 2 * n_waves * m, m)
        for wave in range(n_waves):
            slopes = vector(saved, start + (n_waves + wave) * m, m)
            for j in range(m):
                total[j] = own[1, j] * rows[2 * n_waves + wave, j]
            for e in range(2, size):
                for j in range(m):
                    total[j] += own[e, j] * rows[(e + 1) * n_waves + wave, j]
            for j in range(m):
                slopes[j] = -slopes[j] * total[j]  # from s to g
        if dx.shape[1] == m:
            for j in range(m):
                dx[i, j] = own[0, j]
            for wave in range(n_waves):
                slopes = vector(saved, start + (n_waves + wave) * m, m)
                for j in range(m):
                    dx[i, j] += turn * rows[wave, j] * slopes[j]


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    n, m = x.shape
    n_waves, size = settings[WAVES], settings[SIZE]
    n_rows = 2 * n_waves + (size - 1) * (n_waves + 1)
    turn = dy.dtype.type(TURN)
    for row in range(first, last):
        total = vector(dtheta, (row - first) * m, m)
        for j in range(m):
            total[j] = 0
        wave = row % n_waves
        for i in range(n):
            own = matrix(dy, i * size * m, size, m)
            cosines = vector(saved, i * saved.shape[1] + wave * m, m)
            slopes = vector(saved, i * saved.shape[1] + (n_waves + wave) * m, m)
            if row < n_waves:
                for j in range(m):
                    total[j] += turn * x[i, j] * slopes[j]
            elif row < 2 * n_waves:
                for j in range(m):
                    total[j] += slopes[j]
            elif row < n_rows - size + 1:
                e = row // n_waves - 1
                for j in range(m):
                    total[j] += own[e, j] * cosines[j]
            else:
                e = row - (n_rows - size)
                for j in range(m):
                    total[j] += own[e, j]


def _n_out(n_in: tuple[int, ...], settings: Mapping[str, int]) -> int:
    return n_in[0] * settings["size"]


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    m, n_waves, others = n_in[0], settings["waves"], settings["size"] - 1
    return (
        Block("frequency", n_waves, m),
        Block("phase", n_waves, m),
        Block("weight", others * n_waves, m, is_weight=True, fans=(n_waves, others)),
        Block("bias", others, m),
    )


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    return (2 * settings["waves"] + 1) * n_in


register(
    LayerRow(
        "periodic_embedding", forward, backward_input, backward_parameters,
        n_out=_n_out, parameters=_parameters, n_saved=_n_saved, settings=("waves", "size"),
        backward_fills_saved=True,
    )
)  # fmt: skip

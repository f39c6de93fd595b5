"""GRU: a gate z mixes the state with a new one, a gate r says how much of the state the new one sees.

    a_t = x_t W + b = [a_r | a_z | a_n]        e_t = h_(t-1) U + d = [e_r | e_z | e_n]        h_(-1) = 0
    r, z = sigmoid(a_r + e_r, a_z + e_z)        q = tanh(a_n + r e_n)        h_t = q + z (h_(t-1) - q)

This is the variant of PyTorch and cuDNN: r multiplies the product ``h U + d``, not h before it; so the two biases are
different parameters. The order of the gates, in every row of the parameters, is r, z, n: reset, update, new.

Backward, from the last step to the first:

    dq = dh_t (1 - z) (1 - q^2)        da_n = dq        de_n = dq r
    da_r = de_r = dq e_n r (1 - r)        da_z = de_z = dh_t (h_(t-1) - q) z (1 - z)
    dh_(t-1) = dy_(t-1) + dh_t z + de_t U^T        dx_t = da_t W^T
    dW = sum_t x_t^T da_t        db = sum_t da_t        dU = sum_t h_(t-1)^T de_t        dd = sum_t de_t

| array | shape | |
|---|---|---|
| x, dx | (n, steps * n_features) | the rows of a sequence, one after another |
| x2 | (n, 1) or (n, 0) | lengths: see `over_time`; without a column all have `steps`. dx2 is 0 |
| y, dy | (n, steps * units) or (n, units) | h after every step, or (setting `whole` 0) h at the sequence's end |
| theta | (n_inputs * 3 units,) | W (n_features rows), then b, U (units rows), then d; b and d if there are biases |
| saved | (n, n_saved) | of a cut: a header, then in order of time the rows [x_t, 1] (steps times) and [h_(t-1), 1] |
| | | (steps + 1 times), a, which becomes r, z, q and backward da, e, which becomes de (steps times each), |
| | | then dh, de U^T, da W^T and dh z of one step |
| derived | (3 units * (units + n_features),) or (0,) | U^T, then W^T, where BLAS is faster with them |

`settings` holds units, steps, bias, reverse (1: from a sequence's end to its beginning) and whole. The sums a of all
steps are one product.

References: Cho and others, "Learning phrase representations using RNN encoder-decoder for statistical machine
translation", EMNLP 2014; version 1 of its preprint (arXiv:1406.1078v1) for the place of r.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, DERIVE, FORWARD, inline, kernel
from netlet.kernels.functions import sigmoid, tanh
from netlet.kernels.layers.over_time import (
    HEADER,
    add_output_gradient,
    carry_back,
    derive_transposed,
    end_gradients,
    fill,
    fill_column,
    gradient_over_time,
    input_gradient,
    length_of,
    n_of_transposed,
    place_inputs,
    place_outputs,
    size_of_states,
    uses_of_steps,
    whole_lines,
)
from netlet.kernels.memory import matrix, vector
from netlet.kernels.products import dot
from netlet.kernels.registry import Block, LayerRow, register

UNITS, STEPS, BIAS, REVERSE, WHOLE = 0, 1, 2, 3, 4  # of settings
GATES = 3


@inline
def advance(a, e, h_before, h):
    """Turn the sums a (3 m,) of one sample into r, z and q, and set h (m,)."""
    m = h.size
    z, q, e_n = vector(a, m, m), vector(a, 2 * m, m), vector(e, 2 * m, m)
    for j in range(2 * m):
        a[j] = sigmoid(a[j] + e[j])
    for j in range(m):
        q[j] = tanh(q[j] + a[j] * e_n[j])
    for j in range(m):
        h[j] = q[j] + z[j] * (h_before[j] - q[j])


@inline
def stay(a, e, h_before, h):
    """Carry the state of a sample that has ended, and leave gradients of 0 for this step."""
    for j in range(a.size):
        a[j] = a.dtype.type(0)
        e[j] = a.dtype.type(0)
    for j in range(h.size):
        h[j] = h_before[j]


@inline
def retreat(a, e, h_before, dh, kept):
    """Turn r, z and q of one sample into da, and e into de (3 m,); set `kept` (m,) to ``dh z``.

    Each loop writes one array: with more, the checks that they do not overlap keep it from being vectorised.
    """
    m, one = dh.size, dh.dtype.type(1)
    r, z, q = vector(a, 0, m), vector(a, m, m), vector(a, 2 * m, m)
    e_r, e_z, e_n = vector(e, 0, m), vector(e, m, m), vector(e, 2 * m, m)
    for j in range(m):
        kept[j] = dh[j] * z[j]
    for j in range(m):
        e_z[j] = dh[j] * (h_before[j] - q[j]) * z[j] * (one - z[j])
    for j in range(m):
        q[j] = dh[j] * (one - z[j]) * (one - q[j] * q[j])
    for j in range(m):
        z[j] = e_z[j]
    for j in range(m):
        e_r[j] = q[j] * e_n[j] * r[j] * (one - r[j])
    for j in range(m):
        e_n[j] = q[j] * r[j]
    for j in range(m):
        r[j] = e_r[j]


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m, steps, reverse, n = settings[UNITS], settings[STEPS], settings[REVERSE], x.shape[0]
    if n == 0:
        return
    n_features, width = x.shape[1] // steps, GATES * m
    k, k_state = n_features + settings[BIAS], m + settings[BIAS]
    at_states = HEADER + steps * n * k
    at_a = at_states + (steps + 1) * n * k_state
    at_e = at_a + steps * n * width
    recurrent = matrix(theta, k * width, k_state, width)
    vector(saved, 0, 1)[0] = n
    fill(matrix(saved, at_states, n, k_state), x.dtype.type(0))
    fill_column(matrix(saved, HEADER, steps * n, k), n_features, x.dtype.type(1))
    fill_column(matrix(saved, at_states, (steps + 1) * n, k_state), m, x.dtype.type(1))
    for t in range(steps):
        place_inputs(x, x2, t, steps, reverse, matrix(saved, HEADER + t * n * k, n, k))
    dot(matrix(saved, HEADER, steps * n, k), matrix(theta, 0, k, width), matrix(saved, at_a, steps * n, width))
    for t in range(steps):
        states = matrix(saved, at_states + t * n * k_state, n, k_state)
        following = matrix(saved, at_states + (t + 1) * n * k_state, n, k_state)
        sums = matrix(saved, at_e + t * n * width, n, width)
        dot(states, recurrent, sums)
        for i in range(n):
            a, e = vector(saved, at_a + (t * n + i) * width, width), vector(sums, i * width, width)
            h_before, h = vector(states, i * k_state, m), vector(following, i * k_state, m)
            if t < length_of(x2, i, steps):
                advance(a, e, h_before, h)
            else:
                stay(a, e, h_before, h)
        place_outputs(following, x2, t, steps, reverse, settings[WHOLE], 0, y)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    m, steps, reverse, n = settings[UNITS], settings[STEPS], settings[REVERSE], dy.shape[0]
    if n == 0:
        return
    n_features, width = x.shape[1] // steps, GATES * m
    k, k_state = n_features + settings[BIAS], m + settings[BIAS]
    at_states = HEADER + steps * n * k
    at_a = at_states + (steps + 1) * n * k_state
    at_e = at_a + steps * n * width
    at_dh = at_e + steps * n * width
    dh, room = matrix(saved, at_dh, n, m), matrix(saved, at_dh + n * m, n, m)
    kept, dx_of_step = matrix(saved, at_dh + 2 * n * m, n, m), matrix(saved, at_dh + 3 * n * m, n, n_features)
    end_gradients(dy, settings[WHOLE], dh)
    fill(dx, dy.dtype.type(0))
    fill(dx2, dy.dtype.type(0))
    for t in range(steps - 1, -1, -1):
        a, e = matrix(saved, at_a + t * n * width, n, width), matrix(saved, at_e + t * n * width, n, width)
        for i in range(n):
            length, own = length_of(x2, i, steps), vector(dh, i * m, m)
            if t < length:
                add_output_gradient(dy, i, length, t, steps, reverse, settings[WHOLE], own)
                retreat(
                    vector(a, i * width, width), vector(e, i * width, width),
                    vector(saved, at_states + (t * n + i) * k_state, m), own, vector(kept, i * m, m),
                )  # fmt: skip
        if t > 0:
            carry_back(e, theta, derived, k, x2, t, steps, room, dh)
            for i in range(n):
                if t < length_of(x2, i, steps):
                    for j in range(m):
                        dh[i, j] += kept[i, j]
        input_gradient(a, theta, derived, m, x2, t, steps, reverse, dx_of_step, dx)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    m, steps, width = settings[UNITS], settings[STEPS], GATES * settings[UNITS]
    k, k_state = x.shape[1] // steps + settings[BIAS], m + settings[BIAS]
    at_a = steps * k + (steps + 1) * k_state
    n_rows = max(min(last, k) - first, 0)  # of W and b
    if n_rows > 0:
        gradient_over_time(saved, 0, k, at_a, width, steps, first, matrix(dtheta, 0, n_rows, width))
    if last > k:
        part = matrix(dtheta, n_rows * width, last - first - n_rows, width)
        at_e = at_a + steps * width
        gradient_over_time(saved, steps * k, k_state, at_e, width, steps, first + n_rows - k, part)


@kernel(DERIVE)
def derive(theta, settings, factors, first, last, derived):
    m = settings[UNITS]
    n_before = derived.size // (GATES * m) - m + settings[BIAS]
    derive_transposed(theta, m, GATES, n_before, first, last, derived)


def _parameters(n_in: tuple[int, ...], n_out: int, settings: Mapping[str, int]) -> tuple[Block, ...]:
    units, n_features = settings["units"], n_in[0] // settings["steps"]
    weight = Block("weight", n_features, GATES * units, is_weight=True)
    recurrent = Block("recurrent_weight", units, GATES * units, is_weight=True)
    if not settings["bias"]:
        return weight, recurrent
    return weight, Block("bias", 1, GATES * units), recurrent, Block("recurrent_bias", 1, GATES * units)


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    units, steps = settings["units"], settings["steps"]
    n_features, bias = n_in // steps, settings["bias"]
    inputs = steps * (n_features + bias) + (steps + 1) * (units + bias)
    return HEADER + whole_lines(inputs + 2 * steps * GATES * units + 3 * units + n_features)


register(
    LayerRow(
        "gru", forward, backward_input, backward_parameters,
        n_inputs=2, n_out=size_of_states, parameters=_parameters, n_saved=_n_saved,
        derive=derive, n_derived=n_of_transposed(GATES), n_uses=uses_of_steps,
        settings=("units", "steps", "bias", "reverse", "whole"), backward_fills_saved=True,
    )
)  # fmt: skip

"""LSTM: a state that is carried from step to step through gates, with a forget gate and without peepholes.

    a_t = x_t W + h_(t-1) U + b = [a_i | a_f | a_g | a_o]        h_(-1) = c_(-1) = 0
    i, f, o = sigmoid(a_i, a_f, a_o)        g = tanh(a_g)
    c_t = f c_(t-1) + i g        h_t = o tanh(c_t)

Backward, from the last step to the first, with dh_t = dy_t + da_(t+1) U^T:

    dc_t = dc_(t+1) f_(t+1) + dh_t o (1 - tanh(c_t)^2)
    da_i = dc_t g i (1 - i)        da_f = dc_t c_(t-1) f (1 - f)        da_g = dc_t i (1 - g^2)
    da_o = dh_t tanh(c_t) o (1 - o)
    dx_t = da_t W^T        dW = sum_t x_t^T da_t        dU = sum_t h_(t-1)^T da_t        db = sum_t da_t

The order of the gates, in every row of the parameters, is i, f, g, o: input, forget, cell, output.

| array | shape | |
|---|---|---|
| x, dx | (n, steps * n_features) | the rows of a sequence, one after another |
| x2 | (n, 1) or (n, 0) | lengths: see `over_time`; without a column all have `steps`. dx2 is 0 |
| y, dy | (n, steps * units) or (n, units) | h after every step, or (setting `whole` 0) h at the sequence's end |
| theta | (n_inputs * 4 units,) | W (n_features rows), U (units rows), then b, if there is one |
| saved | (n, n_saved) | of a cut: a header, then in order of time the rows [x_t, h_(t-1), 1] (steps + 1 times), |
| | | the gates, which backward turns into da_t (steps times), c_(t-1) (steps + 1 times) and tanh(c_t) |
| | | (steps times), then dh, dc, da U^T, room for a row, and da W^T of one step |
| derived | (4 units * (units + n_features),) or (0,) | U^T, then W^T, where BLAS is faster with them |

`settings` holds units, steps, bias, reverse (1: from a sequence's end to its beginning) and whole. The rows
[x, h, 1] times theta are a step's one product; transposed, times da, all steps together, the gradient of theta.

References: Hochreiter, Schmidhuber, "Long short-term memory", Neural Computation 9, 1997; the forget gate: Gers,
Schmidhuber, Cummins, "Learning to forget: continual prediction with LSTM", Neural Computation 12, 2000.
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
    parameters_of,
    place_inputs,
    place_outputs,
    size_of_states,
    uses_of_steps,
    whole_lines,
)
from netlet.kernels.memory import matrix, vector
from netlet.kernels.products import dot
from netlet.kernels.registry import LayerRow, register

UNITS, STEPS, BIAS, REVERSE, WHOLE = 0, 1, 2, 3, 4  # of settings
GATES = 4


@inline
def advance(gates, c_before, c, tanh_c, h):
    """Turn the sums a (4 m,) of one sample into its gates, and set c, tanh(c) and h (m,).

    A loop that does not begin at 0 is not vectorised: places might be negative for all that the compiler knows.
    """
    m = c.size
    f, g, o = vector(gates, m, m), vector(gates, 2 * m, m), vector(gates, 3 * m, m)
    for j in range(2 * m):
        gates[j] = sigmoid(gates[j])
    for j in range(m):
        g[j] = tanh(g[j])
    for j in range(m):
        o[j] = sigmoid(o[j])
    for j in range(m):
        c[j] = f[j] * c_before[j] + gates[j] * g[j]
    for j in range(m):
        tanh_c[j] = tanh(c[j])
    for j in range(m):
        h[j] = o[j] * tanh_c[j]


@inline
def stay(gates, c_before, c, tanh_c, h_before, h):
    """Carry the states of a sample that has ended."""
    m, zero = c.size, c.dtype.type(0)
    for j in range(4 * m):
        gates[j] = zero
    for j in range(m):
        c[j] = c_before[j]
        tanh_c[j] = zero
        h[j] = h_before[j]


@inline
def retreat(gates, c_before, tanh_c, dh, dc, room):
    """Turn the gates of one sample into da (4 m,), and the gradient of c into that of the step before.

    Each loop writes one array: with more, the checks that they do not overlap keep it from being vectorised.
    """
    m, one = dc.size, dc.dtype.type(1)
    i, f, g, o = vector(gates, 0, m), vector(gates, m, m), vector(gates, 2 * m, m), vector(gates, 3 * m, m)
    for j in range(m):
        dc[j] += dh[j] * o[j] * (one - tanh_c[j] * tanh_c[j])
    for j in range(m):
        o[j] *= dh[j] * tanh_c[j] * (one - o[j])
    for j in range(m):
        room[j] = dc[j] * i[j] * (one - g[j] * g[j])
    for j in range(m):
        i[j] *= dc[j] * g[j] * (one - i[j])
    for j in range(m):
        g[j] = room[j]
    for j in range(m):
        room[j] = dc[j] * f[j]
    for j in range(m):
        f[j] *= dc[j] * c_before[j] * (one - f[j])
    for j in range(m):
        dc[j] = room[j]


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m, steps, reverse, n = settings[UNITS], settings[STEPS], settings[REVERSE], x.shape[0]
    if n == 0:
        return
    n_features, one, zero = x.shape[1] // steps, x.dtype.type(1), x.dtype.type(0)
    k = n_features + m + settings[BIAS]
    at_gates = HEADER + (steps + 1) * n * k
    at_c = at_gates + steps * n * GATES * m
    at_tanh_c = at_c + (steps + 1) * n * m
    weight = matrix(theta, 0, k, GATES * m)
    vector(saved, 0, 1)[0] = n
    fill(matrix(saved, HEADER, n, k), zero)
    fill_column(matrix(saved, HEADER, (steps + 1) * n, k), n_features + m, one)
    fill(matrix(saved, at_c, n, m), zero)
    for t in range(steps):
        inputs, following = HEADER + t * n * k, HEADER + (t + 1) * n * k
        place_inputs(x, x2, t, steps, reverse, matrix(saved, inputs, n, k))
        dot(matrix(saved, inputs, n, k), weight, matrix(saved, at_gates + t * n * GATES * m, n, GATES * m))
        for i in range(n):
            gates = vector(saved, at_gates + (t * n + i) * GATES * m, GATES * m)
            c_before, c = vector(saved, at_c + (t * n + i) * m, m), vector(saved, at_c + ((t + 1) * n + i) * m, m)
            tanh_c = vector(saved, at_tanh_c + (t * n + i) * m, m)
            h = vector(saved, following + i * k + n_features, m)
            if t < length_of(x2, i, steps):
                advance(gates, c_before, c, tanh_c, h)
            else:
                stay(gates, c_before, c, tanh_c, vector(saved, inputs + i * k + n_features, m), h)
        place_outputs(matrix(saved, following, n, k), x2, t, steps, reverse, settings[WHOLE], n_features, y)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    m, steps, reverse, n = settings[UNITS], settings[STEPS], settings[REVERSE], dy.shape[0]
    if n == 0:
        return
    n_features, zero = x.shape[1] // steps, dy.dtype.type(0)
    k = n_features + m + settings[BIAS]
    at_gates = HEADER + (steps + 1) * n * k
    at_c = at_gates + steps * n * GATES * m
    at_tanh_c = at_c + (steps + 1) * n * m
    at_dh = at_tanh_c + steps * n * m
    dh, dc, before = (
        matrix(saved, at_dh, n, m),
        matrix(saved, at_dh + n * m, n, m),
        matrix(saved, at_dh + 2 * n * m, n, m),
    )
    room, dx_of_step = vector(saved, at_dh + 3 * n * m, m), matrix(saved, at_dh + 4 * n * m, n, n_features)
    end_gradients(dy, settings[WHOLE], dh)
    fill(dc, zero)
    fill(dx, zero)
    fill(dx2, zero)
    for t in range(steps - 1, -1, -1):
        sums = matrix(saved, at_gates + t * n * GATES * m, n, GATES * m)
        for i in range(n):
            length = length_of(x2, i, steps)
            if t < length:
                own = vector(dh, i * m, m)
                add_output_gradient(dy, i, length, t, steps, reverse, settings[WHOLE], own)
                retreat(
                    vector(sums, i * GATES * m, GATES * m), vector(saved, at_c + (t * n + i) * m, m),
                    vector(saved, at_tanh_c + (t * n + i) * m, m), own, vector(dc, i * m, m), room,
                )  # fmt: skip
        if t > 0:
            carry_back(sums, theta, derived, n_features, x2, t, steps, before, dh)
        input_gradient(sums, theta, derived, m, x2, t, steps, reverse, dx_of_step, dx)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    m, steps = settings[UNITS], settings[STEPS]
    k = x.shape[1] // steps + m + settings[BIAS]
    part = matrix(dtheta, 0, last - first, GATES * m)
    gradient_over_time(saved, 0, k, (steps + 1) * k, GATES * m, steps, first, part)


@kernel(DERIVE)
def derive(theta, settings, factors, first, last, derived):
    m = settings[UNITS]
    derive_transposed(theta, m, GATES, derived.size // (GATES * m) - m, first, last, derived)


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    units, steps = settings["units"], settings["steps"]
    n_features = n_in // steps
    k = n_features + units + settings["bias"]
    each = (steps + 1) * k + steps * GATES * units + (2 * steps + 1) * units + 4 * units + n_features
    return HEADER + whole_lines(each)


register(
    LayerRow(
        "lstm", forward, backward_input, backward_parameters,
        n_inputs=2, n_out=size_of_states, parameters=parameters_of(GATES), n_saved=_n_saved,
        derive=derive, n_derived=n_of_transposed(GATES), n_uses=uses_of_steps,
        settings=("units", "steps", "bias", "reverse", "whole"), backward_fills_saved=True,
    )
)  # fmt: skip

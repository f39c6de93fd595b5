"""Simple recurrent layer (Elman): the state is a dense layer's output of the input and the state before.

    h_t = f(a_t)        a_t = x_t W + h_(t-1) U + b        h_(-1) = 0
    da_t = dh_t f'(a_t)        dh_t = dy_t + da_(t+1) U^T        dx_t = da_t W^T
    dW = sum_t x_t^T da_t        dU = sum_t h_(t-1)^T da_t        db = sum_t da_t

f is tanh, f' = 1 - h^2, or ReLU, whose derivative at 0 is taken as 0. A NaN stays a NaN.

| array | shape | |
|---|---|---|
| x, dx | (n, steps * n_features) | the rows of a sequence, one after another |
| x2 | (n, 1) or (n, 0) | lengths: see `over_time`; without a column all have `steps`. dx2 is 0 |
| y, dy | (n, steps * units) or (n, units) | h after every step, or (setting `whole` 0) h at the sequence's end |
| theta | (n_inputs * units,) | W (n_features rows), U (units rows), then b, if there is one |
| saved | (n, n_saved) | of a cut: a header, then in order of time the rows [x_t, h_(t-1), 1] (steps + 1 times) and |
| | | a_t, which backward turns into da_t (steps times), then dh, da U^T and da W^T of one step |
| derived | (units * (units + n_features),) or (0,) | U^T, then W^T, where BLAS is faster with them |

`settings` holds units, steps, bias, reverse (1: from a sequence's end to its beginning), whole, and relu (1, or 0 for
tanh).

Reference: Elman, "Finding structure in time", Cognitive Science 14, 1990; backward: Werbos, "Backpropagation through
time: what it does and how to do it", Proceedings of the IEEE 78, 1990.
"""

from collections.abc import Mapping

from netlet.kernels.compiling import BACKWARD_INPUT, BACKWARD_PARAMETERS, DERIVE, FORWARD, inline, kernel
from netlet.kernels.functions import tanh
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

UNITS, STEPS, BIAS, REVERSE, WHOLE, RELU = 0, 1, 2, 3, 4, 5  # of settings


@inline
def activate(sums, relu, h):
    """Set h (m,) to the activation of the sums (m,)."""
    zero = h.dtype.type(0)
    if relu == 1:
        for j in range(h.size):
            h[j] = zero if sums[j] < zero else sums[j]
    else:
        for j in range(h.size):
            h[j] = tanh(sums[j])


@inline
def activate_back(dh, h, relu, da):
    """Set da (m,) to the gradient of the sums."""
    zero, one = h.dtype.type(0), h.dtype.type(1)
    if relu == 1:
        for j in range(h.size):
            da[j] = dh[j] if h[j] > zero else zero
    else:
        for j in range(h.size):
            da[j] = dh[j] * (one - h[j] * h[j])


@kernel(FORWARD)
def forward(x, x2, theta, y, saved, state, settings, factors, step):
    m, steps, reverse, n = settings[UNITS], settings[STEPS], settings[REVERSE], x.shape[0]
    if n == 0:
        return
    n_features = x.shape[1] // steps
    k = n_features + m + settings[BIAS]
    at_sums = HEADER + (steps + 1) * n * k
    vector(saved, 0, 1)[0] = n
    fill(matrix(saved, HEADER, n, k), x.dtype.type(0))
    fill_column(matrix(saved, HEADER, (steps + 1) * n, k), n_features + m, x.dtype.type(1))
    for t in range(steps):
        inputs = matrix(saved, HEADER + t * n * k, n, k)
        following = matrix(saved, HEADER + (t + 1) * n * k, n, k)
        sums = matrix(saved, at_sums + t * n * m, n, m)
        place_inputs(x, x2, t, steps, reverse, inputs)
        dot(inputs, matrix(theta, 0, k, m), sums)
        for i in range(n):
            h = vector(following, i * k + n_features, m)
            if t < length_of(x2, i, steps):
                activate(vector(sums, i * m, m), settings[RELU], h)
            else:
                for j in range(m):
                    h[j] = inputs[i, n_features + j]
        place_outputs(following, x2, t, steps, reverse, settings[WHOLE], n_features, y)


@kernel(BACKWARD_INPUT)
def backward_input(dy, x, x2, theta, derived, y, saved, settings, factors, dx, dx2):
    m, steps, reverse, n = settings[UNITS], settings[STEPS], settings[REVERSE], dy.shape[0]
    if n == 0:
        return
    n_features = x.shape[1] // steps
    k = n_features + m + settings[BIAS]
    at_sums = HEADER + (steps + 1) * n * k
    at_dh = at_sums + steps * n * m
    dh, room = matrix(saved, at_dh, n, m), matrix(saved, at_dh + n * m, n, m)
    dx_of_step = matrix(saved, at_dh + 2 * n * m, n, n_features)
    end_gradients(dy, settings[WHOLE], dh)
    fill(dx, dy.dtype.type(0))
    fill(dx2, dy.dtype.type(0))
    for t in range(steps - 1, -1, -1):
        sums = matrix(saved, at_sums + t * n * m, n, m)
        for i in range(n):
            length, own = length_of(x2, i, steps), vector(dh, i * m, m)
            if t < length:
                h = vector(saved, HEADER + ((t + 1) * n + i) * k + n_features, m)
                add_output_gradient(dy, i, length, t, steps, reverse, settings[WHOLE], own)
                activate_back(own, h, settings[RELU], vector(sums, i * m, m))
            else:
                for j in range(m):
                    sums[i, j] = dy.dtype.type(0)
        if t > 0:
            carry_back(sums, theta, derived, n_features, x2, t, steps, room, dh)
        input_gradient(sums, theta, derived, m, x2, t, steps, reverse, dx_of_step, dx)


@kernel(BACKWARD_PARAMETERS)
def backward_parameters(dy, x, theta, y, saved, settings, factors, first, last, dtheta):
    m, steps = settings[UNITS], settings[STEPS]
    k = x.shape[1] // steps + m + settings[BIAS]
    gradient_over_time(saved, 0, k, (steps + 1) * k, m, steps, first, matrix(dtheta, 0, last - first, m))


@kernel(DERIVE)
def derive(theta, settings, factors, first, last, derived):
    m = settings[UNITS]
    derive_transposed(theta, m, 1, derived.size // m - m, first, last, derived)


def _n_saved(n_in: int, n_out: int, settings: Mapping[str, int]) -> int:
    units, steps = settings["units"], settings["steps"]
    n_features = n_in // steps
    k = n_features + units + settings["bias"]
    return HEADER + whole_lines((steps + 1) * k + steps * units + 2 * units + n_features)


register(
    LayerRow(
        "rnn", forward, backward_input, backward_parameters,
        n_inputs=2, n_out=size_of_states, parameters=parameters_of(1), n_saved=_n_saved,
        derive=derive, n_derived=n_of_transposed(1), n_uses=uses_of_steps,
        settings=("units", "steps", "bias", "reverse", "whole", "relu"), backward_fills_saved=True,
    )
)  # fmt: skip

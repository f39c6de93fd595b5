"""The recurrent layers: one sample, one step, one unit's sums after another, in loops."""

from __future__ import annotations

import numpy as np


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _lstm_step(x, h, c, parameters):
    weight, recurrent, bias = parameters
    i, f, g, o = np.split(x @ weight + h @ recurrent + bias, 4)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def _rnn_step(x, h, c, parameters):
    weight, recurrent, bias, relu = parameters
    a = x @ weight + h @ recurrent + bias
    return (np.maximum(a, 0) if relu else np.tanh(a)), c


def _gru_step(x, h, c, parameters):
    weight, recurrent, bias, recurrent_bias = parameters
    from_x, from_h = np.split(x @ weight + bias, 3), np.split(h @ recurrent + recurrent_bias, 3)
    r, z = (_sigmoid(from_x[gate] + from_h[gate]) for gate in (0, 1))
    return (1 - z) * np.tanh(from_x[2] + r * from_h[2]) + z * h, c


def _blocks(theta, n_features, units, gates, bias):
    """Return W, U and b."""
    width = gates * units
    weight, rest = np.split(theta, [n_features * width])
    recurrent, rest = np.split(rest, [units * width])
    return weight.reshape(n_features, width), recurrent.reshape(units, width), rest if bias else np.zeros(width)


def _over_time(x, lengths, settings, step, parameters):
    units, steps = settings["units"], settings["steps"]
    n_features = x.shape[1] // steps
    y = np.zeros((len(x), steps, units))
    last = np.zeros((len(x), units))
    for sample in range(len(x)):
        length = int(lengths[sample, 0]) if lengths.shape[1] else steps
        rows = x[sample].reshape(steps, n_features)[:length]
        h, c = np.zeros(units), np.zeros(units)
        order = range(length)[::-1] if settings["reverse"] else range(length)
        for row in order:
            h, c = step(rows[row], h, c, parameters)
            y[sample, row] = h
        last[sample] = h
    return y.reshape(len(x), steps * units) if settings["whole"] else last


def lstm(x, x2, theta, settings, factors, step):
    n_features = x.shape[1] // settings["steps"]
    parameters = _blocks(theta, n_features, settings["units"], 4, settings["bias"])
    return _over_time(x, x2, settings, _lstm_step, parameters)


def rnn(x, x2, theta, settings, factors, step):
    n_features = x.shape[1] // settings["steps"]
    parameters = _blocks(theta, n_features, settings["units"], 1, settings["bias"])
    return _over_time(x, x2, settings, _rnn_step, (*parameters, settings["relu"]))


def gru(x, x2, theta, settings, factors, step):
    """W, then b, U, then d."""
    n_features, units, width = x.shape[1] // settings["steps"], settings["units"], 3 * settings["units"]
    rows, bias = theta.reshape(-1, width), settings["bias"]
    weight, recurrent = rows[:n_features], rows[n_features + bias :][:units]
    zeros = np.zeros(width)
    parameters = (weight, recurrent, rows[n_features] if bias else zeros, rows[-1] if bias else zeros)
    return _over_time(x, x2, settings, _gru_step, parameters)

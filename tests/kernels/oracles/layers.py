"""What every layer computes: from (x, x2, theta, settings, factors, step) to y."""

from __future__ import annotations

import numpy as np

from oracles import windows
from oracles.augmentation import augmented
from oracles.random import dropout_mask
from oracles.recurrent import gru, lstm, rnn


def _dense(x, x2, theta, settings, factors, step):
    units = settings["units"]
    weight, bias = theta[: x.shape[1] * units].reshape(-1, units), theta[x.shape[1] * units :]
    return x @ weight + (bias if bias.size else 0.0)


def _dropout(x, x2, theta, settings, factors, step):
    return x * dropout_mask(x.shape, factors["rate"], settings["stream"], step) if step[0] else x.copy()


def _batch_normalisation(x, x2, theta, settings, factors, step):
    """In evaluation with the state of before any training: means of 0 and variances of 1."""
    m = settings["features"]
    rows = x.reshape(-1, m)
    mean, variance = (rows.mean(axis=0), rows.var(axis=0)) if step[0] and not settings["frozen"] else (0.0, 1.0)
    return (theta[:m] * (rows - mean) / np.sqrt(variance + factors["eps"]) + theta[m:]).reshape(x.shape)


def _layer_normalisation(x, x2, theta, settings, factors, step):
    m = settings["features"]
    rows = x.reshape(-1, m)
    mean, variance = rows.mean(axis=1, keepdims=True), rows.var(axis=1, keepdims=True)
    return (theta[:m] * (rows - mean) / np.sqrt(variance + factors["eps"]) + theta[m:]).reshape(x.shape)


def _periodic_embedding(x, x2, theta, settings, factors, step):
    m, waves, others = x.shape[1], settings["waves"], settings["size"] - 1
    f, p, *w = theta.reshape(2 + others, m, waves)
    c = np.cos(2 * np.pi * f * x[..., None] + p)
    return np.concatenate([x[:, None], np.einsum("njl,ejl->nej", c, np.array(w))], axis=1).reshape(len(x), -1)


def _piecewise_linear_embedding(x, x2, theta, settings, factors, step):
    """With the edges of before any training, evenly spaced from -3 to 3."""
    m, bins, others = x.shape[1], settings["bins"], settings["size"] - 1
    low = np.linspace(-3, 3, bins + 1)[:-1]
    least, most = np.zeros(bins), np.ones(bins)
    least[0], most[-1] = -np.inf, np.inf
    shares = np.clip((x[..., None] - low) * bins / 6, least, most)
    mapped = np.einsum("njt,ejt->nej", shares, theta.reshape(others, m, bins))
    return np.concatenate([x[:, None], mapped], axis=1).reshape(len(x), -1)


def _concatenate(x, x2, theta, settings, factors, step):
    rows, rows2 = x.reshape(-1, settings["width"]), x2.reshape(-1, settings["width2"])
    return np.concatenate([rows, rows2], axis=1).reshape(len(x), -1)


def _embedding(x, x2, theta, settings, factors, step):
    table = theta.reshape(settings["categories"], settings["dimensions"])
    return table[x.astype(int)].reshape(len(x), -1)


def _embedding_bag(x, x2, theta, settings, factors, step):
    one_hot = np.eye(settings["categories"])[x.astype(int)]
    return np.einsum("nt,ntc->nc", x2, one_hot) @ theta.reshape(settings["categories"], settings["dimensions"])


def _time_dense(x, x2, theta, settings, factors, step):
    m, units = settings["features"], settings["units"]
    weight, bias = theta[: m * units].reshape(m, units), theta[m * units :]
    steps = [row @ weight + (bias if bias.size else 0.0) for row in x.reshape(-1, m)]
    return np.array(steps).reshape(len(x), x.shape[1] // m * units)


def _member_scaling(x, x2, theta, settings, factors, step):
    scales = theta.reshape(settings["members"], x.shape[1])
    return np.concatenate([x * scale for scale in scales], axis=1)


def _member_dense(x, x2, theta, settings, factors, step):
    members, units = settings["members"], settings["units"]
    weights, bias = theta[: x.shape[1] * units].reshape(members, -1, units), theta[x.shape[1] * units :]
    y = [part @ weight for part, weight in zip(np.split(x, members, axis=1), weights, strict=True)]
    return np.concatenate(y, axis=1) + (bias if bias.size else 0.0)


def _tied_dense(x, x2, theta, settings, factors, step):
    table = theta.reshape(settings["categories"], settings["dimensions"])
    return (x.reshape(len(x), -1, settings["dimensions"]) @ table.T).reshape(len(x), -1)


def _sinusoidal_positions(x, x2, theta, settings, factors, step):
    m = settings["features"]
    y = x.copy()
    for t in range(x.shape[1] // m):
        for j in range(m):
            angle = t / 10000 ** (2 * (j // 2) / m)
            y[:, t * m + j] += np.cos(angle) if j % 2 else np.sin(angle)
    return y


def _sees(sample, query, key, x2, settings):
    """Tell whether a step of a sample may see another."""
    if settings["causal"] and key > query:
        return False
    if "padding" not in settings:
        return True
    return key < x2[sample, 0] if settings["padding"] == -1 else x2[sample, key] != settings["padding"]


def _attention(x, x2, theta, settings, factors, step):
    n, heads = settings["steps"], settings["heads"]
    parts = x.reshape(len(x), n, 3, heads, -1)
    y = np.zeros((len(x), n, heads, parts.shape[-1]))
    for sample in range(len(x)):
        for head in range(heads):
            q, k, v = (parts[sample, :, part, head] for part in range(3))
            for query in range(n):
                keys = [key for key in range(n) if _sees(sample, query, key, x2, settings)]
                scores = np.array([q[query] @ k[key] / np.sqrt(q.shape[1]) for key in keys])
                shares = np.exp(scores - scores.max(initial=-np.inf))
                for key, share in zip(keys, shares / shares.sum(), strict=True):
                    y[sample, query, head] += share * v[key]
    return y.reshape(len(x), -1)


LAYERS = {
    "add": lambda x, x2, *_: x + x2,
    "augment": augmented,
    "average_pooling": windows.average_pooling,
    "attention": _attention,
    "batch_normalisation": _batch_normalisation,
    "columns": lambda x, x2, theta, settings, *_: x[:, settings["first"] : settings["first"] + settings["count"]],
    "concatenate": _concatenate,
    "convolution": windows.convolution,
    "dense": _dense,
    "dropout": _dropout,
    "embedding": _embedding,
    "embedding_bag": _embedding_bag,
    "grouped_convolution": windows.convolution,
    "layer_normalisation": _layer_normalisation,
    "gru": gru,
    "lstm": lstm,
    "rnn": rnn,
    "max_pooling": windows.max_pooling,
    "member_dense": _member_dense,
    "member_mean": lambda x, x2, theta, settings, *_: (
        sum(np.split(x, settings["members"], axis=1)) / settings["members"]
    ),
    "member_scaling": _member_scaling,
    "learned_positions": lambda x, x2, theta, *_: x + theta,
    "multiply": lambda x, x2, *_: x * x2,
    "padded_attention": _attention,
    "periodic_embedding": _periodic_embedding,
    "piecewise_linear_embedding": _piecewise_linear_embedding,
    "scaling": lambda x, x2, theta, settings, *_: (x.reshape(-1, settings["features"]) * theta).reshape(x.shape),
    "upsampling": windows.upsampling,
    "sinusoidal_positions": _sinusoidal_positions,
    "tied_dense": _tied_dense,
    "time_dense": _time_dense,
}

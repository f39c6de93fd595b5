"""Formulas of activations, losses and update rules, as they are written on paper.

A formula of an activation is of one number z with its value a; those of a loss are of its whole arrays. What is not
listed is named by its function: ``gelu(z)``, ``gelu'(z)``.
"""

from __future__ import annotations

from collections.abc import Callable

# By the kernel's name: the value from z, and the derivative from z and a. Each is filled with numbers in their place:
# n is z without brackets, s the activation's setting.
_ACTIVATIONS = {
    "identity": ("{z}", "1"),
    "sigmoid": ("1 / (1 + e^-{z})", "{a} (1 - {a})"),
    "tanh": ("tanh({n})", "(1 - {a}^2)"),
    "relu": ("max({n}, 0)", "(1 if {n} > 0 else 0)"),
    "exponential": ("e^{z}", "{a}"),
    "softplus": ("log(1 + e^{z})", "1 / (1 + e^-{z})"),
    "leaky_relu": ("({n} if {n} > 0 else {s} {z})", "(1 if {n} > 0 else {s})"),
}

_LOSSES = {
    "squared_error": ("1/(2 n k) sum ({o} - Y)^2", "({o} - Y) / (n k)"),
    "absolute_error": ("1/(n k) sum |{o} - Y|", "sign({o} - Y) / (n k)"),
    "cross_entropy": ("-1/n sum log {o}[i, Y[i]]", "({o} - onehot(Y)) / n"),
    "binary_cross_entropy": ("-1/n sum (Y log {o} + (1 - Y) log(1 - {o}))", "({o} - Y) / n"),
}

_AVERAGES = ("m = beta1 m + (1 - beta1) dW", "v = beta2 v + (1 - beta2) dW^2")

UPDATES: dict[str, tuple[str, ...]] = {
    "sgd": ("new W = W - rate dW",),
    "momentum": ("v = momentum v - rate dW", "new W = W + v"),
    "nesterov": ("v = momentum v - rate dW", "new W = W + momentum v - rate dW"),
    "averaged_momentum": (
        "v = beta v + (1 - beta) dW",
        "new W = W - rate v / (1 - bias_correction beta^t)",
    ),
    "adagrad": ("s = s + dW^2", "new W = W - rate dW / (sqrt(s) + eps)"),
    "adadelta": (
        "s = rho s + (1 - rho) dW^2",
        "d = dW sqrt(u + eps) / sqrt(s + eps)",
        "u = rho u + (1 - rho) d^2",
        "new W = W - rate d",
    ),
    "rmsprop": ("s = rho s + (1 - rho) dW^2", "new W = W - rate dW / (sqrt(s) + eps)"),
    "adam": (*_AVERAGES, "new W = W - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)"),
    "adam_eps_hat": (*_AVERAGES, "new W = W - rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)"),
    "amsgrad": (
        *_AVERAGES,
        "w = max(w, v)",
        "new W = W - rate (m / (1 - beta1^t)) / (sqrt(w / (1 - beta2^t)) + eps)",
    ),
    "nadam": (
        *_AVERAGES,
        "h = beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) dW / (1 - beta1^t)",
        "new W = W - rate h / (sqrt(v / (1 - beta2^t)) + eps)",
    ),
    "lion": ("c = beta1 m + (1 - beta1) dW", "new W = W - rate sign(c)", "m = beta2 m + (1 - beta2) dW"),
    "rprop": ("s = sign(dW)", "d = min(max(rate, least_step), most_step)", "new W = W - d s"),
}
"""By the update rule: its formulas in the first step, t = 1, before which all that it keeps is 0."""

MEMORY: dict[str, tuple[str, ...]] = {
    "momentum": ("v",),
    "nesterov": ("v",),
    "averaged_momentum": ("v",),
    "adagrad": ("s",),
    "adadelta": ("s", "u"),
    "rmsprop": ("s",),
    "adam": ("m", "v"),
    "adam_eps_hat": ("m", "v"),
    "amsgrad": ("m", "v", "w"),
    "nadam": ("m", "v"),
    "lion": ("m",),
    "rprop": ("s", "d"),
}
"""What a rule keeps of each parameter, as its formulas call it, in the order of its slots."""


def activation(row: str) -> Callable[..., str]:
    """Return what writes an activation's value: of z, n and s."""
    form = _ACTIVATIONS.get(row, (row + "({n})", ""))[0]
    return form.format


def derivative(row: str) -> Callable[..., str]:
    """Return what writes an activation's derivative: of z, n, a and s."""
    form = _ACTIVATIONS.get(row, ("", row + "'({n})"))[1]
    return form.format


def loss(name: str, output: str, joined: bool, smoothed: bool) -> tuple[str, str]:
    """Return a loss and its gradient, as text.

    Parameters
    ----------
    name : str
        The loss's name.
    output : str
        The name of the network's output.
    joined : bool
        Whether the gradient is with respect to what the last activation reads.
    smoothed : bool
        Whether labels are smoothed, which the formulas are not of.
    """
    link = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(name)
    if name not in _LOSSES or smoothed:
        return f"{name}({output}, Y), the mean over the samples", "what the loss's kernel gives"
    value, gradient = _LOSSES[name]
    if link and not joined:  # a network that ends with logits
        output = f"{link}({output})"
    return value.format(o=output), gradient.format(o=output)

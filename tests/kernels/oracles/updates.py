"""Every update rule: from (theta, gradients, learning rate, settings) to the parameters after the last step."""

from __future__ import annotations

import numpy as np


def _sgd(theta, gradients, rate):
    for gradient in gradients:
        theta = theta - rate * gradient
    return theta


def _momentum(theta, gradients, rate, momentum):
    velocity = np.zeros_like(theta)
    for gradient in gradients:
        velocity = momentum * velocity - rate * gradient
        theta = theta + velocity
    return theta


def _adam(theta, gradients, rate, beta1, beta2, eps):
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for number, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        mean_corrected, square_corrected = mean / (1 - beta1**number), square / (1 - beta2**number)
        theta = theta - rate * mean_corrected / (np.sqrt(square_corrected) + eps)
    return theta


UPDATES = {"adam": _adam, "momentum": _momentum, "sgd": _sgd}

"""Every update rule, from its paper: from (theta, gradients, learning rate, settings) to theta after the last step."""

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


def _nesterov(theta, gradients, rate, momentum):
    """Follow the base point of Sutskever et al. and look ahead from it at the end of each step."""
    base, velocity = theta, np.zeros_like(theta)
    for gradient in gradients:
        velocity = momentum * velocity - rate * gradient
        base = base + velocity
        theta = base + momentum * velocity  # where the next gradient is taken
    return theta


def _averaged_momentum(theta, gradients, rate, beta, bias_correction):
    """Average by the sum of all gradients, each with its weight."""
    seen = []
    for number, gradient in enumerate(gradients, start=1):
        seen.append(gradient)
        weights = (1 - beta) * beta ** np.arange(number - 1, -1, -1.0)
        if bias_correction:
            weights = weights / weights.sum()
        theta = theta - rate * np.tensordot(weights, np.array(seen), axes=1)
    return theta


def _adagrad(theta, gradients, rate, eps):
    seen = []
    for gradient in gradients:
        seen.append(gradient)
        theta = theta - rate * gradient / (eps + np.linalg.norm(seen, axis=0))
    return theta


def _adadelta(theta, gradients, rate, rho, eps):
    def rms(mean_square):
        return np.sqrt(mean_square + eps)

    square, square_step = np.zeros_like(theta), np.zeros_like(theta)
    for gradient in gradients:
        square = rho * square + (1 - rho) * gradient**2
        step = -rms(square_step) / rms(square) * gradient
        square_step = rho * square_step + (1 - rho) * step**2
        theta = theta + rate * step
    return theta


def _rmsprop(theta, gradients, rate, rho, eps):
    square = np.zeros_like(theta)
    for gradient in gradients:
        square = rho * square + (1 - rho) * gradient**2
        theta = theta - rate * gradient / (np.sqrt(square) + eps)
    return theta


def _adam(theta, gradients, rate, beta1, beta2, eps):
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for number, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        mean_corrected, square_corrected = mean / (1 - beta1**number), square / (1 - beta2**number)
        theta = theta - rate * mean_corrected / (np.sqrt(square_corrected) + eps)
    return theta


def _adam_eps_hat(theta, gradients, rate, beta1, beta2, eps):
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for number, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        theta = theta - rate * np.sqrt(1 - beta2**number) / (1 - beta1**number) * mean / (np.sqrt(square) + eps)
    return theta


def _amsgrad(theta, gradients, rate, beta1, beta2, eps):
    mean, squares = np.zeros_like(theta), [np.zeros_like(theta)]
    for number, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        squares.append(beta2 * squares[-1] + (1 - beta2) * gradient**2)
        root = np.sqrt(np.max(squares, axis=0)) / np.sqrt(1 - beta2**number)
        theta = theta - rate / (1 - beta1**number) * mean / (root + eps)
    return theta


def _nadam(theta, gradients, rate, beta1, beta2, eps):
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for number, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        ahead = beta1 * mean / (1 - beta1 ** (number + 1)) + (1 - beta1) * gradient / (1 - beta1**number)
        theta = theta - rate * ahead / (np.sqrt(square / (1 - beta2**number)) + eps)
    return theta


def _lion(theta, gradients, rate, beta1, beta2):
    mean = np.zeros_like(theta)
    for gradient in gradients:
        theta = theta - rate * np.sign(beta1 * mean + (1 - beta1) * gradient)
        mean = beta2 * mean + (1 - beta2) * gradient
    return theta


def _rprop(theta, gradients, rate, eta_minus, eta_plus, least_step, most_step):
    theta, before, step = theta.copy(), np.zeros_like(theta), np.full_like(theta, rate)
    for gradient in gradients:
        for i, product in enumerate(before * gradient):
            counted = gradient[i]
            if product > 0:
                step[i] = min(step[i] * eta_plus, most_step)
            elif product < 0:
                step[i] = max(step[i] * eta_minus, least_step)
                counted = 0.0
            theta[i] -= np.sign(counted) * step[i]
            before[i] = counted
    return theta


UPDATES = {
    "adadelta": _adadelta,
    "adagrad": _adagrad,
    "adam": _adam,
    "adam_eps_hat": _adam_eps_hat,
    "amsgrad": _amsgrad,
    "averaged_momentum": _averaged_momentum,
    "lion": _lion,
    "momentum": _momentum,
    "nadam": _nadam,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "rprop": _rprop,
    "sgd": _sgd,
}

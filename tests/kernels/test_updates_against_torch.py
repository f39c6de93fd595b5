"""The update rules over a hundred steps of given gradients, against PyTorch and optax in float64."""

from __future__ import annotations

import numpy as np
import pytest
from calls import call_update

from netlet.kernels.registry import updates

pytestmark = pytest.mark.slow
SIZE, N_STEPS, RATE = 37, 100, 0.05
BETAS = {"beta1": 0.8, "beta2": 0.95}

# Ours, its settings by name, PyTorch's class, its parameters.
TORCH = {
    "sgd": ("sgd", {}, "SGD", {}),
    "momentum": ("momentum", {"momentum": 0.7}, "SGD", {"momentum": 0.7}),
    "nesterov": ("nesterov", {"momentum": 0.7}, "SGD", {"momentum": 0.7, "nesterov": True}),
    "adagrad": ("adagrad", {"eps": 1e-3}, "Adagrad", {"eps": 1e-3}),
    "adadelta": ("adadelta", {"rho": 0.9, "eps": 1e-3}, "Adadelta", {"rho": 0.9, "eps": 1e-3}),
    "rmsprop": ("rmsprop", {"rho": 0.9, "eps": 1e-3}, "RMSprop", {"alpha": 0.9, "eps": 1e-3}),
    "adam": ("adam", {**BETAS, "eps": 1e-3}, "Adam", {"betas": (0.8, 0.95), "eps": 1e-3}),
    "amsgrad": ("amsgrad", {**BETAS, "eps": 1e-3}, "Adam", {"betas": (0.8, 0.95), "eps": 1e-3, "amsgrad": True}),
    "rprop": (
        "rprop",
        {"eta_minus": 0.6, "eta_plus": 1.1, "least_step": 0.01, "most_step": 0.2},
        "Rprop",
        {"etas": (0.6, 1.1), "step_sizes": (0.01, 0.2)},
    ),
    "rprop, first step too large": (
        "rprop",
        {"eta_minus": 0.6, "eta_plus": 1.1, "least_step": 0.01, "most_step": 0.04},
        "Rprop",
        {"etas": (0.6, 1.1), "step_sizes": (0.01, 0.04)},
    ),
}
OPTAX = {
    "sgd": ("sgd", {}, "sgd", {}),
    "momentum": ("momentum", {"momentum": 0.7}, "sgd", {"momentum": 0.7}),
    "nesterov": ("nesterov", {"momentum": 0.7}, "sgd", {"momentum": 0.7, "nesterov": True}),
    "nadam": ("nadam", {**BETAS, "eps": 1e-3}, "nadam", {"b1": 0.8, "b2": 0.95, "eps": 1e-3}),
    "lion": ("lion", BETAS, "lion", {"b1": 0.8, "b2": 0.95, "weight_decay": 0.0}),
}


def problem():
    """Return the parameters and the gradients of all steps: of many sizes, with runs of one sign and one always 0."""
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(N_STEPS, SIZE)) + np.sin(np.arange(N_STEPS) / 7)[:, None]
    gradients *= np.exp(rng.normal(size=SIZE) * 2)
    gradients[:, 5] = 0
    return rng.normal(size=SIZE), gradients


def ours(name, settings, decay=0.0):
    """Return the parameters after each step."""
    row, (theta, gradients) = updates[name], problem()
    slots, found = [np.zeros(SIZE) for _ in range(row.n_slots)], []
    for number, gradient in enumerate(gradients, start=1):
        theta -= RATE * decay * theta
        call_update(row, theta, gradient, slots, RATE, number, named=settings)
        found.append(theta.copy())
    return np.array(found)


def torchs(kind, parameters):
    torch = pytest.importorskip("torch")
    start, gradients = problem()
    theta = torch.tensor(start, requires_grad=True)
    optimizer = getattr(torch.optim, kind)([theta], lr=RATE, **parameters)
    found = []
    for gradient in gradients:
        theta.grad = torch.tensor(gradient)
        optimizer.step()
        found.append(theta.detach().numpy().copy())
    return np.array(found)


def optaxs(kind, parameters):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    start, gradients = problem()
    with jax.enable_x64(True):
        theta = jax.numpy.asarray(start)
        optimizer = getattr(optax, kind)(RATE, **parameters)
        state, found = optimizer.init(theta), []
        for gradient in gradients:
            steps, state = optimizer.update(jax.numpy.asarray(gradient), state, theta)
            theta = optax.apply_updates(theta, steps)
            found.append(np.asarray(theta))
    assert found[0].dtype == np.float64
    return np.array(found)


@pytest.mark.parametrize("case", TORCH)
def test_a_hundred_steps_are_those_of_torch(case):
    name, settings, kind, parameters = TORCH[case]
    np.testing.assert_allclose(ours(name, settings), torchs(kind, parameters), rtol=1e-10, atol=1e-12)


def test_decoupled_decay_is_that_of_torch():
    settings = {**BETAS, "eps": 1e-3}
    theirs = torchs("AdamW", {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3})
    np.testing.assert_allclose(ours("adam", settings, decay=0.3), theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", OPTAX)
def test_a_hundred_steps_are_those_of_optax(case):
    name, settings, kind, parameters = OPTAX[case]
    np.testing.assert_allclose(ours(name, settings), optaxs(kind, parameters), rtol=1e-10, atol=1e-12)

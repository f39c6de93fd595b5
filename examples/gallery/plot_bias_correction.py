"""
The first steps: bias correction
================================

Momentum and Adam follow running averages. These begin at 0, and so their first values are too small. Adam divides one
average by the root of another whose beginning is slower still: uncorrected, its first steps are not too short but up to
six times too long. Dividing each average by ``1 - beta^t`` at step t repairs both.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from netlet import Adam, AveragedMomentum, Dense, Input, Network, Softmax

# %%
# An average that begins at 0
# ---------------------------
# The temperatures of 100 days, and their average with beta = 0.95, which looks back over about 20 days. On the first
# day it is 5 % of the temperature. Divided by ``1 - 0.95^t``, the sum of the weights so far, it is an average from the
# first day on; later the two are the same.

rng = np.random.default_rng(0)
days = np.arange(1, 101)
temperatures = 15 - 7 * np.cos(2 * np.pi * days / 365) + rng.normal(scale=2.5, size=100)
average, averages = 0.0, []
for temperature in temperatures:
    average = 0.95 * average + 0.05 * temperature
    averages.append(average)
corrected = averages / (1 - 0.95**days)
print(f"day 1: {temperatures[0]:.1f} degrees, average {averages[0]:.1f}, corrected {corrected[0]:.1f}")

# %%
# What it does to the steps
# -------------------------
# To see nothing but the averages, let the gradient be -1 for ever: one bias, and an absolute error whose target is far
# away. Then a step should be as long as the rate, at once. netlet's two rules do that with their correction. Without it
# averaged momentum begins at a tenth (beta = 0.9), and after 10 steps it still lacks a third. Adam without correction
# steps ``(1 - 0.9^t) / sqrt(1 - 0.999^t)`` too far. It cannot be had from netlet; it is easily written by hand.

N_STEPS, RATE = 3000, 0.01


def steps_of(optimizer):
    """Return the length of each step, in units of the rate."""
    network = Network([Input(1), Dense(1)], dtype="float64")
    network.theta = np.zeros(2)
    places = [0.0]
    keep = [lambda _: places.append(network.theta[1])]
    options = {"epochs": N_STEPS, "batch_size": "all", "callbacks": keep, "progress": False, "n_threads": 1}
    network.fit([[0.0]], [1e6], loss="absolute_error", optimizer=optimizer, **options)
    return np.diff(places) / RATE


def adam(gradient, theta, n_steps, bias_correction, rate=RATE, beta1=0.9, beta2=0.999, eps=1e-8):
    """Yield the parameters after each step of Adam, in NumPy."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, n_steps + 1):
        g = gradient(theta)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        first, second = (m / (1 - beta1**t), v / (1 - beta2**t)) if bias_correction else (m, v)
        theta = theta - rate * first / (np.sqrt(second) + eps)
        yield theta


t = np.arange(1, N_STEPS + 1)
by_hand = [theta[0] for theta in adam(lambda _: np.array([-1.0]), np.zeros(1), N_STEPS, bias_correction=False)]
lengths = {
    "Adam, uncorrected": np.diff([0.0, *by_hand]) / RATE,
    "Adam": steps_of(Adam(RATE)),
    "averaged momentum": steps_of(AveragedMomentum(RATE)),
    "averaged momentum, uncorrected": steps_of(AveragedMomentum(RATE, bias_correction=False)),
}
for name, values in lengths.items():
    some = ", ".join(f"{values[i - 1]:.2f} at {i}" for i in (1, 10, 40, 1000))
    print(f"{name:30}: steps of {some}; longest {values.max():.2f}")

# %%
# What it does to a network
# -------------------------
# Digits, all at once in each step, at a bold rate of 0.1. Adam by hand and netlet's Adam are the same but for rounding.
# Without correction, steps three times too long throw the weights to a place from which it takes long to return.

X, y = load_digits(return_X_y=True)
network = Network([Input(64), Dense(32, activation="tanh"), Dense(10), Softmax()], seed=0, dtype="float64")
network.build(64)
beginning = network.theta.copy()
losses, ends = {"corrected": [], "uncorrected": []}, {}
for name, values in losses.items():

    def gradient(theta, values=values):
        network.theta = theta
        loss, slope = network.loss_and_gradient(X / 16, y)
        values.append(loss)
        return slope

    *_, ends[name] = adam(gradient, beginning, 60, name == "corrected", rate=0.1)
    print(f"{name:11}: loss {values[0]:.2f} at first, {max(values):.2f} at most, {values[-1]:.2f} before step 60")

network.theta = beginning
network.fit(X / 16, y, optimizer=Adam(0.1), epochs=60, batch_size="all", progress=False, n_threads=1)
apart = np.abs(network.theta - ends["corrected"]).max()
print(f"largest difference of a weight between netlet's Adam and the one by hand: {apart:.0e}")

# %%
# An average, the steps, the loss
# -------------------------------

figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
axes[0].plot(days, temperatures, ".", color="silver", label="temperature of a day")
axes[0].plot(days, corrected, color="tab:blue", label="average, corrected")
axes[0].plot(days, averages, color="tab:red", linestyle="--", label="average, uncorrected")
axes[0].set(xlabel="day", ylabel="degrees Celsius", title="A running average (beta = 0.95)", ylim=(0, None))
axes[0].legend(loc="lower right")
for (name, values), style in zip(lengths.items(), ("r--", "b-", "c:", "y--"), strict=True):
    axes[1].loglog(t, values, style, label=name, linewidth=2)
axes[1].set(xlabel="step", ylabel="length of the step / rate", title="Steps while the gradient is -1", ylim=(0.02, 10))
axes[1].set_yticks((0.1, 1, 6), ("0.1", "1", "6"))
axes[1].legend(loc="lower right", fontsize=9)
for name, style in (("corrected", "b-"), ("uncorrected", "r--")):
    axes[2].semilogy(losses[name], style, label=f"Adam, {name}")
axes[2].set(xlabel="step", ylabel="loss", title="Adam on digits, rate 0.1")
axes[2].legend()
plt.show()

# %%
# The claim of this page, checked:

assert np.allclose(lengths["Adam"], 1)
assert np.allclose(lengths["averaged momentum"], 1)
assert np.allclose(lengths["averaged momentum, uncorrected"], 1 - 0.9**t)
assert np.allclose(lengths["Adam, uncorrected"], (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-5)
assert 6 < lengths["Adam, uncorrected"].max() < 7
assert apart < 1e-9
assert max(losses["uncorrected"]) > 3 * max(losses["corrected"])

"""
How a deep network begins
=========================

The first weights are drawn at random, but how large? Each layer multiplies the spread of its inputs by some factor, and
ten layers by its tenth power. Where the factor is not close to 1, what arrives at the end is nothing, or too much.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from netlet import Dense, Input, Network, Normal, Softmax, TrainingFailed

DEPTH = 10
X, y = load_digits(return_X_y=True)
X = ((X - 8) / 6).astype(np.float32)
X_train, y_train, X_test, y_test = X[:1200], y[:1200], X[1200:], y[1200:]

# %%
# Five ways to begin
# ------------------
# Glorot draws weights of variance 2 / (inputs + outputs), which keeps the spread before tanh. ReLU throws half of its
# inputs away, so that He doubles the variance: 2 / inputs.

beginnings = {"zero": "zeros", "small": Normal(0.01), "large": Normal(0.5), "Glorot": "glorot", "He": "he"}


def deep(activation, initialiser):
    hidden = [Dense(64, activation, initialiser=initialiser) for _ in range(DEPTH)]
    return Network([Input(64), *hidden, Dense(10, initialiser=initialiser), Softmax()], seed=0)


networks = {
    (activation, name): deep(activation, initialiser)
    for activation in ("tanh", "relu")
    for name, initialiser in beginnings.items()
}
layers = np.arange(1, DEPTH + 1)
spread = {key: [each.activations(X, f"dense_{i}").std() for i in layers] for key, each in networks.items()}

# %%
# The training that follows
# -------------------------
# The same 40 passes of plain gradient descent for all. With ``health=True`` netlet looks at the layers meanwhile, and
# ``findings[0]`` is the likeliest cause of what goes wrong.

losses, found, accuracy = {}, {}, {}
for key, network in networks.items():
    options = {"epochs": 40, "optimizer": "sgd", "learning_rate": 0.05, "health": True, "progress": False}
    try:
        history = network.fit(X_train, y_train, **options)
        losses[key] = history.column("loss")
    except TrainingFailed as failure:
        history = failure.history
    found[key] = history.health.findings[0].name if history.health.findings else "nothing wrong"
    accuracy[key] = network.evaluate(X_test, y_test)["accuracy"]
    print(f"{key[0]}  {key[1]:7} spread at the end {spread[key][-1]:7.1e}, {accuracy[key]:4.0%} right: {found[key]}")

# %%
# Zero: all units of a layer are the same and stay the same. Small: no signal arrives, and no gradient returns. Large:
# tanh lies where it is flat; ReLU has no end, and the first steps go beyond all numbers. (Small ReLU units die, too: a
# step of a bias is far longer than their values, and below 0 it makes them 0 for every sample.)
#
# Each activation has its own beginning: Glorot loses half of the variance at each ReLU, and begins to learn later.

figure, axes = plt.subplots(2, 2, figsize=(9, 6), sharex="row", layout="constrained")
colours = dict(zip(beginnings, ("tab:grey", "tab:orange", "tab:red", "tab:blue", "tab:green"), strict=True))
for (above, below), activation in zip(axes.T, ("tanh", "relu"), strict=True):
    for name, colour in colours.items():
        key = activation, name
        if name != "zero":  # log of 0
            above.semilogy(layers, spread[key], "o-", markersize=3, color=colour, label=name)
        if key in losses:
            style = ":" if name == "small" else "-"  # it lies on that of zero
            below.plot(np.arange(1, 41), losses[key], style, color=colour, label=name, linewidth=2)
    above.set(xlabel="hidden layer", ylabel="standard deviation of its values", title=f"{activation}: before training")
    below.set(xlabel="epoch", ylabel="cross-entropy, nats", title=f"{activation}: training", ylim=(-0.1, 5.5))
    above.legend(loc="lower left")
    below.legend(loc="upper right", ncols=3)
axes[1, 1].text(20, 3.2, "large: not finite after a few steps", color="tab:red", ha="center")
plt.show()

# %%
# The claim of this page, checked:

assert found["tanh", "zero"] == found["relu", "zero"] == "symmetric weights"
assert found["tanh", "small"] == "vanishing gradient"
assert found["tanh", "large"] == "saturated tanh"
assert found["relu", "large"] == "exploding gradient"
assert found["tanh", "Glorot"] == found["relu", "He"] == "nothing wrong"
assert spread["relu", "Glorot"][-1] < 0.05 < 0.5 < spread["relu", "He"][-1]
assert losses["relu", "He"][4] < losses["relu", "Glorot"][4] / 3
assert min(accuracy["tanh", "Glorot"], accuracy["relu", "He"]) > 0.88

"""
A gradient check finds a planted error
======================================

A wrong gradient does not crash. It often points roughly downhill, the loss falls, and nobody looks twice. Differences
of the loss know nothing of your derivation, and find the mistake at once.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from netlet import Dense, Input, Network

X, y = make_moons(300, noise=0.2, random_state=0)
y = y.reshape(-1, 1)
network = Network([Input(2), Dense(4, "tanh"), Dense(1, "sigmoid")], dtype="float64", seed=0)

# %%
# Is netlet's own gradient right?
# -------------------------------
# ``check_gradients`` moves each parameter to both sides and compares.

check = network.check_gradients(X, y, loss="binary_cross_entropy")
print(check)

# %%
# Back-propagation by hand, twice
# -------------------------------
# The derivative of tanh is 1 - A^2. The study notes that netlet grew from have (1 - A)^2, as their errata tell: one
# bracket in another place.

right = {"1 - A^2": lambda a: 1 - a**2}
planted = {"(1 - A)^2": lambda a: (1 - a) ** 2}
names = list(network.parameters)


def forward(parameters):
    w1, b1, w2, b2 = parameters
    a1 = np.tanh(X @ w1 + b1)
    z2 = a1 @ w2 + b2
    return a1, z2, np.mean(np.logaddexp(0, z2) - y * z2)


def by_hand(parameters, slope):
    a1, z2, _ = forward(parameters)
    dz2 = (1 / (1 + np.exp(-z2)) - y) / len(y)
    dz1 = dz2 @ parameters[2].T * slope(a1)
    return [X.T @ dz1, dz1.sum(axis=0), a1.T @ dz2, dz2.sum(axis=0)]


def by_differences(parameters, h=1e-5):
    found = [np.zeros_like(block) for block in parameters]
    for block, slopes in zip(parameters, found, strict=True):
        for i in np.ndindex(block.shape):
            kept = block[i]
            block[i] = kept + h
            above = forward(parameters)[2]
            block[i] = kept - h
            below = forward(parameters)[2]
            block[i] = kept
            slopes[i] = (above - below) / (2 * h)
    return found


start = [block.copy() for block in network.parameters.values()]
numeric = by_differences(start)
gradients, errors = {}, {"netlet": [block.error for block in check.blocks]}
for name, slope in (right | planted).items():
    gradients[name] = by_hand(start, slope)
    pairs = zip(gradients[name], numeric, strict=True)
    errors[name] = [np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n)) for g, n in pairs]
    print(f"{name:9}", {block: f"{error:.0e}" for block, error in zip(names, errors[name], strict=True)})

# %%
# The error is in both blocks of the first layer, and the second layer is right: so the mistake lies between them.
#
# Would the training have told?
# -----------------------------
# Not clearly. Like 1 - A^2, (1 - A)^2 is never negative, so that at first the steps lead downhill, and the loss is
# halved. Then it rises a little, and comes to rest at six times what it could be. That looks like a network that is too
# small.

losses = {}
for name, slope in (right | planted).items():
    parameters = [block.copy() for block in start]
    losses[name] = []
    for _ in range(2000):
        losses[name].append(forward(parameters)[2])
        for block, gradient in zip(parameters, by_hand(parameters, slope), strict=True):
            block -= 0.5 * gradient
    print(f"{name:9} loss at steps 0, 100 and 1999:", *(f"{losses[name][i]:.3f}" for i in (0, 100, 1999)))

figure, (left, middle, last) = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained")
colours = {"netlet": "tab:green", "1 - A^2": "tab:blue", "(1 - A)^2": "tab:red"}
for i, (name, values) in enumerate(errors.items()):
    left.bar(np.arange(4) + 0.27 * (i - 1), values, 0.27, color=colours[name], label=name)
left.axhline(check.tolerance, color="grey", linestyle="--", linewidth=1, label="tolerance")
left.set(yscale="log", ylim=(1e-13, 1e4), ylabel="relative error", title="The check")
left.set_xticks(range(4), ["W1", "b1", "W2", "b2"])
left.legend(ncols=2, loc="upper center")
for name, found in gradients.items():
    middle.plot(numeric[0].ravel(), found[0].ravel(), "o", color=colours[name], label=name)
middle.axline((0, 0), slope=1, color="grey", linewidth=1)
middle.set(xlabel="by differences", ylabel="by hand", title="Gradient of each weight in W1")
middle.legend()
for name, values in losses.items():
    last.plot(values, color=colours[name], label=name)
last.set(xlabel="step", ylabel="cross-entropy, nats", title="Training with it", ylim=(0, None))
last.legend()
plt.show()

# %%
# The claim of this page, checked:

assert check.ok
assert max(errors["1 - A^2"]) < 1e-8
assert min(errors["(1 - A)^2"][:2]) > 0.1
assert max(errors["(1 - A)^2"][2:]) < 1e-8
assert losses["(1 - A)^2"][100] < losses["(1 - A)^2"][0] / 2
assert losses["(1 - A)^2"][-1] > 5 * losses["1 - A^2"][-1]
assert np.allclose(network.loss_and_gradient(X, y)[1], np.concatenate([g.ravel() for g in gradients["1 - A^2"]]))

"""
Hidden layers as a change of coordinates
========================================

A single neuron can only draw a straight line. A hidden layer in front of it moves every point first: it stretches,
turns and bends the plane. It learns to bend it so that a straight line is enough.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_circles

from netlet import Dense, Input, Network, Sigmoid

# %%
# Two arcs, one in the other
# --------------------------

rng = np.random.default_rng(0)
t = np.linspace(-1, 1, 200)
X = np.concatenate([np.c_[t, t**2 + shift] for shift in (0.05, -0.65)]) + 0.04 * rng.normal(size=(400, 2))
y = np.repeat([0, 1], 200)


def trained(X, y, hidden=0, seed=0, l2=0.0):
    layers = [Dense(hidden, "tanh")] if hidden else []
    network = Network([Input(X.shape[1]), *layers, Dense(1), Sigmoid()], dtype="float64", seed=seed)
    network.fit(X, y, epochs=300, learning_rate=0.03, l2=l2, progress=False)
    return network


untrained = Network([Input(2), Dense(2, "tanh"), Dense(1), Sigmoid()], dtype="float64", seed=0)
network = trained(X, y, hidden=2, l2=0.006)  # smaller weights bend the plane more gently
moved = network.activations(X, "dense_1")
share = {
    "a single neuron": trained(X, y).evaluate(X, y)["accuracy"],
    "two hidden units and a neuron": network.evaluate(X, y)["accuracy"],
    "a single neuron, in the new coordinates": trained(moved, y).evaluate(moved, y)["accuracy"],
}
for name, value in share.items():
    print(f"{name}: {value:.1%} right")

# %%
# The plane before and after
# --------------------------
# ``activations`` gives what a layer makes of any points, those of a grid too. The first picture is the plane of the
# inputs. The others are the plane of the two hidden units: every line of the grid is drawn where the layer moves it.

ticks, along = np.linspace(-1.2, 1.2, 17), np.linspace(-1.2, 1.2, 100)
lines = [np.c_[np.full(100, at), along] for at in ticks] + [np.c_[along, np.full(100, at)] for at in ticks]
views = {
    "inputs": lambda points: points,
    "hidden units before training": lambda points: untrained.activations(points, "dense_1"),
    "hidden units after training": lambda points: network.activations(points, "dense_1"),
}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained")
for axis, (name, view) in zip(axes, views.items(), strict=True):
    for line in lines:
        axis.plot(*view(line).T, color="silver", linewidth=0.7, zorder=0)
    points = view(X)
    for kind, colour in enumerate(("tab:blue", "tab:orange")):
        axis.scatter(*points[y == kind].T, s=5, color=colour, label=f"class {kind}")
    axis.set(title=name, xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal")
    axis.set(xlabel="unit 1", ylabel="unit 2") if axis is not axes[0] else axis.set(xlabel="x1", ylabel="x2")

# %%
# Where the network answers 1/2: a straight line for the hidden units, and therefore a curve for the inputs.

grid = np.stack(np.meshgrid(along, along), axis=-1)
answers = network.predict(grid.reshape(-1, 2)).reshape(100, 100)
axes[0].contour(along, along, answers, [0.5], colors="black")
(w1, w2), bias = network.parameters["dense_2.weight"].ravel(), network.parameters["dense_2.bias"][0]
corners = np.array([-2.0, 2.0])
axes[2].plot(corners, -(bias + w1 * corners) / w2, color="black", label="answer 1/2")
handles, labels = axes[2].get_legend_handles_labels()
figure.legend(handles, labels, loc="outside lower center", ncols=3, markerscale=3)
plt.show()

# %%
# A ring around a disc needs a third dimension: whoever only bends the plane cannot get the disc out of the ring.

rings = make_circles(300, noise=0.06, factor=0.45, random_state=0)
around = {
    units: max(trained(*rings, units, seed).evaluate(*rings)["accuracy"] for seed in range(3)) for units in (2, 3)
}
print(f"ring and disc: with 2 hidden units {around[2]:.0%} right, with 3 {around[3]:.0%} (the best of three each)")

# %%
# The claim of this page, checked:

assert share["a single neuron"] < 0.9
assert share["two hidden units and a neuron"] == share["a single neuron, in the new coordinates"] == 1
assert around[2] < 0.9 < 0.99 < around[3]

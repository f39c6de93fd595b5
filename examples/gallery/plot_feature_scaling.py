"""
Why features are scaled
=======================

A feature with large numbers and one with small numbers make a long, narrow valley of the loss, and gradient descent
goes to and fro between its walls. With both on one scale the valley is nearly round, and the way down short.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

from netlet import SGD, Dense, Input, Network

# %%
# Two features of 442 people are to tell the course of their diabetes: the body mass index, which varies by 4.4 from one
# person to another, and the logarithm of their triglycerides, which varies by 0.52. (Their means are taken off in both
# cases, so that the picture needs no third axis for the bias.)

X, y = load_diabetes(return_X_y=True, scaled=False)
features = X[:, [8, 2]]
y = (y - y.mean()) / y.std()
as_measured = features - features.mean(axis=0)
scaled = as_measured / as_measured.std(axis=0)
print(f"standard deviations: {as_measured.std(axis=0).round(2)}")

# %%
# The valley
# ----------
# The loss is a quadratic function of the two weights. How it curves is the matrix ``X^T X / n``: its eigenvalues are
# the curvatures along and across the valley. The rate must be below 2 / (the largest), or descent diverges; and where
# the smallest is 90 times smaller, such steps are 90 times too short along the valley. Best is 2 / (their sum).


def descend(features, steps=400):
    """Train two weights by gradient descent at the best rate; return their path and the losses above the lowest."""
    curvatures = np.linalg.eigvalsh(features.T @ features / len(features))
    network = Network([Input(2), Dense(1)], dtype="float64")
    network.theta = np.zeros(3)
    path = [network.theta[:2].copy()]
    network.fit(
        features,
        y,
        optimizer=SGD(2 / curvatures.sum()),
        epochs=steps,
        batch_size="all",
        callbacks=[lambda _: path.append(network.theta[:2].copy())],
        progress=False,
        n_threads=1,
    )
    return curvatures[1] / curvatures[0], np.array(path), above(features, np.array(path))


def above(features, weights):
    """Return how far the loss at weights (..., 2) is above the lowest one, as a share of that at 0."""
    best = np.linalg.lstsq(features, y)[0]
    away = (weights - best) @ features.T
    return np.mean(away**2, axis=-1) / np.mean((features @ best) ** 2)


cases = {"as measured": as_measured, "scaled": scaled}
condition, paths, losses, steps = {}, {}, {}, {}
for name, Z in cases.items():
    condition[name], paths[name], losses[name] = descend(Z)
    steps[name] = int(np.argmax(losses[name] < 1e-3))
    print(f"{name:12}: valley {condition[name]:4.1f} times as curved across as along, {steps[name]:3} steps to 99.9 %")

# %%
# All ten features, with the bias
# -------------------------------
# Left as they are, with their means, ten features are far worse: no rate would ever get there. Scaling repairs most of
# it. What it leaves is that some features go together, which is what L-BFGS and normalising layers are for.

ones = np.ones((len(X), 1))
for name, Z in {"as measured": X, "scaled": (X - X.mean(axis=0)) / X.std(axis=0)}.items():
    curvatures = np.linalg.eigvalsh(np.hstack([Z, ones]).T @ np.hstack([Z, ones]))
    condition["ten, " + name] = curvatures[-1] / curvatures[0]
    print(f"ten features {name}: {condition['ten, ' + name]:,.0f} times as curved across as along")

# %%
# A narrow valley and a round one
# -------------------------------
# Both axes of a panel have the same scale. Lines are drawn where the loss is above its lowest by a given share.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.7), width_ratios=(1.3, 1, 1.1), layout="constrained")
colours = {"as measured": "tab:red", "scaled": "tab:blue"}
for panel, (name, Z), half in zip(axes, cases.items(), (0.75, 0.45), strict=False):
    best = np.linalg.lstsq(Z, y)[0]
    grid = np.stack(np.meshgrid(*(np.linspace(at - half, at + half, 300) for at in best)), axis=-1)
    panel.contour(
        grid[..., 0], grid[..., 1], above(Z, grid), levels=np.geomspace(0.003, 30, 9), colors="silver", linewidths=0.8
    )
    panel.plot(*paths[name].T, "o-", color=colours[name], markersize=2.5, linewidth=1)
    panel.plot(0, 0, "ko", markersize=5, label="beginning")
    panel.plot(*best, "k*", markersize=9, label="lowest loss")
    panel.set(
        title=f"{name}: {steps[name]} steps", xlabel="weight of triglycerides", ylabel="weight of body mass index"
    )
    panel.set_aspect("equal")
    axes[2].semilogy(100 * losses[name][:250], color=colours[name], label=name)
axes[0].legend(loc="upper right")
axes[2].axhline(0.1, color="grey", linestyle="--", linewidth=1)
axes[2].set(xlabel="step", ylabel="loss above the lowest, % of the first", title="The way down", ylim=(1e-4, 150))
axes[2].legend()
plt.show()

# %%
# The claim of this page, checked:

assert condition["as measured"] > 80
assert condition["scaled"] < 3
assert steps["as measured"] > 20 * steps["scaled"]
assert condition["ten, as measured"] > 1e4 * condition["ten, scaled"]

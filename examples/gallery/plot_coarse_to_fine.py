"""
Coarse to fine, on the right scale
==================================

Nobody knows a good learning rate beforehand. One draws some at random, looks where the good ones lie, and draws denser
there. That works only where the first draws see the good region at all, and this is a question of scale.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from sklearn.datasets import load_digits

from netlet import CoarseToFine, RandomSearch, scales, search

X, y = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(X))
X, y = (X[order] / 16).astype(np.float32), y[order]
held_out = X[1000:], y[1000:]

# %%
# Two scales
# ----------
# Between 0.00001 and 10, nine even draws in ten lie above 1, where nothing learns. On the scale of powers of ten every
# decade gets its share. A momentum is the same seen from its other end: what counts is 1 - momentum.

even = {"learning_rate": scales.Uniform(1e-5, 10), "momentum": scales.Uniform(0.5, 0.999)}
powers = {"learning_rate": scales.LogUniform(1e-5, 10), "momentum": scales.OneMinusLog(0.5, 0.999)}
ways = {
    "even scale, at random": (even, RandomSearch()),
    "powers of ten, at random": (powers, RandomSearch()),
    "powers of ten, coarse to fine": (powers, CoarseToFine(rounds=3)),
}

# %%
# 36 networks each, four times
# ----------------------------

TRIALS, SEEDS = 36, range(4)
settings = {"optimizer": "momentum", "epochs": 5, "validation_data": held_out, "progress": False}
found = {
    name: [
        search(X[:1000], y[:1000], {"hidden": (32,)} | space, TRIALS, strategy=way, seed=s, **settings) for s in SEEDS
    ]
    for name, (space, way) in ways.items()
}
best = {name: np.mean([each.best.score for each in searches]) for name, searches in found.items()}
good = {
    name: np.mean([trial.cost < 0.3 for each in searches for trial in each.trials]) for name, searches in found.items()
}
for name in ways:
    print(f"{name:30} best validation loss {best[name]:.3f} (mean of {len(SEEDS)}), {good[name]:4.0%} below 0.3")

# %%
# Where they looked
# -----------------
# Each dot is a network. The even draws crowd at the right edge. Coarse to fine draws 12 in the whole space (circles),
# 12 in a box around the best quarter (squares), and 12 in a smaller one (triangles).

figure, axes = plt.subplots(1, 3, figsize=(10, 3.9), sharex=True, sharey=True, layout="constrained")
for axis, (name, searches) in zip(axes, found.items(), strict=True):
    trials = searches[0].trials
    places = np.array([(each.settings["learning_rate"], 1 - each.settings["momentum"]) for each in trials])
    costs = [min(each.cost, 3.0) for each in trials]
    third = TRIALS // 3
    for turn, marker in enumerate("os^" if "coarse" in name else "ooo"):
        part = slice(turn * third, (turn + 1) * third)
        dots = axis.scatter(*places[part].T, c=costs[part], marker=marker, norm=LogNorm(0.1, 3), cmap="viridis_r")
        if marker in "s^":
            low, high = places[part].min(axis=0), places[part].max(axis=0)
            axis.add_patch(Rectangle(low, *(high - low), fill=False, edgecolor="grey"))
    axis.set(xscale="log", yscale="log", xlabel="learning rate", title=name)
axes[0].set(ylabel="1 - momentum")
figure.colorbar(dots, ax=axes, label="validation loss, nats", extend="max")
plt.show()

# %%
# The claim of this page, checked:

assert best["powers of ten, coarse to fine"] < best["powers of ten, at random"] < best["even scale, at random"]
assert good["even scale, at random"] < 0.1
assert good["powers of ten, coarse to fine"] > 1.5 * good["powers of ten, at random"]

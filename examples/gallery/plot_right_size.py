"""
Too few hidden units, too many, and the right number
====================================================

With too few hidden units a network cannot follow the curve in the data. With too many it follows every single point.
How many are right, only other data can tell, and netlet tries the sizes for you.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

from netlet import Dense, Input, Network, NotConverged, grow, prune

# %%
# Forty noisy points of a sine wave
# ---------------------------------


def sample(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    return x[:, None], np.sin(6 * x) + 0.3 * rng.normal(size=n)


train, validation, test = sample(40, seed=0), sample(40, seed=1), sample(1000, seed=2)
warnings.simplefilter("ignore", NotConverged)  # large networks would go on fitting the noise
fit = {"optimizer": "lbfgs", "epochs": 2000}


def make(units, seed=0):
    return Network([Input(1), Dense(units, "tanh"), Dense(1)], dtype="float64", seed=seed)


# %%
# Each size from five beginnings
# ------------------------------

sizes = (1, 2, 3, 4, 6, 8, 16, 32)
networks, errors = {}, {}
for units in sizes:
    networks[units] = [make(units, seed) for seed in range(5)]
    for network in networks[units]:
        network.fit(*train, progress=False, **fit)
    found = [(each.evaluate(*train)["loss"], each.evaluate(*test)["loss"]) for each in networks[units]]
    errors[units] = 2 * np.median(found, axis=0)  # the loss is half of the squared error
    print(
        f"{units:2} hidden units: squared error {errors[units][0]:.3f} on the points, {errors[units][1]:.3f} on others"
    )

# %%
# Finding it: grow or prune
# -------------------------
# ``grow`` trains larger and larger networks until the validation points are predicted no better. ``prune`` takes the
# units away that contribute least, as long as the validation error allows it. Here growing finds the better network:
# what the one of 16 units has learnt of the noise, the units that remain keep.

options = {"validation_data": validation, "progress": False}
brief = {"optimizer": "lbfgs", "epochs": 300, "patience": None}
grown = grow(make, *train, start=1, factor=1.5, patience=2, fit=fit | {"patience": None}, **options)
pruned = prune(networks[16][0], *train, fit=brief, **options)
print(grown.table(), pruned.table(), sep="\n\n")
chosen = {"grown": grown.network, "16 units": networks[16][0], "pruned from them": pruned.network}
score = {name: 2 * network.evaluate(*test)["loss"] for name, network in chosen.items()}
print({name: round(value, 3) for name, value in score.items()})

# %%
# Three sizes
# -----------

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), width_ratios=(3, 2), layout="constrained")
x = np.linspace(-1, 1, 500)
left.plot(x, np.sin(6 * x), "--", color="grey", label="truth")
left.plot(*train, "k.", label="40 points")
best = grown.size.units[0]
for network, units, colour in (
    (networks[1][0], 1, "tab:orange"),
    (grown.network, best, "tab:green"),
    (networks[32][0], 32, "tab:red"),
):
    left.plot(x, network.predict(x[:, None]), color=colour, label=f"{units} hidden unit{'s' * (units > 1)}")
left.set(xlabel="x", ylabel="y", title="What they learn", ylim=(-2.2, 3))
left.legend(ncols=2, loc="upper center")
for part, (name, colour) in enumerate({"on the 40 points": "tab:blue", "on others": "tab:purple"}.items()):
    right.loglog(sizes, [errors[units][part] for units in sizes], "o-", color=colour, label=name)
right.axhline(0.3**2, color="grey", linestyle="--", label="the noise itself")
right.axvline(best, color="tab:green", linestyle=":", label="found by grow")
right.set_xticks(sizes, sizes)
right.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
right.minorticks_off()
right.set(xlabel="hidden units", ylabel="squared error, median of five", title="What that costs", ylim=(0.008, 0.9))
right.legend(loc="lower left")
plt.show()

# %%
# The claim of this page, checked:

fitted, unseen = np.array([errors[units] for units in sizes]).T
assert (fitted[1:4] < fitted[:3]).all()
assert fitted[-1] < fitted[3] / 2
assert sizes[unseen.argmin()] in (3, 4)
assert unseen[0] > 2 * unseen.min() < unseen[-1]
assert best in (3, 4)
assert pruned.size.units[0] < 12
assert score["grown"] < min(score["16 units"], score["pruned from them"])

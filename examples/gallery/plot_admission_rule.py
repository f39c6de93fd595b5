"""
An admission rule is the AND of two lines
=========================================

A school admits who is good enough in two ways: test and grades together lie beyond one line, and beyond another one
too. One neuron has one line. Two neurons have two, and a third one behind them, which is an AND, makes them a rule.
First its numbers are set by hand, then they are learnt.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlet import Dense, Network, Sigmoid

# %%
# The rule, and 300 who applied. Marks are 0 to 10; in both lines a good mark makes up for the other one.

LINES = np.array([[1.0, 0.5, -7.0], [0.4, 1.0, -6.0]])  # test + grades / 2 > 7, and 0.4 test + grades > 6
rng = np.random.default_rng(0)
X = rng.uniform(0, 10, size=(300, 2))  # test, grades
y = (X @ LINES[:, :2].T + LINES[:, 2] > 0).all(axis=1).astype(int)
print(f"admitted: {y.mean():.0%}")


def rule():
    return [Dense(2, activation="sigmoid"), Dense(1), Sigmoid()]


# %%
# By hand
# -------
# Each hidden unit is a line, times 100 to make its edge sharp. The output is an AND: 20 + 20 - 30 is above 0, and 20 -
# 30 is not.

by_hand = Network(rule()).build(2)
by_hand.parameters["dense_1.weight"][:] = 100 * LINES[:, :2].T
by_hand.parameters["dense_1.bias"][:] = 100 * LINES[:, 2]
by_hand.parameters["dense_2.weight"][:] = 20
by_hand.parameters["dense_2.bias"][:] = -30
share = by_hand.evaluate(X, y)["accuracy"]
print(f"by hand: {share:.1%} right")

# %%
# Learnt
# ------
# One neuron first, then the network from ten beginnings. The marks are brought near 0, where training begins, and a
# small penalty keeps the weights from growing without end: there is no point that a sharper edge would not please.


def scaled(X):
    return (X - 5) / 3


neuron = Network([Dense(1), Sigmoid()], seed=0)
neuron.fit(scaled(X), y, optimizer="lbfgs", epochs=500, l2=1e-4, progress=False)
share_of_neuron = neuron.evaluate(scaled(X), y)["accuracy"]
learnt = []
for seed in range(10):
    network = Network(rule(), seed=seed)
    network.fit(scaled(X), y, optimizer="lbfgs", epochs=500, l2=1e-4, progress=False)
    learnt.append(network)
shares = [network.evaluate(scaled(X), y)["accuracy"] for network in learnt]
print(f"one neuron: {share_of_neuron:.1%} right; ten networks: from {min(shares):.1%} to {max(shares):.1%}")

# %%
# What did they find? A unit whose weights are negative says "not good enough", and its line is the same. So the table
# of the output is taken with such units turned around. It is that of an AND, for all ten.

CASES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
tables = []
for network in learnt:
    values = network.parameters
    turned = values["dense_1.weight"].sum(axis=0) < 0
    logits = np.where(turned, 1 - CASES, CASES) @ values["dense_2.weight"] + values["dense_2.bias"]
    tables.append((logits.ravel() > 0).astype(int).tolist())
print(f"output for units that say {CASES.tolist()}: {tables[0]}; the same in {tables.count([0, 0, 0, 1])} of 10")

# %%
# Side by side
# ------------
# New applicants, too, are judged as by the rule, but for those next to a line: where its edge lies between two points
# the network cannot know.

X_new = rng.uniform(0, 10, size=(5000, 2))
y_new = (X_new @ LINES[:, :2].T + LINES[:, 2] > 0).all(axis=1).astype(int)
across = np.linspace(0, 10, 200)
plane = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
figure, axes = plt.subplots(1, 3, figsize=(9.5, 4.3), sharey=True, layout="constrained")
drawn = {
    "one neuron, learnt": (neuron, scaled),
    "two lines and an AND, by hand": (by_hand, np.asarray),
    "two lines and an AND, learnt": (learnt[0], scaled),
}
rights = {}
for axis, (name, (network, units)) in zip(axes, drawn.items(), strict=True):
    yes = network.predict(units(plane)).reshape(200, 200)
    rights[name] = network.evaluate(units(X_new), y_new)["accuracy"]
    axis.contourf(across, across, yes, levels=(0, 0.5, 1), colors=("tab:orange", "tab:blue"), alpha=0.2)
    weight, bias = network.parameters["dense_1.weight"], network.parameters["dense_1.bias"]
    for unit in range(weight.shape[1]):
        side = (units(plane) @ weight[:, unit] + bias[unit]).reshape(200, 200)
        axis.contour(across, across, side, levels=[0], colors="black", linewidths=1)
    for label, colour in ((0, "tab:orange"), (1, "tab:blue")):
        axis.plot(*X[y == label].T, ".", color=colour, markersize=4, label=("refused", "admitted")[label])
    axis.set(title=f"{name}\n{rights[name]:.1%} of new applicants right", xlabel="test (0 to 10)", aspect="equal")
    axis.set(xticks=range(0, 11, 2), yticks=range(0, 11, 2))
    axis.title.set_fontsize(10)
axes[0].set_ylabel("grades (0 to 10)")
axes[0].plot([], [], color="black", linewidth=1, label="line of a unit")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
plt.show()
print("new applicants:", ", ".join(f"{name} {each:.1%}" for name, each in rights.items()))

# %%
# The claim of this page, checked:

assert share == 1
assert share_of_neuron < 0.95
assert min(shares) == 1
assert tables == [[0, 0, 0, 1]] * 10
assert rights["two lines and an AND, learnt"] > 0.97

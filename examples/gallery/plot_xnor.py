"""
XNOR, built by hand
===================

A neuron that answers through a sigmoid can be a logical gate: with weights of 20 its answer is nearly 0 or nearly 1.
AND, OR and NOR are one neuron each. XNOR, "both or neither", is not: no line parts its two answers. Two layers can do
it, and no training is needed to find them.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlet import Dense, Network, Sigmoid

# %%
# Gates of one neuron
# -------------------
# sigmoid(20 a + 20 b - 30) is above a half only where both inputs are 1: an AND. The other two differ in the numbers.

GATES = {"AND": (20, 20, -30), "NOR": (-20, -20, 10), "OR": (20, 20, -10)}
truth = {"AND": [0, 0, 0, 1], "NOR": [1, 0, 0, 0], "OR": [0, 1, 1, 1], "XNOR": [1, 0, 0, 1]}
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def gate(a, b, bias):
    network = Network([Dense(1), Sigmoid()]).build(2)
    network.parameters["dense_1.weight"][:] = [[a], [b]]
    network.parameters["dense_1.bias"][:] = bias
    return network


answers = {name: gate(*numbers).predict(X).ravel() for name, numbers in GATES.items()}

# %%
# Two layers
# ----------
# XNOR is (a AND b) OR (a NOR b). So AND and NOR are the hidden units, and OR is the output. A Dense layer has one row
# for each input and one column for each unit.

xnor = Network([Dense(2, activation="sigmoid"), Dense(1), Sigmoid()]).build(2)
hidden = np.array([GATES["AND"], GATES["NOR"]])  # a row for each unit: weight, weight, bias
xnor.parameters["dense_1.weight"][:] = hidden[:, :2].T
xnor.parameters["dense_1.bias"][:] = hidden[:, 2]
xnor.parameters["dense_2.weight"][:] = [[20], [20]]
xnor.parameters["dense_2.bias"][:] = -10
answers["XNOR"] = xnor.predict(X).ravel()

print("a b " + "".join(f"{name:>9}" for name in answers))
for row, (a, b) in enumerate(X):
    print(a, b, "".join(f"{each[row]:9.5f}" for each in answers.values()))

# %%
# The drawing, and what each neuron sees
# --------------------------------------
# ``activations`` gives the hidden units' answers for a grid of inputs. Each is a soft step along a line; where one of
# the two is high, the output is.

across = np.linspace(-0.5, 1.5, 100)
grid = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
units = xnor.activations(grid, "dense_1")
seen = {"AND": units[:, 0], "NOR": units[:, 1], "XNOR": xnor.predict(grid)[:, 0]}

figure, axes = plt.subplots(1, 4, figsize=(10.5, 2.9), width_ratios=(1.5, 1, 1, 1), layout="constrained")
places = {"a": (0, 1), "b": (0, 0), "AND": (1, 1), "NOR": (1, 0), "OR": (2, 0.5)}
lines = [(unit, name, GATES[unit][k]) for unit in ("AND", "NOR") for k, name in enumerate("ab")]
lines += [("OR", name, GATES["OR"][k]) for k, name in enumerate(("AND", "NOR"))]
for after, before, weight in lines:
    (x0, y0), (x1, y1) = places[before], places[after]
    axes[0].plot((x0, x1), (y0, y1), color="tab:red" if weight > 0 else "tab:blue", zorder=0)
    third = (x0 + 0.36 * (x1 - x0), y0 + 0.36 * (y1 - y0))  # not in the middle, where lines cross
    axes[0].text(*third, f"{weight}", ha="center", va="center", fontsize=8, bbox={"color": "white", "pad": 1})
for name, (x, y) in places.items():
    axes[0].plot(x, y, "o", markersize=28, color="white", markeredgecolor="black")
    axes[0].text(x, y, name, ha="center", va="center", fontsize=9)
    if name in GATES:
        axes[0].text(x, y - 0.27, f"bias {GATES[name][2]}", ha="center", va="center", fontsize=8)
axes[0].set(xlim=(-0.3, 2.3), ylim=(-0.4, 1.3), title="the network, by hand")
axes[0].set_axis_off()
for axis, (name, values) in zip(axes[1:], seen.items(), strict=True):
    image = axis.pcolormesh(across, across, values.reshape(100, 100), cmap="Greens", vmin=0, vmax=1)
    axis.scatter(*X.T, c=np.array(truth[name]), cmap="gray", edgecolors="black", vmin=0, vmax=1, zorder=2)
    axis.set(title=f"a {name} b", xlabel="a", xticks=(0, 1), yticks=(0, 1), aspect="equal")
axes[1].set_ylabel("b")
axes[3].set_title("output: a XNOR b")
figure.colorbar(image, ax=axes[1:], label="answer", shrink=0.8)
figure.suptitle("XNOR is (a AND b) OR (a NOR b); white dots should be 1, black dots 0", fontsize=11)
plt.show()

# %%
# The claim of this page, checked:

for name, each in truth.items():
    assert np.abs(answers[name] - each).max() < 1e-4

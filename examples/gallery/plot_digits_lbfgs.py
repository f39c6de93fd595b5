"""
Handwritten digits: what the hidden units look for
==================================================

Each of 25 hidden units has a weight for each of the 400 pixels of a digit, so its weights are a picture themselves:
of what the unit looks for. L-BFGS trains such a network in two seconds, and a penalty decides whether one can see
anything in the pictures.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.io import loadmat
from shared_data import shared
from sklearn.model_selection import train_test_split

from netlet import Dense, Network, Sigmoid, Uniform

# %%
# 5,000 digits of 20 x 20 pixels, and the weights of a network that was trained on them long ago. Both come from a
# system that keeps a picture column by column and calls the digit 0 by the label 10.

digits, given = loadmat(shared("digits20/data.mat")), loadmat(shared("digits20/weights.mat"))
X, y = digits["X"], digits["y"].ravel() - 1  # (5000, 400); 0 to 9 stand for the digits 1 to 9 and 0


def untrained():
    draw = Uniform(0.12)
    layers = [Dense(25, activation="sigmoid", initialiser=draw), Dense(10, initialiser=draw), Sigmoid()]
    return Network(layers, seed=0).build(400)


def right(network, X, y):
    return (network.predict(X).argmax(axis=1) == y).mean()


# %%
# ``parameters`` are views: to write to them is to change the network. The first column of a given matrix is the bias.

course = untrained()
for layer, matrix in (("dense_1", given["Theta1"]), ("dense_2", given["Theta2"])):
    course.parameters[f"{layer}.bias"][:] = matrix[:, 0]
    course.parameters[f"{layer}.weight"][:] = matrix[:, 1:].T
share_given = right(course, X, y)
print(f"given weights: {share_given:.2%} of all 5,000 digits right, from which they were learnt")

# %%
# Our own, with and without a penalty
# -----------------------------------
# L-BFGS takes all samples at once and finds the lengths of its steps itself. Added to the loss is the penalty
# times the sum of the squared weights, over twice the number of samples. 1,000 digits are kept out.

X, X_test, y, y_test = train_test_split(X, y, test_size=1000, stratify=y, random_state=0)
networks, shares = {}, {}
for penalty in (0, 3):
    network = networks[f"penalty {penalty}"] = untrained()
    history = network.fit(X, np.eye(10)[y], optimizer="lbfgs", l2=penalty / len(X), epochs=200, progress=False)
    shares[penalty] = right(network, X, y), right(network, X_test, y_test)
    print(f"penalty {penalty}: {len(history)} iterations; right are {shares[penalty][0]:.1%} of the digits learnt from")
    print(f"           and {shares[penalty][1]:.1%} of those kept out")

# %%
# The hidden units
# ----------------
# A unit is for ink in one place (blue) and against it in another (red). Pixels that lie side by side mostly hold the
# same ink. A unit that looks for strokes has alike weights there; one that has learnt single digits by heart need not.
# So the correlation of weights one above the other tells them apart. It is near 0 before training.


def pictures(network):
    """Return the weights of the 25 units as pictures (25, 20, 20)."""
    return network.parameters["dense_1.weight"].T.reshape(25, 20, 20).transpose(0, 2, 1)


def alike(network):
    inside = pictures(network)[:, 3:17, 3:17]  # nothing is written at the rim
    return np.corrcoef(inside[:, 1:].ravel(), inside[:, :-1].ravel())[0, 1]


networks |= {"given": course, "untrained": untrained()}
neighbours = {name: alike(network) for name, network in networks.items()}
print("correlation of neighbours:", ", ".join(f"{name} {value:.2f}" for name, value in neighbours.items()))

# %%

figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.7), layout="constrained")
titles = {
    "untrained": "before training\nweights drawn at random",
    "penalty 0": f"no penalty\n{shares[0][1]:.1%} of unseen digits",
    "penalty 3": f"penalty 3\n{shares[3][1]:.1%} of unseen digits",
}
colours = plt.get_cmap("RdBu", 11)  # few, so that strokes stand out
for axis, (name, title) in zip(axes, titles.items(), strict=True):
    framed = np.pad(pictures(networks[name]), ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    largest = np.nanquantile(np.abs(framed), 0.99)
    mosaic = np.block([list(row) for row in framed.reshape(5, 5, 22, 22)])
    image = axis.imshow(mosaic, cmap=colours, interpolation="nearest", vmin=-largest, vmax=largest)
    axis.set_title(f"{title}\nneighbours correlate by {neighbours[name]:.2f}", fontsize=9)
    axis.set_axis_off()
    figure.colorbar(image, ax=axis, shrink=0.8, extend="both").ax.tick_params(labelsize=8)
figure.suptitle("Weights of the 25 hidden units, each a picture of 20 x 20", fontsize=11)
plt.show()

# %%
# The claim of this page, checked:

assert share_given == 0.9752
assert shares[0][0] > shares[3][0]
assert shares[0][1] + 0.02 < shares[3][1]
assert neighbours["penalty 3"] > neighbours["penalty 0"] + 0.15

"""
The perceptron, and how often it can be wrong
=============================================

The oldest rule of learning, of 1958: take one sample after the other, and where the answer is wrong add the sample to
the weights, or take it away. If a line parts the two classes, the rule ends, and one knows beforehand after how many
mistakes at most. If no line does, it never ends.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import LinearConstraint, minimize

from netlet import SGD, Dense, Network, NotConverged, Step

# %%
# The rule is gradient descent with a rate of 1, one sample at a time, on the loss of a hard step, (answer - truth) z:
# its gradient is 0 where the answer is right, else plus or minus the sample. `Step` has this loss by itself.


def perceptron():
    return Network([Dense(1, initialiser="zeros"), Step()], dtype="float64").build(2)


def mistakes_of_passes(X, y, most=2000):
    """Return the network, and the mistakes of each pass until a pass has none, or of `most` passes."""
    network, counts = perceptron(), []
    while len(counts) < most and (not counts or counts[-1]):
        wrong = 0
        for row in range(len(X)):
            sample = slice(row, row + 1)
            if network.predict(X[sample])[0, 0] != y[row]:
                network.partial_fit(X[sample], y[sample], optimizer=SGD(1.0))
                wrong += 1
        counts.append(wrong)
    return network, np.array(counts)


# %%
# The bound
# ---------
# Let R be the length of the longest sample, a 1 for the bias included, and gamma the distance from the nearest sample
# to the line that parts the classes best (through the origin, of samples with that 1). Each mistake takes the weights
# at least gamma further in the direction of that line, and makes their square at most R^2 larger. Both can be true for
# (R / gamma)^2 mistakes, and no more (Novikoff, 1962).


NORMAL, OFFSET = np.array([0.6, -0.8]), 0.2  # points x with NORMAL x > OFFSET are the class 1


def bound(X, y):
    samples = np.c_[X, np.ones(len(X))]
    signed = np.where(y == 1, 1, -1)[:, np.newaxis] * samples
    # The shortest w with signed @ w >= 1 is the best line, and gamma is 1 / |w|.
    start = np.r_[NORMAL, -OFFSET] / (signed @ np.r_[NORMAL, -OFFSET]).min()
    apart = LinearConstraint(signed, 1, np.inf)
    best = minimize(lambda w: w @ w / 2, start, jac=lambda w: w, method="SLSQP", constraints=apart)
    return (samples**2).sum(axis=1).max() * (best.x @ best.x)


# %%
# The same hundred points on both sides of a line, pushed apart by less and less:

rng = np.random.default_rng(0)
points = rng.uniform(-1, 1, size=(100, 2))
distance = points @ NORMAL - OFFSET
y = (distance > 0).astype(int)
gaps, limits, totals = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01), [], []
for gap in gaps:
    X = points + gap / 2 * np.sign(distance)[:, np.newaxis] * NORMAL
    network, counts = mistakes_of_passes(X, y)
    limits.append(bound(X, y))
    totals.append(counts.sum())
    print(f"gap {gap:4}: {totals[-1]:4} mistakes in {len(counts):3} passes; at most {limits[-1]:5.0f} are possible")
    if gap == 0.2:
        shown, line = X, network.theta.copy()  # two weights and the bias

# %%
# To count mistakes the samples went in one by one. `fit` with batches of one sample does the same:

network_of_fit = perceptron()
network_of_fit.fit(X, y, optimizer=SGD(1.0), batch_size=1, shuffle=False, epochs=len(counts), progress=False)
assert (network_of_fit.theta == network.theta).all()

# %%
# XOR
# ---
# Here no line parts the classes. There is a mistake in every pass, and the weights come back to where they were. `fit`
# warns of it.

X_xor, y_xor = np.array([[0.0, 0.0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
network_of_xor, counts_of_xor = mistakes_of_passes(X_xor, y_xor, most=100)
before = network_of_xor.theta.copy()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", NotConverged)
    network_of_xor.fit(X_xor, y_xor, optimizer=SGD(1.0), batch_size=1, shuffle=False, epochs=1, progress=False)
returned = (network_of_xor.theta == before).all()
print(f"XOR: {counts_of_xor.sum()} mistakes in 100 passes; weights the same after one more pass: {returned}")
print(caught[0].message)

# %%

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 3.3), layout="constrained")
for label, colour in enumerate(("tab:blue", "tab:red")):
    left.plot(*shown[y == label].T, ".", color=colour, label=f"class {label}")
across = np.array([-1.2, 1.2])
left.plot(across, -(line[0] * across + line[2]) / line[1], color="black", label="perceptron")
left.set(xlim=across, ylim=(-1.2, 1.8), xlabel="first feature", ylabel="second feature", title="gap 0.2: all right")
left.legend(fontsize=8, loc="upper center", ncols=2)
middle.loglog(gaps, limits, "o--", color="grey", label="(R / gamma)^2: no more are possible")
middle.loglog(gaps, totals, "o-", color="tab:green", label="mistakes of the perceptron")
middle.set(xlabel="gap between the classes", ylabel="mistakes until all are right", ylim=(1, 1e4))
middle.set_title("a bound that holds")
middle.legend(fontsize=8, loc="upper right")
right.plot(range(1, 101), counts_of_xor.cumsum(), color="tab:red", label="XOR, 4 samples")
ended = np.r_[counts.cumsum(), np.full(100 - len(counts), counts.sum())]
right.plot(range(1, 101), ended, color="tab:green", label="gap 0.01, 100 samples")
right.set(xlabel="pass", ylabel="mistakes so far", title="XOR never ends")
right.legend(fontsize=8)
plt.show()

# %%
# The claim of this page, checked:

assert all(total <= limit for total, limit in zip(totals, limits, strict=True))
assert counts[-1] == 0
assert counts_of_xor.min() >= 1
assert returned

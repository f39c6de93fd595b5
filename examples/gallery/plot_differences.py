"""
One-sided and two-sided differences
===================================

A gradient can be computed without any calculus: move a parameter by h and see what the loss does. To one side or to
both? And how far? Too far, and the curve bends away. Not far enough, and the difference drowns in rounding.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris

from netlet import Dense, Input, Network, Softmax

X, y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)

# %%
# All 43 parameters of a network, one after the other
# ---------------------------------------------------
# ``loss_and_gradient`` gives the loss and, by back-propagation, the gradient to compare with. Once all is computed with
# about 7 digits (float32), once with about 16 (float64).

steps = 10 ** np.arange(-12, 0.1, 0.5)


def errors(dtype):
    """Return the relative errors of both differences for each step."""
    network = Network([Input(4), Dense(5, "tanh"), Dense(3), Softmax()], dtype=dtype, seed=0)
    loss, gradient = network.loss_and_gradient(X, y)
    theta = network.theta.copy()

    def loss_at(place, move):
        moved = theta.copy()
        moved[place] += move
        network.theta = moved
        return network.loss_and_gradient(X, y)[0]

    def error(slopes):
        return np.linalg.norm(slopes - gradient) / np.linalg.norm(gradient)

    one_sided, two_sided = [], []
    for h in steps:
        plus, minus = np.array([(loss_at(i, h), loss_at(i, -h)) for i in range(theta.size)]).T
        one_sided.append(error((plus - loss) / h))
        two_sided.append(error((plus - minus) / (2 * h)))
    return {"one-sided": np.array(one_sided), "two-sided": np.array(two_sided)}


found = {dtype: errors(dtype) for dtype in ("float32", "float64")}
for dtype, both in found.items():
    for name, error in both.items():
        print(f"{dtype}, {name}: at best {error.min():.0e}, with h = {steps[error.argmin()]:.0e}")

# %%
# Order 1 and order 2
# -------------------
# A tenth of the step makes the one-sided error 10 times smaller, the two-sided 100 times: going to both sides cancels
# the bend of the curve. Then rounding takes over. The loss is known to a share eps of itself (1.2e-7 or 2.2e-16) and is
# divided by h, so that this error grows as eps / h. The best step lies between: about the square root of eps for one
# side, its cube root for two. (In float32 a step below 1e-8 moves no parameter at all: the error is 100 %.)


def order(error, longest=1e-1, shortest=1e-2):
    """Return the power of h that the error grows with, between two steps."""
    near = [error[np.isclose(steps, h)][0] for h in (longest, shortest)]
    return np.log(near[0] / near[1]) / np.log(longest / shortest)


orders = {name: order(error) for name, error in found["float64"].items()}
print(f"orders: {orders['one-sided']:.2f} and {orders['two-sided']:.2f}")

figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
for axis, (dtype, both) in zip(axes, found.items(), strict=True):
    eps = np.finfo(dtype).eps
    for (name, error), colour in zip(both.items(), ("tab:orange", "tab:blue"), strict=True):
        axis.loglog(steps, error, "o-", markersize=3, color=colour, label=f"{name}, order {orders[name]:.0f}")
    axis.loglog(steps, eps / steps, ":", color="grey", label="rounding: eps / h")
    axis.set(xlabel="step h", title=f"{dtype}: eps = {eps:.1e}", ylim=(1e-11, 10))
axes[0].legend(loc="lower left")
axes[0].set(ylabel="relative error of the gradient")
plt.show()

# %%
# The claim of this page, checked:

best = {(dtype, name): error.min() for dtype, both in found.items() for name, error in both.items()}
assert abs(orders["one-sided"] - 1) < 0.05
assert abs(orders["two-sided"] - 2) < 0.05
assert best["float64", "two-sided"] < 1e-9 < 1e-8 < best["float64", "one-sided"]
assert best["float64", "one-sided"] < best["float32", "two-sided"] < best["float32", "one-sided"]

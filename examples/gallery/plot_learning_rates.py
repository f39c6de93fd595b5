"""
Four learning rates
===================

Gradient descent goes ``rate * gradient`` downhill. With a small rate it takes for ever, with a large one it jumps over
the valley, and with a larger one it lands higher than it stood. How large is too large can be computed for one weight,
and is found by trial for a network.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes, load_digits

from netlet import Dense, Input, Network, Softmax

# %%
# One weight
# ----------
# One weight is to tell the course of 442 people's diabetes from their body mass index. Both are scaled to mean 0 and
# variance 1. The loss is then a parabola whose slope is the weight's distance from its best value, so that a step
# multiplies this distance by ``1 - rate``. It shrinks for rates below 2, and grows beyond. At 1 one step is enough.

X, y = load_diabetes(return_X_y=True)
x = X[:, 2:3] / X[:, 2].std()
y = (y - y.mean()) / y.std()
best = np.mean(x[:, 0] * y)

kinds = ("too small", "good", "large", "diverging")
rates = dict(zip(kinds, (0.03, 0.6, 1.9, 2.1), strict=True))
paths = {}
for kind, rate in rates.items():
    one = Network([Input(1), Dense(1)], dtype="float64")
    one.theta = [-1.0, 0.0]  # the weight, and the bias, which stays at 0 as the means are 0
    paths[kind] = [one.theta[0]]
    options = {"optimizer": "sgd", "learning_rate": rate, "batch_size": "all", "progress": False, "n_threads": 1}
    keep = paths[kind].append
    one.fit(x, y, epochs=12, callbacks=[lambda _, one=one, keep=keep: keep(one.theta[0])], **options)
    left = abs(paths[kind][-1] - best) / abs(paths[kind][0] - best)
    print(f"rate {rate:4}: after 12 steps {left:8.3%} of the way is left, (1 - rate)^12 = {abs(1 - rate) ** 12:8.3%}")

# %%
# A network
# ---------
# A network has thousands of directions, each with a curvature of its own, and the largest decides which rate is too
# large. The same four kinds are there. (Cross-entropy grows in a straight line only, so that a network that diverges
# jumps about at a high loss. With a squared error it would end in ``TrainingFailed``, which names a rate to try.)

digits, labels = load_digits(return_X_y=True)
digits = (digits / 16).astype(np.float32)


def network():
    return Network([Input(64), Dense(32, activation="tanh"), Dense(10), Softmax()], seed=0)


network_rates = dict(zip(kinds, (0.003, 0.5, 2.0, 10.0), strict=True))
losses, accuracies = {}, {}
for kind, rate in network_rates.items():
    learner = network()
    history = learner.fit(
        digits, labels, optimizer="sgd", learning_rate=rate, epochs=20, batch_size=32, progress=False, n_threads=1
    )
    losses[kind] = history.column("loss")
    accuracies[kind] = learner.evaluate(digits, labels)["accuracy"]
    print(f"rate {rate:5}: loss {losses[kind][-1]:7.3f} after 20 passes, {accuracies[kind]:.0%} right")

# %%
# ``find_learning_rate`` makes the trial by itself: it trains a copy for 200 steps with a rate that grows, and suggests
# one where the loss falls well.

found = network().find_learning_rate(digits, labels, optimizer="sgd", low=1e-4, n_threads=1)
print(f"suggested: {found.suggestion:.2g}")

# %%
# One weight on the left, the network on the right
# ------------------------------------------------

figure, axes = plt.subplot_mosaic(
    [[*kinds[:2], "network"], [*kinds[2:], "network"]],
    figsize=(10, 4.6),
    width_ratios=(1, 1, 1.7),
    layout="constrained",
)
colours = dict(zip(kinds, ("tab:orange", "tab:green", "tab:blue", "tab:red"), strict=True))
around = np.linspace(-3.4, 3.4, 100)


def parabola(w):
    return np.mean((np.multiply.outer(w, x[:, 0]) - y) ** 2, axis=-1) / 2


for kind, path in paths.items():
    panel, inside = axes[kind], np.array(path)[np.abs(path) < 3.4]
    panel.plot(around, parabola(around), color="lightgrey")
    panel.plot(inside, parabola(inside), "o-", color=colours[kind], markersize=3, linewidth=1)
    panel.plot(path[0], parabola(path[0]), "ko", markersize=5)
    panel.set_title(f"{kind}: {rates[kind]}", fontsize=10)
    panel.set(xlabel="weight", ylabel="loss", ylim=(0, 5))
    axes["network"].semilogy(range(1, 21), losses[kind], color=colours[kind])
    axes["network"].text(11, 1.25 * losses[kind][8], f"{kind}: {network_rates[kind]}", color=colours[kind])
axes["network"].set(xlabel="pass over the data", ylabel="loss", title="A network that learns digits", ylim=(0.02, 500))
axes["network"].set_xticks((1, 5, 10, 15, 20))
figure.suptitle("Four learning rates: 12 steps of one weight (black: where it begins), and 20 passes of a network")
plt.show()

# %%
# The claim of this page, checked:

for kind, rate in rates.items():
    assert np.isclose(paths[kind][-1] - best, (1 - rate) ** 12 * (-1 - best))
assert losses["good"][-1] < losses["too small"][-1] < losses["diverging"][-1]
assert losses["good"][-1] < 0.05
assert losses["large"][-1] > 0.5
assert accuracies["good"] > 0.99
assert accuracies["diverging"] < 0.3
assert 0.05 < found.suggestion < 2

"""
All pictures at one sight
=========================

One small network learns two moons, and everything that netlet draws of it stands on one sheet: how the training went,
what the network answers, what is inside, and the way down the loss. Each picture is one line.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits, make_moons

from netlet import Dense, Histograms, Input, Network, RecordPath, Sigmoid, Softmax, descend, plots

# %%
# A training that is recorded
# ---------------------------

X, y = make_moons(300, noise=0.2, random_state=0)
X, y, X_test, y_test = X[:200], y[:200], X[200:], y[200:]
network = Network([Input(2), Dense(4, "tanh"), Dense(3, "tanh"), Dense(1), Sigmoid()], seed=1)
rates = network.find_learning_rate(X, y)
path, values = RecordPath(), Histograms(X, y)
history = network.fit(
    X, y, epochs=60, batch_size=20, learning_rate=0.03, validation_data=(X_test, y_test), callbacks=[path, values],
    health=True, progress=False,
)  # fmt: skip
share = ((network.predict(X_test).ravel() > 0.5) == y_test).mean()
print(f"{share:.0%} of {len(y_test)} new points are right; {history.health}")

# %%
# A regression for the residuals, ten neurons that read digits for pictures of weights, a valley for the optimizers.

distance = np.hypot(X[:, 0], X[:, 1])
regressor = Network([Input(2), Dense(8, "tanh"), Dense(1)], seed=0)
regressor.fit(X, distance, epochs=30, learning_rate=0.02, progress=False)

pixels, digits = load_digits(return_X_y=True)
reader = Network([Input(64), Dense(10), Softmax()], seed=0)
reader.fit(pixels / 16, digits, epochs=20, l2=1e-3, progress=False)


def valley(point):
    return (1 - point[0]) ** 2 + 5 * (point[1] - point[0] ** 2) ** 2


def slope(point):
    rise = 10 * (point[1] - point[0] ** 2)
    return 2 * point[0] - 2 - 2 * point[0] * rise, rise


rules = {"sgd": 0.02, "momentum": 0.01, "adam": 0.1}
paths = {name: descend(slope, (-1.2, 1.6), name, 60, learning_rate=rate) for name, rate in rules.items()}

# %%
# The sheet
# ---------

figure, axes = plt.subplot_mosaic(
    [
        ["curves", "rates", "confusion"],
        ["boundary", "units", "network"],
        ["surface", "optimizers", "values"],
        ["residuals", "residuals", "images"],
        ["health", "health", "health"],
    ],
    figsize=(11, 16.5),
    height_ratios=(1, 1, 1, 1, 1.9),
    layout="constrained",
)
history.plot(ax=axes["curves"])
rates.plot(ax=axes["rates"])
network.plot_confusion_matrix(X_test, y_test, names=["upper", "lower"], ax=axes["confusion"])
network.plot_decision_boundary(X, y, ax=axes["boundary"])
network.plot_hidden_units(X, y, ax=axes["units"])
network.draw(ax=axes["network"])
network.loss_surface(X, y, path=path).plot(ax=axes["surface"])
plots.optimizer_paths(valley, paths, ax=axes["optimizers"])
values.plot(ax=axes["values"], layer="dense_1")
regressor.plot_residuals(X, distance, ax=axes["residuals"])
reader.plot_weight_images(shape=(8, 8), names=range(10), ax=axes["images"])
history.health.plot(ax=axes["health"])
plt.show()

# %%
# The claim of this page, checked:

assert share > 0.9
assert set(plots.__all__) - {"animate_paths"} == {
    "confusion_matrix", "decision_boundary", "health", "hidden_units", "histograms", "learning_curves", "loss_surface",
    "network_diagram", "optimizer_paths", "range_test", "residuals", "weight_images",
}  # fmt: skip

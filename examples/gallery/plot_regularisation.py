"""
L2, L1 and dropout against overfitting
======================================

300 digits, a tenth of them labelled at random, and 26,000 weights: enough to learn every sample by heart, the wrong
ones too. Three ways to make that harder, and what each does to the weights.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from netlet import Dense, Dropout, Input, Network, Softmax

rng = np.random.default_rng(0)
X, y = load_digits(return_X_y=True)
order = rng.permutation(len(X))
X, y = (X[order] / 16).astype(np.float32), y[order]
X_train, y_train = X[:300], np.where(rng.random(300) < 0.1, rng.integers(0, 10, 300), y[:300])
validation = X[300:], y[300:]

# %%
# Four trainings
# --------------
# L2 adds a share of the squared weights to the loss, L1 of their absolute values. Dropout leaves out half of the hidden
# units, others at each step, so that no unit can count on another.

kinds = {"nothing": {}, "L2": {"l2": 0.01}, "L1": {"l1": 0.002}, "dropout": {}}
histories, weights = {}, {}
for name, penalty in kinds.items():
    drop = [Dropout(0.5)] if name == "dropout" else []
    layers = [Dense(128, "relu"), *drop, Dense(128, "relu"), *drop, Dense(10), Softmax()]
    network = Network([Input(64), *layers], seed=0)
    history = network.fit(
        X_train,
        y_train,
        epochs=200,
        optimizer="momentum",
        learning_rate=0.005,
        validation_data=validation,
        health=True,
        progress=False,
        **penalty,
    )
    histories[name], weights[name] = history, network.parameters["dense_2.weight"].ravel()
    figures = {key: history.column(key)[-1] for key in ("loss", "validation_loss", "validation_accuracy")}
    print(name, {key: round(value, 3) for key, value in figures.items()})
    print(f"    weights: deviation {weights[name].std():.3f}, {np.mean(weights[name] == 0):.0%} are 0")
print(histories["nothing"].health)

# %%
# What the weights look like
# --------------------------
# L2 pulls each weight back by a share of itself: large ones by much, small ones hardly, so that all become smaller and
# none becomes 0. L1 pulls by the same amount whatever the size: a weight that the loss does not hold arrives at 0 and
# stays. netlet takes L1 as a proximal step after each update, so that it is 0 exactly. Dropout leaves the sizes.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
colours = dict(zip(kinds, ("tab:grey", "tab:blue", "tab:orange", "tab:green"), strict=True))
bins = np.linspace(-0.4, 0.4, 82)  # 0 lies in the middle of a bin
for name, history in histories.items():
    curve = history.column("validation_loss")
    left.plot(np.arange(1, 201), curve, color=colours[name], label=name)
    right.hist(np.clip(weights[name], -0.4, 0.4), bins, histtype="step", color=colours[name], label=name, log=True)
left.set(xlabel="epoch", ylabel="cross-entropy, nats", title="Validation loss", ylim=(0.2, 0.8))
left.legend(ncols=2)
right.set(xlabel="weight of the second layer", ylabel="how many", title="Weights after training")
right.legend()
plt.show()

# %%
# The claim of this page, checked:

last = {name: history.column("validation_loss")[-1] for name, history in histories.items()}
right_share = {name: history.column("validation_accuracy")[-1] for name, history in histories.items()}
assert histories["nothing"].health.findings[0].name == "overfitting"
for name in ("L2", "L1", "dropout"):
    assert last[name] < last["nothing"]
    assert right_share[name] > right_share["nothing"] + 0.02
    assert not histories[name].health.findings
assert np.mean(weights["L1"] == 0) > 0.5 > 0.001 > np.mean(weights["L2"] == 0)
assert weights["L2"].std() < weights["nothing"].std() / 2

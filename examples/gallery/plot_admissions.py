"""
Graduate admissions: after each record, or after all
====================================================

One neuron guesses from two marks and the rank of a school who is admitted. It is trained in the old way, by the squared
error through a sigmoid: with a step after each record, and with one step after all of them. Same data, same rate.
"""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from shared_data import shared
from sklearn.model_selection import StratifiedKFold

from netlet import SGD, Dense, Network, Sigmoid

# %%
# The marks are brought to mean 0 and deviation 1, and each rank has a column of its own.

table = pl.read_csv(shared("admissions.csv"))
marks = table.select((pl.col("gre", "gpa") - pl.col("gre", "gpa").mean()) / pl.col("gre", "gpa").std()).to_numpy()
X = np.hstack([marks, np.eye(4)[table["rank"] - 1]])  # (400, 6)
y = table["admit"].to_numpy()
never = 1 - y.mean()
print(f"{len(y)} records, {y.mean():.1%} admitted; who says no to all has {never:.1%} right")

# %%
# Per record and per epoch
# ------------------------
# Both read each record 100 times. After each pass the error over all records is noted. 400 steps a pass get further at
# first; but at this rate each record pulls the weights its own way, and the error jumps about and does not settle. On
# records kept out neither is better than "no" to all: marks and rank say little about who is admitted.

RATE, PASSES = 0.5, 100
UPDATES = {"after each record": 1, "after all records": "all"}


def error(network):
    """Return half the mean squared error over all records."""
    return np.mean((network.predict(X).ravel() - y) ** 2) / 2


def trained(rows, batch_size, **settings):
    network = Network([Dense(1, initialiser="zeros"), Sigmoid()], seed=0)
    network.fit(
        X[rows], y[rows], loss="squared_error", optimizer=SGD(RATE), batch_size=batch_size, epochs=PASSES,
        progress=False, **settings,
    )  # fmt: skip
    return network


errors, right = {}, {}
folds = list(StratifiedKFold(10, shuffle=True, random_state=0).split(X, y))
for name, batch_size in UPDATES.items():
    errors[name] = []
    trained(slice(None), batch_size, callbacks=[lambda end, kept=errors[name]: kept.append(error(end.network))])
    answers = [(trained(rows, batch_size).predict(X[kept]).ravel() > 0.5) == y[kept] for rows, kept in folds]
    right[name] = np.concatenate(answers).mean()
    late = errors[name][50:]
    print(f"{name}: error {errors[name][0]:.4f} after one pass, {min(late):.4f} to {max(late):.4f} after 50 to 100")
    print(f"    right, each record kept out once: {right[name]:.1%}")

# %%
# Why the squared error is slow
# -----------------------------
# Of one record its gradient is (a - y) a (1 - a) x. The factor a (1 - a) is 1/4 at best, and next to nothing where the
# neuron is sure of itself, also where it is wrong. The cross-entropy's gradient is (a - y) x. To see it, both start
# with a bias of -6: "no" to all, with 99.75 % certainty.

slow = {}
for loss in ("squared_error", "binary_cross_entropy"):
    network = Network([Dense(1, initialiser="zeros"), Sigmoid()]).build(6)
    network.parameters["dense_1.bias"][:] = -6
    slow[loss] = [error(network)]
    network.fit(
        X, y, loss=loss, optimizer=SGD(RATE), batch_size="all", epochs=5000, progress=False,
        callbacks=[lambda end, kept=slow[loss]: kept.append(error(end.network))],
    )  # fmt: skip
steps = {loss: int(np.argmax(np.array(each) < 0.11)) for loss, each in slow.items()}
print("steps until the error is below 0.11:", steps)

# %%

figure, (left, right_panel) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
always = y.var() / 2  # of who answers 31.5 % to all
for (name, each), colour in zip(errors.items(), ("tab:red", "tab:blue"), strict=True):
    left.plot(range(1, PASSES + 1), each, color=colour, label=f"{name}: {right[name]:.1%} right")
left.axhline(always, color="grey", linestyle="--", linewidth=1, label="the share of admitted, for all")
left.set(xlabel="passes over the records", ylabel="half the mean squared error", xlim=(0, PASSES))
left.set_title(f"Squared error, rate {RATE}")
left.legend(fontsize=8, loc="upper right")
for (loss, each), colour in zip(slow.items(), ("tab:blue", "tab:green"), strict=True):
    right_panel.semilogx(range(1, len(each)), each[1:], color=colour, label=loss.replace("_", " "))
right_panel.axhline(always, color="grey", linestyle="--", linewidth=1)
right_panel.set(xlabel="step", ylabel="half the mean squared error", title="From a sure and wrong beginning, bias -6")
right_panel.legend(title="trained by", title_fontsize=8, fontsize=8, loc="center", bbox_to_anchor=(0.58, 0.55))
plt.show()

# %%
# The claim of this page, checked:

jumps = {name: np.ptp(each[50:]) for name, each in errors.items()}
assert jumps["after each record"] > 3 * jumps["after all records"]
assert all(abs(share - never) < 0.05 for share in right.values())
assert steps["squared_error"] > 20 * steps["binary_cross_entropy"] > 0

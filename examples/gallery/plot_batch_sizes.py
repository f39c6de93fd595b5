"""
Batch, stochastic, mini-batch
=============================

Gradient descent may look at all samples before each step (batch descent), at one (stochastic descent), or at a few
(mini-batches). Few samples give a rough gradient at a low price. How many should it be?
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from netlet import Dense, Input, Network, Softmax

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
n_samples = len(X)  # 1,797


def network():
    return Network([Input(64), Dense(32, activation="tanh"), Dense(10), Softmax()], seed=0)


# %%
# What a step looks like
# ----------------------
# The same network, the same rate of 0.1, and 150 steps. After each the loss of *all* samples is measured. A step on one
# sample is as likely to spoil what the others learnt; a step on all goes down every time.

rng = np.random.default_rng(0)
losses = {}
for size in (1, 16, n_samples):
    learner, losses[size] = network(), []
    order = np.concatenate([rng.permutation(n_samples) for _ in range(150 * size // n_samples + 1)])
    for step in range(150):
        rows = order[step * size : (step + 1) * size]
        learner.partial_fit(X[rows], y[rows], optimizer="sgd", learning_rate=0.1, batch_size=size, n_threads=1)
        losses[size].append(learner.evaluate(X, y)["loss"])
    rises = np.mean(np.diff(losses[size]) > 0)
    print(f"batches of {size:5,}: loss {losses[size][-1]:.2f} after 150 steps, {rises:4.0%} of the steps went up")

# %%
# How rough a gradient is
# -----------------------
# The gradient of a batch is a mean, and its error falls with ``1 / sqrt(batch size)``, as that of means does: to halve
# it costs four times the work.

_, exact = learner.loss_and_gradient(X, y)
off = {}
for size in (1, 4, 16, 64, 256):
    batches = [rng.integers(n_samples, size=size) for _ in range(400)]
    wrong = [learner.loss_and_gradient(X[rows], y[rows])[1] - exact for rows in batches]
    off[size] = np.sqrt(np.mean(np.square(wrong).sum(axis=1))) / np.linalg.norm(exact)
    print(f"batches of {size:3}: the gradient is off by {off[size]:4.1f} times its length")

# %%
# What it takes to learn
# ----------------------
# How many steps until the loss is 0.1, and how many samples do they look at? Each size has the rate that did best among
# 0.1, 0.3, 1 and 2: smooth steps may be longer. The training is then done once more, without looking, to time it.


def is_there(learner, _):
    return learner.evaluate(X, y)["loss"] < 0.1


best_rates = {1: 0.1, 4: 0.3, 16: 1.0, 64: 1.0, 256: 1.0, n_samples: 2.0}
steps, passes, seconds = [], [], []
for size, rate in best_rates.items():
    options = {"optimizer": "sgd", "learning_rate": rate, "batch_size": size, "progress": False, "n_threads": 1}
    learner = network()
    arrived = learner.fit(X, y, epochs=300, callbacks=[partial(is_there, learner)], **options)
    passes.append(len(arrived))
    steps.append(len(arrived) * int(np.ceil(n_samples / size)))
    again = [network().fit(X, y, epochs=len(arrived), **options) for _ in range(3)]
    seconds.append(min(each.column("seconds")[-1] for each in again))
    print(f"batches of {size:5,}: {steps[-1]:5,} steps, {passes[-1]:3} passes, {1e3 * seconds[-1]:4.0f} ms")

# %%
# Larger batches need fewer steps, up to a point, and more passes over the data: beyond some ten samples the gradient is
# good enough, and to look at more of them is work for nothing. A batch of one pays for its many small steps. So the
# usual choice lies between, 16 to 64.

sizes = list(best_rates)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
names = {1: "stochastic: 1 sample a step", 16: "mini-batches: 16", n_samples: f"batch: all {n_samples:,}"}
for (size, values), colour in zip(losses.items(), ("tab:red", "tab:blue", "black"), strict=True):
    left.plot(np.arange(1, 151), values, color=colour, label=names[size], linewidth=1.2)
left.set(xlabel="step", ylabel="loss of all samples", title="150 steps with a rate of 0.1", ylim=(0, None))
left.legend()
right.loglog(sizes, steps, "o-", color="tab:green", label="steps")
right.loglog(sizes, passes, "s-", color="tab:purple", label="passes over the data")
right.loglog(sizes, 1e3 * np.array(seconds), "^-", color="tab:orange", label="milliseconds")
right.set(
    xlabel="batch size", ylabel="number, or milliseconds", title="Until the loss is 0.1, at the best rate of each"
)
right.set_xticks(sizes, [f"{size:,}" for size in sizes])
right.minorticks_off()
right.legend()
plt.show()

# %%
# The claim of this page, checked:

assert all(np.diff(losses[n_samples]) < 0)
assert np.mean(np.diff(losses[1]) > 0) > 0.3
assert 12 < off[1] / off[256] < 20  # 16 is expected
assert steps[-1] < steps[2] < steps[0] / 4
assert passes[2] < passes[-1] / 10

"""
Learning-rate decay
===================

Small batches give rough gradients, and a step along a rough gradient misses. Far from the goal that does not matter.
Near it, descent at a constant rate wanders about, the further the larger the rate, and comes no closer. So begin with a
large rate, and let it decay.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from netlet import CosineDecay, Dense, ExponentialDecay, Input, InverseTimeDecay, Network, Softmax, StepDecay

# %%
# A goal that is known
# --------------------
# A softmax layer with an L2 penalty has one lowest loss, and L-BFGS finds it. What a training has above it is its
# error.

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
L2, EPOCHS, BATCH_SIZE = 0.01, 60, 8
steps_per_epoch = -(-len(X) // BATCH_SIZE)  # the last batch is smaller


def network(dtype="float32"):
    return Network([Input(64), Dense(10), Softmax()], seed=0, dtype=dtype)


def loss(learner):
    return learner.loss_and_gradient(X, y, l2=L2)[0]


exact = network("float64")
exact.fit(X, y, optimizer="lbfgs", l2=L2, epochs=500, progress=False)
lowest = loss(exact)
print(f"lowest loss: {lowest:.6f}")


def errors(rate, schedule=None):
    """Return the error after each epoch of stochastic descent."""
    learner, found = network(), []
    learner.fit(
        X,
        y,
        optimizer="sgd",
        learning_rate=rate,
        schedule=schedule,
        l2=L2,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        callbacks=[lambda _: found.append(loss(learner) - lowest)],
        progress=False,
        n_threads=1,
    )
    return np.array(found)


# %%
# The noise floor
# ---------------
# At a constant rate the error falls, and then stays. The floor is as high as the rate: a tenth of the rate has about a
# tenth of the floor. But it needs ten times as long to get there; 0.003 is still on its way.

constant = {rate: errors(rate) for rate in (0.3, 0.03, 0.003)}
floors = {rate: found[40:].mean() for rate, found in constant.items()}
for rate, floor in floors.items():
    print(f"constant rate {rate:5}: {constant[rate][1]:.4f} after 2 epochs, {floor:.5f} over the last 20")

# %%
# Four ways to decay
# ------------------
# ``schedule`` multiplies the rate, here 0.3. The first is the textbooks' formula, ``1 / (1 + decay_rate * epoch)``.

schedules = {
    "inverse time": InverseTimeDecay(decay_rate=1.0),
    "exponential": ExponentialDecay(decay_rate=0.9),
    "a tenth every 20 epochs": StepDecay(factor=0.1, every=20),
    "cosine": CosineDecay(),
}
decayed = {name: errors(0.3, schedule) for name, schedule in schedules.items()}
for name, found in decayed.items():
    print(f"{name:23}: {found[-1]:.5f} at the end, {floors[0.3] / found[-1]:5.0f} times below the floor of rate 0.3")

# %%
# The schedules, and what they do
# -------------------------------
# ``factors`` of a schedule gives what the rate is multiplied by, step for step.

n_steps = EPOCHS * steps_per_epoch
epoch = np.arange(n_steps) / steps_per_epoch
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(2, 3), layout="constrained")
for (rate, found), colour in zip(constant.items(), ("black", "dimgrey", "darkgrey"), strict=True):
    right.semilogy(range(1, EPOCHS + 1), found, color=colour, linestyle="--", linewidth=1, label=f"constant: {rate}")
for (name, schedule), colour in zip(schedules.items(), ("tab:orange", "tab:green", "tab:blue", "tab:red"), strict=True):
    left.plot(epoch, 0.3 * schedule.factors(0, n_steps, steps_per_epoch, n_steps), color=colour, label=name)
    right.semilogy(range(1, EPOCHS + 1), decayed[name], color=colour)
left.set(xlabel="epoch", ylabel="learning rate", title="Four schedules", ylim=(-0.01, 0.43))
left.legend()
right.set(xlabel="epoch", ylabel="loss above the lowest", title="What they do to the noise floor")
right.legend(loc="lower left")
plt.show()

# %%
# The claim of this page, checked:

assert 4 < floors[0.3] / floors[0.03] < 20
assert constant[0.003][1] > 5 * constant[0.3][1]
assert all(found[-1] < floors[0.3] / 5 for found in decayed.values())
assert decayed["cosine"][-1] < floors[0.03] / 10

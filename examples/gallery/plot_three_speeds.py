"""
Loops, vectorised, compiled
===========================

One softmax layer reads the 1,797 handwritten digits of scikit-learn once, and takes a step of gradient descent on each
batch: forward, backward, update. The same arithmetic is written in three ways: as loops in Python, as matrix products
in NumPy, and as a layer of netlet, which is compiled to machine code.
"""

import math
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from netlet import Dense, Input, Network, Softmax

X, y = load_digits(return_X_y=True)
X = X / 16
RATE = 0.1

# %%
# Loops
# -----
# One number at a time. Python looks at each number's type, finds out what ``*`` means for it, and makes a new object
# for the result: some 50 nanoseconds for a product that the processor does in less than one.


def loops(X, y, W, b):
    """Take one step on a batch, given as lists."""
    dW = [[0.0] * 10 for _ in range(64)]
    db = [0.0] * 10
    for x, label in zip(X, y, strict=True):
        z = [b[k] + sum(x[j] * W[j][k] for j in range(64)) for k in range(10)]
        largest = max(z)
        powers = [math.exp(each - largest) for each in z]
        total = sum(powers)
        for k in range(10):
            dz = (powers[k] / total - (k == label)) / len(X)
            db[k] += dz
            for j in range(64):
                dW[j][k] += dz * x[j]
    for k in range(10):
        b[k] -= RATE * db[k]
        for j in range(64):
            W[j][k] -= RATE * dW[j][k]


# %%
# Vectorised
# ----------
# The loops become matrix products, and each of them is one call for a whole batch. What is left of Python is about ten
# calls a step, some microseconds together. A batch of one sample pays them in full; a batch of 1,797 hardly feels them.


def vectorised(X, y, W, b):
    """Take one step on a batch, given as arrays."""
    z = X @ W + b
    dz = np.exp(z - z.max(axis=1, keepdims=True))
    dz /= dz.sum(axis=1, keepdims=True)
    dz[np.arange(len(y)), y] -= 1
    dz /= len(y)
    W -= RATE * (X.T @ dz)
    b -= RATE * dz.sum(axis=0)


# %%
# Compiled
# --------
# In netlet the loop over the batches is compiled, too. Between the first sample and the last, Python is not asked.
#
# Each way is timed from the same weights, on one core; the fastest of some runs counts. Of the two in Python it is the
# processor's time, to which other programs do not add; of netlet the time on the clock, which its history keeps.


def start():
    return Network([Input(64), Dense(10), Softmax()], seed=0, dtype="float64")


def by_hand(step, size, convert):
    parameters = start().parameters
    W, b = convert(parameters["dense_1.weight"]), convert(parameters["dense_1.bias"])
    batches = [(convert(X[i : i + size]), convert(y[i : i + size])) for i in range(0, len(X), size)]
    began = time.process_time()
    for batch in batches:
        step(*batch, W, b)
    return time.process_time() - began, np.array(W)


def compiled(size):
    network = start()
    history = network.fit(
        X, y, optimizer="sgd", learning_rate=RATE, epochs=1, batch_size=size, shuffle=False, progress=False, n_threads=1
    )
    return history.column("seconds")[0], network.parameters["dense_1.weight"]


sizes = np.array([1, 8, 64, 512, len(X)])
ways = {
    "loops": (lambda size: by_hand(loops, size, np.ndarray.tolist), 2),
    "vectorised (NumPy)": (lambda size: by_hand(vectorised, size, np.array), 5),
    "compiled (netlet)": (compiled, 5),
}
seconds, weights = {}, {}
for name, (run, times) in ways.items():
    with threadpool_limits(1):
        runs = [[run(size) for _ in range(times)] for size in sizes]
    seconds[name] = np.array([min(each[0] for each in some) for some in runs])
    weights[name] = np.array([some[0][1] for some in runs])
    print(f"{name:20}" + "".join(f"{1e3 * each:10.2f} ms" for each in seconds[name]))

quickest = seconds["compiled (netlet)"]
for name in ("loops", "vectorised (NumPy)"):
    print(f"compiled is {' / '.join(f'{each:.1f}' for each in seconds[name] / quickest)} times as fast as {name}")
apart = max(np.abs(weights[name] - weights["loops"]).max() for name in ways)
print(f"largest difference of a weight between the three: {apart:.0e}")

# %%
# Three speeds, one result
# ------------------------

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, values), colour in zip(seconds.items(), ("tab:red", "tab:orange", "tab:blue"), strict=True):
    axes.loglog(sizes, 1e3 * values, "o-", color=colour, label=name)
    below = name.startswith("compiled")
    for size, value in zip(sizes[[0, -1]], 1e3 * values[[0, -1]], strict=True):
        place = (0, -16 if below else 7)
        axes.annotate(f"{value:.3g} ms", (size, value), place, textcoords="offset points", ha="center", fontsize=9)
axes.set(
    xlabel="batch size (samples a step)",
    ylabel="milliseconds",
    title="One pass over 1,797 digits, 64 inputs, 10 classes",
)
axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
axes.minorticks_off()
axes.margins(x=0.1, y=0.15)
axes.legend(loc="center right", bbox_to_anchor=(1, 0.6))
plt.show()

# %%
# The claim of this page, checked. (Of the times only what holds on a busy computer, too.)

assert apart < 1e-12
assert all(seconds["compiled (netlet)"] < seconds["loops"] / 5)
assert all(seconds["vectorised (NumPy)"][2:] < seconds["loops"][2:] / 3)

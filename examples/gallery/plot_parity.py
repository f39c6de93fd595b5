"""
Parity: deep and narrow, or one wide layer
==========================================

Is the number of ones among 8 bits odd? Turn any one bit and the answer turns: no bit, and no seven bits, tell anything.
It is the classic task for the question of what depth is good for.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlet import Dense, Input, Network, Sigmoid

BITS = 8
X = (np.arange(2**BITS)[:, None] >> np.arange(BITS) & 1).astype(float)
ones = X.sum(axis=1)
y = ones.astype(int) % 2

# %%
# Deep and narrow, by hand
# ------------------------
# Two ReLU units compute the distance from a middle, ``|s - 4|`` = ReLU(s - 4) + ReLU(4 - s): they fold the sums from 0
# to 8 onto 0 to 4, and even numbers stay even. A second fold at 2 leaves 0 to 2, a third at 1 leaves 1 for even numbers
# and 0 for odd ones. Three layers of 2 units.

deep = Network([Input(BITS), *(Dense(2, "relu") for _ in range(3)), Dense(1)], dtype="float64", seed=0)
for i, middle in enumerate((4, 2, 1), start=1):
    deep.parameters[f"dense_{i}.weight"][:] = [1, -1]  # of the bits, and of both halves of the fold before: their sum
    deep.parameters[f"dense_{i}.bias"][:] = [-middle, middle]
deep.parameters["dense_4.weight"][:], deep.parameters["dense_4.bias"][:] = -1, 1

# %%
# One layer, by hand
# ------------------
# A single layer has to make every turn by itself: up after 0, down after 1, up after 2. Each ReLU bends the line once,
# so that 8 bits take 8 units, where each doubling of the bits costs the deep network one more pair.
#
# A layer of gates that each answer yes to one pattern, such as AND, needs one for every odd pattern: 2^7 = 128. Of such
# gates it is true that without depth the number grows exponentially; of ReLU it is not.

wide = Network([Input(BITS), Dense(BITS, "relu"), Dense(1)], dtype="float64", seed=0)
wide.parameters["dense_1.weight"][:], wide.parameters["dense_1.bias"][:] = 1, -np.arange(BITS)
wide.parameters["dense_2.weight"][:, 0] = [1, *(2 * (-1) ** np.arange(1, BITS))]
wide.parameters["dense_2.bias"][:] = 0

odd = X[y == 1]
gates = Network([Input(BITS), Dense(len(odd), "step"), Dense(1)], dtype="float64", seed=0)
gates.parameters["dense_1.weight"][:] = (2 * odd - 1).T
gates.parameters["dense_1.bias"][:] = 0.5 - odd.sum(axis=1)
gates.parameters["dense_2.weight"][:], gates.parameters["dense_2.bias"][:] = 1, 0

built = {"deep: 2, 2, 2 ReLU": deep, "wide: 8 ReLU": wide, "wide: 128 AND": gates}
wrong = {name: np.abs(network.predict(X).ravel() - y).max() for name, network in built.items()}
for name, network in built.items():
    print(f"{name:19} {network.theta.size:5,} weights, largest error over all 256 patterns {wrong[name]:.0e}")

# %%
# And by training?
# ----------------
# That a small network exists does not say that descent finds it. Ten beginnings for each shape, 2000 passes.

shapes = {(2, 2, 2): "deep", (4, 4, 4): "deep", (8, 8, 8): "deep", (8,): "wide", (16,): "wide", (32,): "wide"}
solved, weights = {}, {}
for shape in shapes:
    right = []
    for seed in range(10):
        network = Network([Input(BITS), *(Dense(units, "relu") for units in shape), Dense(1), Sigmoid()], seed=seed)
        network.fit(2 * X - 1, y, epochs=2000, learning_rate=0.01, progress=False)
        right.append(network.evaluate(2 * X - 1, y)["accuracy"])
    solved[shape], weights[shape] = sum(share == 1 for share in right), network.theta.size
    print(
        f"{shape!s:10} {weights[shape]:4} weights: {solved[shape]:2} of 10 learn all, mean {np.mean(right):.1%} right"
    )

# %%
# The folds, what they cost, and what is found
# --------------------------------------------

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 4), width_ratios=(3, 3, 4), layout="constrained")
fine = np.linspace(0, BITS, 400)[:, None] @ np.full((1, BITS), 1 / BITS)  # sums between whole numbers, too
for i, colour in enumerate(("tab:blue", "tab:orange"), start=1):
    folded = deep.activations(fine, f"dense_{i}").sum(axis=1)
    left.plot(fine.sum(axis=1), folded, color=colour, label=f"fold {i}")
left.plot(fine.sum(axis=1), deep.predict(fine), color="tab:green", label="output: 1 - fold 3")
left.plot(ones, y, "ko", label="parity")
left.set(xlabel="number of ones", ylabel="sum of both units", title="Three folds", ylim=(-0.2, 6.2))
left.legend(loc="upper center", ncols=2, columnspacing=1)
bits = 2 ** np.arange(1, 7)
for name, units, colour in (
    ("AND, one layer", 2.0 ** (bits - 1), "tab:red"),
    ("ReLU, one layer", bits, "tab:orange"),
    ("ReLU, folds", 2 * np.log2(bits), "tab:blue"),
):
    middle.loglog(bits, units, "o-", color=colour, label=name)
middle.set(xlabel="bits", ylabel="hidden units", title="What parity costs", ylim=(1, 1e8))
middle.set_xticks(bits, bits)
middle.minorticks_off()
middle.legend(loc="upper left")
names = ["-".join(map(str, shape)) + f"\n{weights[shape]}" for shape in shapes]
colours = ["tab:blue" if kind == "deep" else "tab:orange" for kind in shapes.values()]
right.bar_label(right.bar(names, list(solved.values()), color=colours))
right.set(xlabel="hidden units, and number of weights", ylabel="of 10", title="Trainings that learn it", ylim=(0, 11))
plt.show()

# %%
# The claim of this page, checked:

assert max(wrong.values()) == 0
assert [network.theta.size for network in built.values()] == [33, 81, 1281]
assert solved[2, 2, 2] == 0
assert solved[32,] == 10 > solved[16,] > solved[8,]

"""
Momentum, RMSprop and Adam on one surface
=========================================

Four optimizers walk down the same narrow valley, each at the rate that suits it best. Plain descent goes to and fro
between the walls. Momentum, RMSprop and Adam each have a way to walk along, and one look at a turned valley tells which
of them only works along the axes.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from netlet import SGD, Adam, Momentum, RMSprop, descend, plots

# %%
# A valley
# --------
# ``f = (x^2 + 300 y^2) / 2`` is curved 300 times as much across as along. ``descend`` walks down any function whose
# gradient it is given, by the update rules that train networks.

STRAIGHT = np.diag([1.0, 300.0])
turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)  # by 45 degrees
valleys = {"straight": (STRAIGHT, np.array([-8.0, 1.0])), "turned": (turn @ STRAIGHT @ turn.T, turn @ [-8.0, 1.0])}
kinds = {"gradient descent": SGD, "momentum": Momentum, "RMSprop": RMSprop, "Adam": Adam}


def height(matrix, points):
    return np.einsum("...i,ij,...j", points, matrix, points) / 2


def steps_needed(matrix, path):
    """Return after how many steps the path is below 1 % of where it began, and stays there."""
    heights = np.nan_to_num(height(matrix, path), nan=np.inf)  # NaN: it left the finite numbers
    above = np.flatnonzero(heights > 0.01 * heights[0])
    return above[-1] + 1 if above[-1] < len(path) - 1 else np.inf


# %%
# Each at its best
# ----------------
# Of 31 rates from 0.002 to 2 the one that needs the fewest steps.

best, needed = {}, {}
for valley, (matrix, start) in valleys.items():
    for name, kind in kinds.items():
        found = []
        for rate in np.geomspace(0.002, 2, 31):
            path = descend(lambda point, matrix=matrix: matrix @ point, start, kind(rate), 400)
            found.append((steps_needed(matrix, path), rate, path))
        needed[valley, name], rate, best[valley, name] = min(found, key=lambda each: each[0])
        print(f"{valley:9}{name:17}{needed[valley, name]:4} steps at a rate of {rate:.2g}")

# %%
# * *Gradient descent*: the walls bound the rate, and along the valley that rate is far too small.
# * *Momentum* adds up gradients: across the valley they change sign and cancel, along it they add up to ten times as
#   much. It knows no axes, and needs exactly as many steps in the turned valley.
# * *RMSprop* divides each coordinate by the size of its own gradients, which makes the straight valley round. In the
#   turned one both coordinates have gradients of one size: there is nothing to even out, and it is plain descent again.
# * *Adam* does both, and needs twice as many steps in the turned valley.


def draw(valley, panels):
    paths = {f"{name}: {needed[valley, name]}": best[valley, name][:250] for name in kinds}
    span = ((-9, 3), (-3, 3)) if valley == "straight" else ((-9, 3), (-9, 3))
    plots.optimizer_paths(
        lambda point: height(valleys[valley][0], point), paths, panels, span=span, minimum=(0, 0), apart=True
    )


figure, (above, below) = plt.subplots(2, 1, figsize=(10.4, 4.8), layout="constrained")
draw("straight", above)
draw("turned", below)
figure.suptitle(
    "Steps until 1 % of the height is left: a valley along an axis, and the same turned by 45 degrees", fontsize=10
)
plt.show()

# %%
# The same in motion: ``python plot_optimizers.py paths.gif`` keeps the animation.

if len(sys.argv) == 2:
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    paths = {name: best["straight", name][:101] for name in kinds}
    animation = plots.animate_paths(
        lambda point: height(STRAIGHT, point), paths, axes, span=((-9, 3), (-2, 2)), minimum=(0, 0), frames=51
    )
    animation.save(sys.argv[1], writer="pillow", dpi=70)

# %%
# The claim of this page, checked:

for name in ("gradient descent", "momentum"):
    assert abs(needed["straight", name] - needed["turned", name]) <= 1
assert needed["straight", "momentum"] < needed["straight", "gradient descent"] / 4
assert needed["straight", "RMSprop"] < needed["straight", "gradient descent"] / 2
assert needed["straight", "Adam"] < needed["straight", "gradient descent"] / 4
assert needed["turned", "RMSprop"] > 2 * needed["straight", "RMSprop"]
assert needed["turned", "Adam"] > 1.5 * needed["straight", "Adam"]

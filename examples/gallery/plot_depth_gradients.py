"""
Vanishing and exploding gradients
=================================

On its way back through a network the gradient is multiplied at each layer: by the weights, and by the slope of the
activation. Thirty layers make a product of thirty factors. If each is a little below 1, nothing arrives at the first
layer; if each is a little above 1, far too much.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlet import Dense, Input, Network, Normal

DEPTH, WIDTH = 30, 50
rng = np.random.default_rng(0)
X, y = rng.normal(size=(64, WIDTH)), rng.normal(size=64)

# %%
# Three activations, three scales of weights
# ------------------------------------------
# Weights of standard deviation s / sqrt(50) make a random matrix of 50 x 50 that multiplies lengths by about s.
# ``trace`` keeps every value of one step: dZ1 is the gradient of the loss with respect to the sums in the first layer.

slopes = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a**2, "relu": lambda a: a > 0}
scales = {"sigmoid": (1, 4, 16), "tanh": (0.5, 1, 2), "relu": (1, np.sqrt(2), 2)}
layers = np.arange(1, DEPTH + 1)
lengths, factors = {}, {}
for activation, slope in slopes.items():
    for s in scales[activation]:
        hidden = [Dense(WIDTH, activation, initialiser=Normal(s / np.sqrt(WIDTH))) for _ in layers]
        network = Network([Input(WIDTH), *hidden, Dense(1)], dtype="float64", seed=0)
        trace = network.trace(X, y)
        length = np.array([np.linalg.norm(trace[f"dZ{layer}"]) for layer in layers])
        lengths[activation, s] = length / length[-1]
        factors[activation, s] = [s * np.sqrt(np.mean(slope(trace[f"A{layer}"]) ** 2.0)) for layer in layers[:-1]]
        arrives, factor = lengths[activation, s][0], np.mean(factors[activation, s])
        print(f"{activation:7}  s = {s:4.2g}: mean factor of a layer {factor:.2f}, at the first layer {arrives:.1e}")

# %%
# The factor of a layer
# ---------------------
# It is s times the root mean square of the activation's slope. The sigmoid's slope is at most 1/4, so that ordinary
# weights give 0.24 a layer, and 6e-19 is left. Large weights drive it to where it is flat, but at s = 16 it explodes
# nevertheless. tanh has slope 1 at 0 and keeps the gradient at s = 1. ReLU has slope 1 for half of the units and keeps
# it at s = sqrt(2). These two scales are the initialisations named after Glorot and He.

figure, axes = plt.subplots(1, 3, figsize=(10, 4.2), layout="constrained")
for axis, activation in zip(axes, slopes, strict=True):
    for s, colour in zip(scales[activation], ("tab:blue", "tab:green", "tab:red"), strict=True):
        product = np.cumprod([1, *factors[activation, s][::-1]])[::-1]
        axis.semilogy(layers, lengths[activation, s], ".", color=colour, label=f"s = {s:.2g}")
        axis.semilogy(layers, product, color=colour, linewidth=1)
    axis.plot([], [], color="black", linewidth=1, label="product of factors")
    axis.set(xlabel="layer (the loss is on the right)", title=activation)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2)
axes[0].set(ylabel="length of dZ, last layer = 1")
plt.show()

# %%
# The claim of this page, checked:

assert lengths["sigmoid", 1][0] < 1e-17
assert lengths["sigmoid", 16][0] > 10
assert 0.1 < lengths["tanh", 1][0] < 10
assert 0.1 < lengths["relu", np.sqrt(2)][0] < 10
assert lengths["tanh", 0.5][0] < 1e-8
assert lengths["relu", 1][0] < 1e-4
assert lengths["relu", 2][0] > 1e4
for key, length in lengths.items():
    measured = (length[0] / length[-1]) ** (1 / (DEPTH - 1))
    assert abs(measured / np.exp(np.mean(np.log(factors[key]))) - 1) < 0.15, key

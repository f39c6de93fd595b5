"""
Edges in a first layer
======================

Nobody tells a convolutional network what an edge is. Trained to tell digits apart, its first layer finds them by
itself: most filters become negative on one side and positive on the other, and so answer where ink begins or ends.
"""

import matplotlib.pyplot as plt
import numpy as np
from shared_data import mnist

from netlet import Conv2D, Dense, Flatten, Input, MaxPool2D, Network, Softmax

# %%
# Eight filters of 7 x 7 pixels read 10,000 of MNIST's digits. A penalty on their weights takes
# out what no digit needs: the rest of the noise that they begin with. That beginning is kept, to compare.

X, y = mnist("train")
X, y = X[:10_000], y[:10_000]
network = Network(
    [Input((28, 28, 1)), Conv2D(8, 7, activation="relu"), MaxPool2D(), Flatten(), Dense(10), Softmax()], seed=0
)
before = network.parameters["conv2d_1.weight"].copy()
network.fit(X, y, epochs=6, batch_size=50, l2={"conv2d_1": 0.03}, progress=False)
after = network.parameters["conv2d_1.weight"]

# %%
# How much of a filter is an edge?
# --------------------------------
# An ideal edge is -1 on one side of a line and +1 on the other. The correlation of a filter with the edge that fits it
# best, over all directions and some distances from the middle, is 1 for a perfect edge, and small for noise.

row, column = np.mgrid[-3:4, -3:4]
angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
edges = [np.sign(column * np.cos(a) + row * np.sin(a) - d + 1e-6) for a in angles for d in (-1, 0, 1)]


def edge_share(filters):
    flat = filters.reshape(49, -1)  # one column a filter
    return np.array([max(np.corrcoef(each, edge.ravel())[0, 1] for edge in edges) for each in flat.T])


share_before, share_after = edge_share(before), edge_share(after)
print(f"correlation with the best edge, mean of 8: {share_before.mean():.2f} before, {share_after.mean():.2f} after")

# %%
# The filters, and what they answer to a picture
# ----------------------------------------------
# ``activations`` gives what a layer gives: here a map of 22 x 22 for each filter, bright where it answers.

picture = X[7]
answers = network.activations(picture[np.newaxis], "conv2d_1")[0]  # (22, 22, 8)
figure, axes = plt.subplots(2, 9, figsize=(10.5, 2.9), layout="constrained")
axes[0, 0].axis("off")
axes[1, 0].imshow(picture[:, :, 0], cmap="gray_r")
axes[1, 0].set_title("picture", fontsize=9)
largest = np.abs(after).max()
for k in range(8):
    image = axes[0, k + 1].imshow(after[:, k].reshape(7, 7), cmap="RdBu", vmin=-largest, vmax=largest)
    axes[0, k + 1].set_title(f"filter {k + 1}: {share_after[k]:.2f}", fontsize=9)
    axes[1, k + 1].imshow(answers[:, :, k], cmap="viridis", vmin=0, vmax=answers.max())
    axes[1, k + 1].set_title("its answer", fontsize=9)
for each in axes.ravel():
    each.set(xticks=[], yticks=[])
figure.colorbar(image, ax=axes[0], label="weight")
figure.suptitle("First-layer filters, their correlation with the best edge, and their answers", fontsize=10)
plt.show()

# %%
# The claim of this page, checked:

assert share_after.mean() > 0.5
assert share_after.mean() > share_before.mean() + 0.2

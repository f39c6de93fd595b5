"""
MNIST from zero to 99 %
=======================

60,000 handwritten digits to learn from, 10,000 to be tested on: a small convolutional network, untrained, is right one
time in ten. How far does each pass over the pictures take it?
"""

import matplotlib.pyplot as plt
from shared_data import mnist

from netlet import AdamW, Conv2D, Dense, Flatten, Input, MaxPool2D, Network, OneCycle, Softmax

# %%
# Two convolutions, each followed by pooling that halves the sides, and one dense layer over what they found:

X, y = mnist("train")
X_test, y_test = mnist("t10k")
network = Network(
    [
        Input((28, 28, 1)),
        Conv2D(16, 3, activation="relu"),
        MaxPool2D(),
        Conv2D(32, 3, activation="relu"),
        MaxPool2D(),
        Flatten(),
        Dense(10),
        Softmax(),
    ],
    seed=0,
)
print(network.summary())

# %%
# The learning rate goes up and then down to zero: the small steps of the end take out the noise of the large ones.
# After each pass the callback notes how many test pictures are right. (Nothing is chosen by these figures: the training
# would be the same without them.)

EPOCHS = 4
right = [(network.predict(X_test).argmax(axis=1) == y_test).mean()]


def note(epoch_end):
    right.append((epoch_end.network.predict(X_test).argmax(axis=1) == y_test).mean())
    print(f"after {epoch_end.epoch} passes: {right[-1]:.2%}")


network.fit(
    X, y, optimizer=AdamW(0.005), schedule=OneCycle(), epochs=EPOCHS, batch_size=64, callbacks=[note], progress=False
)

# %%
# Accuracy, and the pictures that are still wrong
# -----------------------------------------------

answers = network.predict(X_test).argmax(axis=1)
wrong = (answers != y_test).nonzero()[0]
figure, axes = plt.subplot_mosaic(
    [["curve", "curve", "curve", *"abcd"], ["curve", "curve", "curve", *"efgh"]], figsize=(9, 3.2), layout="constrained"
)
curve = axes.pop("curve")
curve.plot(range(EPOCHS + 1), [100 * each for each in right], marker="o")
curve.axhline(99, color="grey", linestyle="--", linewidth=1, label="99%")
curve.set(xlabel="passes over the 60,000 pictures", ylabel="test pictures right (%)", xticks=range(EPOCHS + 1))
curve.set(ylim=(96, 100), title=f"from {right[0]:.0%} to {right[-1]:.2%}")
curve.legend(loc="lower right")
for panel, place in zip(axes.values(), wrong, strict=False):
    panel.imshow(X_test[place, :, :, 0], cmap="gray_r")
    panel.set(xticks=[], yticks=[])
    panel.set_title(f"{y_test[place]}, taken for {answers[place]}", fontsize=8)
plt.show()

# %%
# The claim of this page, checked:

assert right[0] < 0.3
assert right[-1] >= 0.99

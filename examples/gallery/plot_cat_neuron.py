"""
A single neuron looks for cats
==============================

One neuron, a weight for each of the 12,288 numbers of a picture, and 209 pictures to learn from, cats and others. It
learns all but two of them. Has it learnt what a cat is? Its weights are a picture themselves, so one can look.
"""

import matplotlib.pyplot as plt
import numpy as np
from shared_data import cats

from netlet import SGD, Dense, Flatten, Input, Network, Sigmoid

# %%
# Of the training pictures a third shows a cat, of the test pictures two thirds. So who always says "cat" has 66 % of
# the test right, and that is the share to beat.

X, y = cats("train")  # (209, 64, 64, 3)
X_test, y_test = cats("test")  # 50 pictures
print(f"cats among {len(y)} training pictures: {y.mean():.0%}, among {len(y_test)} test pictures: {y_test.mean():.0%}")

# %%
# The neuron
# ----------
# 2,000 steps of gradient descent over all pictures, from weights of zero.

network = Network([Input((64, 64, 3)), Flatten(), Dense(1, initialiser="zeros"), Sigmoid()])
history = network.fit(X, y, optimizer=SGD(0.005), epochs=2000, batch_size="all", progress=False)
loss = history.column("loss")
train, test = network.evaluate(X, y), network.evaluate(X_test, y_test)
print("loss at steps 0, 500, 1000, 1500:", *(f"{loss[step]:.6f}" for step in (0, 500, 1000, 1500)))
print(f"right: {train['accuracy']:.2%} of the training pictures, {test['accuracy']:.0%} of the test pictures")

# %%
# What the weights are
# --------------------
# The gradient of one picture is (answer - truth) times the picture. From zero, each step adds some pictures and takes
# others away, so the weights are a sum of training pictures: cats are added, the others
# are taken away.

pictures = X.reshape(len(X), -1).astype(float)
weight = network.parameters["dense_1.weight"].ravel()
amounts = np.linalg.lstsq(pictures.T, weight, rcond=None)[0]
rest = np.linalg.norm(pictures.T @ amounts - weight) / np.linalg.norm(weight)
signs_right = np.sign(amounts) == 2 * y - 1
print(f"a sum of 209 pictures, but for {rest:.0e}; with the sign of their class: {signs_right.mean():.0%}")

# %%
# So their picture is a ghost of the 72 cats, less a ghost of the others. Where it has a colour, that colour speaks for
# a cat. It knows places and colours, not shapes: of all test pictures the one it is surest of shows birds before an
# orange sky, and a cat on white ground is the one that it misses most.

answers = network.predict(X_test).ravel()
figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.1), width_ratios=(1.5, 1, 1.5), layout="constrained")
axes[0].plot(loss)
axes[0].set(xlabel="step", ylabel="cross-entropy", ylim=(0, None))
axes[0].set_title(f"{train['accuracy']:.0%} of training, {test['accuracy']:.0%} of test right", fontsize=10)
network.plot_weight_images(ax=axes[1])
axes[1].set_title("the weights; grey is 0", fontsize=10)
height = np.random.default_rng(0).uniform(-0.3, 0.3, len(y_test))  # so that dots hide each other less
for truth, colour in ((1, "tab:orange"), (0, "tab:blue")):
    dots = y_test == truth
    axes[2].plot(answers[dots], truth + height[dots], "o", color=colour, markersize=4)
axes[2].axvline(0.5, color="black", linewidth=0.8)
axes[2].set(xlabel="answer: probability of a cat", xlim=(-0.03, 1.03), ylim=(-0.5, 1.5))
axes[2].set_yticks([0, 1], ["no cat", "cat"])
axes[2].annotate("birds", (answers.max(), height[answers.argmax()]), (0.55, -0.4), arrowprops={"arrowstyle": "->"})
axes[2].set_title("the 50 test pictures", fontsize=10)
plt.show()

# %%
# The claim of this page, checked:

assert abs(train["accuracy"] - 207 / 209) < 1e-6
assert abs(test["accuracy"] - 0.7) < 1e-6
assert answers.max() > 0.99
assert y_test[answers.argmax()] == 0  # the birds
assert rest < 1e-5
assert signs_right.all()

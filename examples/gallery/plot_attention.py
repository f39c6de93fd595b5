"""
What attention looks at
=======================

Attention lets each step of a sequence take values from the others, with weights that sum to 1. A task whose answers lie
in one place each shows what these weights mean: turn a sequence around. Of ten letters, the first answer is the last
letter, the second answer the one before it, and so on.
"""

import matplotlib.pyplot as plt
import numpy as np

from netlet import Embedding, Input, LayerNorm, LearnedPositions, Network, TimeDense, TransformerBlock
from netlet.training.losses import SequenceCrossEntropy

# %%
# Ten letters out of eight, and the same ten turned around:

STEPS, LETTERS = 10, "abcdefgh"
rng = np.random.default_rng(0)
X = rng.integers(len(LETTERS), size=(5000, STEPS))
y = X[:, ::-1]
X_test = rng.integers(len(LETTERS), size=(500, STEPS))

# %%
# One block of a Transformer with one head. Nothing in it knows of "first" and "last": the positions are learnt, as the
# letters' vectors are.

network = Network(
    [
        Input(STEPS),
        Embedding(len(LETTERS), 32),
        LearnedPositions(),
        TransformerBlock(heads=1),
        LayerNorm(),
        TimeDense(len(LETTERS)),
    ],
    seed=0,
)
history = network.fit(
    X, y, loss=SequenceCrossEntropy(), epochs=15, batch_size=50, learning_rate=3e-3, progress=False
)  # fmt: skip
right = (network.predict(X_test).argmax(axis=2) == X_test[:, ::-1]).mean()
print(f"right letters: {right:.1%}")

# %%
# The weights
# -----------
# ``attention_weights`` has a row for each step that takes and a column for each step that is taken from. Step i should
# look at step 11 - i: the weights lie on the diagonal from the upper right to the lower left.

weights = network.attention_weights(X_test)[:, 0]  # (500, 10, 10): of the only head
where_it_should = np.arange(STEPS), np.arange(STEPS)[::-1]
share = weights[:, *where_it_should].mean()
print(f"weight on the right place: {share:.2f}, by chance it would be {1 / STEPS}")

figure, axes = plt.subplots(figsize=(5, 4.3), layout="constrained")
image = axes.imshow(weights[0], cmap="Blues", vmin=0, vmax=1)
text = [LETTERS[number] for number in X_test[0]]
axes.set_xticks(range(STEPS), text)
axes.set_yticks(range(STEPS), text[::-1])
axes.set(xlabel="letter that is read", ylabel="letter that should be answered", title="Attention that turns around")
figure.colorbar(image, label="weight (each row sums to 1)")
plt.show()

# %%
# The claim of this page, checked:

assert right > 0.99
assert share > 0.8

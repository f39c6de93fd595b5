"""
A small Shakespeare
===================

A network reads Shakespeare letter by letter and learns one thing: which letter comes next. Then it writes. Of what it
writes it understands nothing, but it knows far more than which letters like to follow each other.
"""

import matplotlib.pyplot as plt
import numpy as np
from shared_data import shared

from netlet import LanguageModel

# %%
# A million characters of plays; the last tenth is kept for the test.

text = shared("text/tinyshakespeare.txt").read_text(encoding="utf-8")
cut = len(text) * 9 // 10
learnt_from, unseen = text[:cut], text[cut:]

# %%
# The bar: counting pairs
# -----------------------
# How often does each character follow each other one? These frequencies foresee the next character too. The measure is
# the mean of -log(probability of what did come), in nats a character: 0 is certainty, and who knows nothing of 65
# characters has log(65) = 4.17.

characters = sorted(set(text))
number = {each: place for place, each in enumerate(characters)}
before, after = (np.array([number[each] for each in part]) for part in (learnt_from, unseen))
pairs = np.ones((len(characters), len(characters)))  # each pair counts once more, so that none is impossible
np.add.at(pairs, (before[:-1], before[1:]), 1)
probabilities = pairs / pairs.sum(axis=1, keepdims=True)
nats_of_pairs = -np.log(probabilities[after[:-1], after[1:]]).mean()
print(f"pairs of characters: {nats_of_pairs:.3f} nats a character")

# %%
# The network
# -----------
# A Transformer with two blocks, which sees the last 64 characters. A few hundred steps are a tenth of what would do it
# good.

model = LanguageModel(window=64, max_steps=500, validation_fraction=0.02, random_state=0).fit(learnt_from)
nats = model.evaluate(unseen)["loss"]
print(f"the network: {nats:.3f} nats a character")

# %%
# What it writes, at a temperature of 0.8, which prefers what is likely:

print(model.generate("ROMEO:\n", n_tokens=400, temperature=0.8, seed=0))

# %%

figure, axes = plt.subplots(figsize=(6.5, 2.2), layout="constrained")
bars = axes.barh(["nothing known", "pairs of characters", "network"], [np.log(len(characters)), nats_of_pairs, nats])
axes.bar_label(bars, fmt="%.2f", padding=4)
axes.invert_yaxis()
axes.set(xlabel="nats a character on unseen text (less is better)", xlim=(0, 4.8))
plt.show()

# %%
# The claim of this page, checked:

assert nats < nats_of_pairs - 0.1

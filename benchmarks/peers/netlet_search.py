"""netlet's `search` over the space from which `configurations` draws, for the same number of trials and epochs."""

from __future__ import annotations

from configurations import BATCH_SIZE, EPOCHS, LEAST_RATE, LEAST_UNITS, MOST_LAYERS, MOST_RATE, MOST_UNITS, digits
from netlet.search.search import search

"""What takes the place of training in the tests of strategies: a function of the settings."""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable
from typing import Any

from netlet.scales import Integer, LogUniform, OneMinusLog, Sizes, Uniform
from netlet.scales.plain import plain
from netlet.searching.space import Space
from netlet.searching.trial import Ask, Strategy, Trial

MIXED = Space(
    {
        "learning_rate": LogUniform(1e-5, 1.0),
        "momentum": OneMinusLog(0.5, 0.999),
        "hidden": Sizes((1, 3), (8, 256)),
        "activation": ["relu", "tanh", None],
        "dropout": Uniform(0.0, 0.7),
        "batch_size": Integer(16, 256, log=True),
        "epochs": 20,
    }
)
FEW = Space({"activation": ["relu", "tanh", "elu"], "layers": Integer(1, 2), "seed": 0})  # 6 settings


def costs_like(seed: int, failing: float = 0.0) -> Callable[[dict[str, Any], int | None], float]:
    """Return costs that look random, but are a function of the settings and the epochs; a share of them infinite."""

    def cost(settings: dict[str, Any], epochs: int | None) -> float:
        share = zlib.crc32(repr((seed, plain(settings), epochs)).encode()) / 2**32
        return math.inf if share < failing else share

    return cost


def told(ask: Ask, cost: float) -> Trial:
    status = "done" if cost < math.inf else "failed"
    return Trial(ask.number, ask.settings, cost=cost, epochs=ask.epochs or 20, status=status)


def driven(
    run: Strategy, cost: Callable[[dict[str, Any], int | None], float], rounds: int | None = None
) -> list[list[Ask]]:
    """Go through the rounds of a run, to its end or as many as given, and return them."""
    seen = []
    for _ in itertools.count() if rounds is None else range(rounds):
        asks = run.next_round()
        if not asks:
            break
        seen.append(asks)
        for ask in asks:
            run.tell(told(ask, cost(ask.settings, ask.epochs)))
    return seen


def flat(rounds: list[list[Ask]]) -> list[Ask]:
    return [ask for asks in rounds for ask in asks]

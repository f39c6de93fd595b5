"""The section of the page that shows the networks of a preset."""

from __future__ import annotations

from netlet.report.facts import NetworkFacts, NetworksFacts
from netlet.report.parts import CELL, SENTENCE, Grid, Tried
from netlet.report.words import counted, duration, figure, percent, settings_in_words, shortened

REASONS_SHOWN = 8


def networks_section(facts: NetworksFacts) -> Tried:
    """Return what the template shows of networks that were trained side by side."""
    return Tried("networks", "Networks", "The networks", _sentence(facts), [], "One by one", _table(facts),
                 _failures(facts))  # fmt: skip


def _sentence(facts: NetworksFacts) -> str:
    networks = facts.networks
    trained = sum(each.best_epoch is not None for each in networks)
    many = f"{trained} of {len(networks)} networks were" if trained < len(networks) else counted(
        len(networks), "network was", "networks were"
    )  # fmt: skip
    said = [
        f"{many} trained side by side" if len(networks) > 1 else f"{many} trained",
        f"in {duration(facts.seconds)} on {counted(facts.n_threads, 'thread', 'threads')}, as the preset "
        f"{facts.preset} says.",
    ]
    held = {each.n_held for each in networks if each.n_learn + each.n_held > each.n_held}
    n_settings = len({tuple(sorted(each.changes.items(), key=str)) for each in networks})
    if n_settings > 1:
        said.append(f"They have {n_settings} settings.")
    if held and len(networks) > 1:
        said.append(
            f"Each learned from its own part of the rows; the others told its best epoch, by {facts.measure}, whose "
            "weights were kept."
        )
    elif held:
        said.append(f"Rows held out told the best epoch, by {facts.measure}, whose weights were kept.")
    if facts.ending:
        said.append(facts.ending)
    return " ".join(said)


def _table(facts: NetworksFacts) -> Grid:
    networks = facts.networks
    differ = any(each.changes for each in networks)
    shares = {each.share for each in networks}
    head = ["network", *(["setting"] if differ else []), "rows learned from", "held out", f"{facts.measure} on these",
            "best epoch", "of", "time", *(["share"] if len(shares) > 1 else [])]  # fmt: skip
    rows = [
        [
            str(each.number),
            *([_setting(each)] if differ else []),
            f"{each.n_learn:,}",
            f"{each.n_held:,}",
            "–" if each.score is None else figure(each.score),
            "–" if each.best_epoch is None else f"{each.best_epoch:,}",
            f"{each.epochs:,}",
            duration(each.seconds),
            *([percent(each.share)] if len(shares) > 1 else []),
        ]
        for each in networks
    ]
    return Grid(head, rows, [True, *([False] if differ else []), *[True] * (len(head) - 1 - differ)])


def _setting(network: NetworkFacts) -> str:
    return shortened(settings_in_words(network.changes) if network.changes else "the usual one", CELL)


def _failures(facts: NetworksFacts) -> list[tuple[str, str]]:
    reasons: dict[str, int] = {}
    for each in facts.networks:
        if each.reason:
            reasons[each.reason] = reasons.get(each.reason, 0) + 1
    shown = sorted(reasons.items(), key=lambda pair: -pair[1])[:REASONS_SHOWN]
    return [(counted(n, "network", "networks"), shortened(reason, SENTENCE)) for reason, n in shown]

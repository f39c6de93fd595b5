"""What `netlet train` says of the networks of a preset."""

from __future__ import annotations

from netlet.cli.lines import counted
from netlet.cli.preset_facts import settings_of
from netlet.cli.screen import Screen, figure
from netlet.report.facts import NetworksFacts
from netlet.tables.members import Part


def show_networks(screen: Screen, preset: str, first: Part, n_networks: int, n_rows: int) -> None:
    """Say what is going to be trained, and how."""
    settings, size = settings_of(first), first.network.theta.size
    units = " > ".join(map(str, settings["hidden"]))
    many = n_networks > 1
    screen.entry(
        "Networks" if many else "Network",
        f"{f'{n_networks} of ' if many else ''}{units} {settings['activation']} units, {size:,} parameters"
        f"{' each' if many else ''}",
    )
    where = f"on {len(first.rows):,} of the {n_rows:,} rows, the others tell its best epoch"
    if len(first.rows) == n_rows:
        where = "on all rows, too few to hold any back"
    screen.entry(
        "Training",
        f"preset {preset}: {'each ' if many else ''}{counted(settings['epochs'], 'epoch', 'epochs')} in batches of "
        f"{settings['batch_size']}, {where}",
    )


def show_trained(screen: Screen, tried: NetworksFacts, temperature: float) -> None:
    """Say what came of the networks."""
    trained = [each for each in tried.networks if each.best_epoch is not None]
    used = [each for each in tried.networks if each.share]
    failed = sum(bool(each.reason) for each in tried.networks)
    ends = {"T": ", when the time was over", "C": ", when Ctrl-C was pressed"}.get(tried.ending[:1], "")
    text = f"{counted(len(trained), 'network', 'networks')} in {tried.seconds:.1f} s{ends}"
    scores = sorted(each.score for each in trained if each.score is not None)
    epochs = sorted(each.best_epoch for each in trained if each.best_epoch is not None)
    between = figure(scores[0]) if len(scores) == 1 else f"{figure(scores[0])} to {figure(scores[-1])}"
    best = f" {epochs[0]}" if epochs[0] == epochs[-1] else f"s {epochs[0]} to {epochs[-1]}"
    where = "on rows held out" if any(each.n_held for each in trained) else "on the rows that were learnt from"
    text += f"; {tried.measure} {between} {where}, best epoch{best}"
    screen.entry("Trained", text + (f"; {failed} failed" if failed else ""))
    if len(used) > 1 or temperature != 1:
        which = f"{len(used)} of them" if len(used) < len(trained) else "both" if len(used) == 2 else f"all {len(used)}"
        many = f"the average of {which}"
        said = [many if len(used) > 1 else "this network"]
        if temperature != 1:
            said.append(f"its probabilities are set right by the temperature {temperature:.2f}")
        screen.entry("Chosen", "; ".join(said))

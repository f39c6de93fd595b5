"""What `netlet train` says on the screen, piece by piece."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from netlet import Dense, Dropout, Input, Network, Softmax
from netlet.cli.live import cell_of, table_of
from netlet.cli.live import words_of as metric_words
from netlet.cli.options import TrainOptions
from netlet.cli.scores import MEASURES
from netlet.cli.screen import Screen, figure
from netlet.cli.searching import Plan, folds_for, is_searched
from netlet.data import Finding, Table, Target
from netlet.data.columns import Column, Dropped
from netlet.scales import Scale
from netlet.searching.result import SearchResult
from netlet.training.optimizers import Optimizer

BEST_SHOWN = 5
CLASSES_SHOWN = 6
NAMES_SHOWN = 12
KINDS = {
    "number": ("number", "numbers"),
    "boolean": ("truth value", "truth values"),
    "date": ("date", "dates"),
    "category": ("category", "categories"),
}


def words_of(setting: str) -> str:
    """Write a setting's name in words."""
    return "hidden layers" if setting == "hidden" else setting.replace("_", " ")


def _plain(name: object) -> str:
    return str(name).lower() if isinstance(name, bool) else str(name)


def counted(n: int, one: str, many: str) -> str:
    """Write a count with its word."""
    return f"{n:,} {one if n == 1 else many}"


def show_table(screen: Screen, table: Table) -> None:
    """Say what was read."""
    frame = table.frame
    size = f"{counted(frame.height, 'row', 'rows')}, {counted(frame.width, 'column', 'columns')}"
    empty = sum(column.null_count() for column in frame.iter_columns())
    missing = f"; {counted(empty, 'cell is', 'cells are')} missing" if empty else ""
    screen.entry("Table", f"{table.path.name}: {size}{missing}")
    for note in table.notes:
        screen.entry("", note)


def show_target(screen: Screen, target: Target, why: str, values: pl.Series) -> None:
    """Say what is predicted."""
    if target.task == "classification":
        counts = values.drop_nulls().alias("value").value_counts(sort=True)
        shown = [f"{_plain(name)} ({count:,})" for name, count in counts.head(CLASSES_SHOWN).rows()]
        more = f" and {counts.height - CLASSES_SHOWN} more" if counts.height > CLASSES_SHOWN else ""
        what = f"{target.column}, one of {len(target.classes)} classes: {', '.join(shown)}{more}"
    else:
        low, high = values.min(), values.max()
        what = f"{target.column}, a number from {figure(float(low))} to {figure(float(high))}"  # type: ignore[arg-type]
    screen.entry("Target", what)
    if why.startswith("only"):
        screen.entry("", f"{why}: taken as classes. To predict the number, use --task regression.")
    if values.null_count():
        screen.entry("", f"{counted(values.null_count(), 'row', 'rows')} without a target left out.")


def show_columns(screen: Screen, columns: Sequence[Column], dropped: Sequence[Dropped], n_inputs: int) -> None:
    """Say what became of each column."""
    kinds = [column.kind for column in columns]
    parts = [counted(kinds.count(kind), *words) for kind, words in KINDS.items() if kind in kinds]
    screen.entry("Columns", f"{', '.join(parts)}, made into {counted(n_inputs, 'input', 'inputs')} of the network")
    for column in dropped[:NAMES_SHOWN]:
        screen.entry("Left out", f"{column.name}: {column.why}")
    if len(dropped) > NAMES_SHOWN:
        screen.entry("", f"and {len(dropped) - NAMES_SHOWN} more columns")


def show_rows(screen: Screen, options: TrainOptions, n_learn: int, n_watch: int, n_test: int) -> None:
    """Say how the rows are shared out."""
    if is_searched(options, n_watch) and folds_for(options, n_learn + n_watch) is not None:
        parts = [f"{n_learn + n_watch:,} to learn from and to see what is best"]
    else:
        parts = [f"{n_learn:,} to learn from"]
        if n_watch:
            parts.append(f"{n_watch:,} to see {'what is best' if is_searched(options, n_watch) else 'when to stop'}")
    parts.append(f"{n_test:,} to test with" if n_test else "none to test with")
    screen.entry("Rows", ", ".join(parts))


def show_parts(screen: Screen, n_kept: int, n_test: int) -> None:
    """Say how the rows are shared out where networks share those that are not the test's among them."""
    tested = f"{n_test:,} to test with" if n_test else "none to test with"
    screen.entry("Rows", f"{n_kept:,} to learn from, {tested}")


def show_findings(screen: Screen, findings: Sequence[Finding]) -> None:
    """Say what in the table may mislead."""
    for finding in findings:
        screen.entry("Warning", finding.message)


def show_network(screen: Screen, network: Network, optimizer: Optimizer, batch_size: int) -> None:
    """Say what is trained, and how."""
    sizes = [_size(layer) for layer in network.layers if isinstance(layer, (Input, Dense))]
    if isinstance(network.layers[-1], Softmax):
        sizes[-1] += " softmax"
    rates = {layer.rate for layer in network.layers if isinstance(layer, Dropout)}
    screen.entry("Network", f"{' > '.join(sizes)}, {network.theta.size:,} parameters")
    how = [type(optimizer).__name__, f"learning rate {optimizer.learning_rate:g}", f"batches of {batch_size}"]
    screen.entry("Training", ", ".join([*how, *(f"dropout {rate:g}" for rate in rates)]))


def _size(layer: Input | Dense) -> str:
    if isinstance(layer, Input):
        return counted(layer.size, "input", "inputs")
    return f"{layer.units}" if layer.activation == "identity" else f"{layer.units} {layer.activation}"


def show_plan(screen: Screen, plan: Plan, n_threads: int) -> None:
    """Say what is searched, and for how long."""
    fixed = [f"{words_of(name)} {cell_of(value)}" for name, value in plan.space.items() if not isinstance(value, Scale)]
    varied = [words_of(name) for name, value in plan.space.items() if isinstance(value, Scale)]
    at_once = f", {n_threads} at a time" if n_threads > 1 else ""
    compared = f", compared by {plan.folds}-fold cross-validation" if plan.folds is not None else ""
    screen.entry(
        "Search", f"{plan.in_words()}, of at most {counted(plan.epochs, 'epoch', 'epochs')} each{at_once}{compared}"
    )
    screen.entry("", f"varied: {', '.join(varied) or 'nothing'}; fixed: {', '.join(fixed)}")


def show_search(screen: Screen, found: SearchResult, varied: tuple[str, ...]) -> None:
    """Show the best networks of a search."""
    failed = sum(trial.status == "failed" for trial in found.trials)
    ends = {"time": ", when the time was over", "interrupted": ", when Ctrl-C was pressed"}.get(found.stopped, "")
    text = f"{counted(len(found.trials), 'network', 'networks')} tried in {found.seconds:.1f} s{ends}"
    screen.entry("Found", text + (f"; {failed} of them failed" if failed else ""))
    if not screen.quiet:
        screen.gap()
        where = "by cross-validation" if found.task.has_folds else "on the validation rows"
        title = f"The best {where}, by {metric_words(found.metric.name)}"
        best = found.ranking()[:BEST_SHOWN]
        screen.console.print(table_of(title, best, found.metric.name, varied, screen.console.width), soft_wrap=True)
        screen.gap()


def show_ensemble(screen: Screen, members: Sequence[tuple[int, float]], folds: int | None, temperature: float) -> None:
    """Say which networks predict together."""
    shares = ", ".join(f"{number} ({weight:.0%})" for number, weight in members)
    text = f"the average of networks {shares}" if len(members) > 1 else f"network {members[0][0]} alone"
    if folds is not None:
        text += (
            f", {'each ' if len(members) > 1 else ''}trained {folds} times, on {folds - 1} of {folds} parts of the rows"
        )
    if temperature != 1:
        text += f"; its probabilities are set right by the temperature {temperature:.2f}"
    screen.entry("Chosen", text)


def show_page(screen: Screen, page: Path | None, why: str = "") -> None:
    """Say where the report is, or why there is none."""
    screen.entry("Report", why if page is None else f"written to {page}", always=page is not None)


def show_scores(screen: Screen, target: Target, n_test: int, scores: Sequence[tuple[str, dict[str, float]]]) -> None:
    """Show the network's score, the first, beside the others', of which the last is the constant guess's."""
    measures = MEASURES[target.task]
    rows = [[name, *(measure.write(values[measure.key]) for measure in measures)] for name, values in scores]
    title = f"Test on {counted(n_test, 'row', 'rows')}"
    screen.gap()
    screen.table(title, [measure.label for measure in measures], rows)
    loss = "log_loss" if target.task == "classification" else "rmse"
    if len(scores) > 1 and scores[0][1][loss] >= scores[-1][1][loss]:
        guess, others = scores[-1], scores[1:-1]
        told = [name for name, values in others if values[loss] < guess[1][loss]]
        why = f": these columns seem to say little of {target.column}."
        if told:
            why = f", but {told[0]} is: the simpler model is the wiser choice, or more rows."
        screen.entry("", f"No better than {guess[0]}{why}")


def show_model(screen: Screen, output: Path, interrupted: bool) -> None:
    """Say where the model is."""
    screen.gap()
    what = "stopped early; what it learned so far is written to" if interrupted else "written to"
    screen.entry("Model", f"{what} {output}", always=True)


def show_predict(screen: Screen, output: Path, table: Path) -> None:
    """Say how to predict with the model."""
    screen.entry("Predict", "with any table that has these columns:")
    screen.command(command_line("netlet", "predict", str(output), str(table), "-o", "predictions.csv"))


def command_line(*words: str) -> str:
    """Write a command so that the shell of this system takes it as it stands."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)

"""What a person chose on the command line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from netlet.cli.command_error import CommandError

VALIDATION_SHARE = 0.2


@dataclass(frozen=True)
class TrainOptions:
    """The options of `netlet train`; None stands for what the table, the optimizer or the search decides."""

    file: Path
    target: str | None
    output: Path | None
    task: str
    drop: tuple[str, ...]
    hidden: tuple[int, ...] | None
    activation: str | None
    dropout: float | None
    optimizer: str | None
    learning_rate: float | None
    epochs: int | None
    batch_size: int | None
    patience: int
    time: float | None
    trials: int | None
    epochs_in_all: int | None
    ensemble: int
    report: Path | None
    with_report: bool
    test_share: float
    validation_share: float
    seed: int
    threads: int | None
    force: bool
    quiet: bool
    forecast: str | None = None
    horizon: int | None = None
    time_column: str | None = None
    series: str | None = None
    known: tuple[str, ...] = ()
    gaps: str = "error"
    text: str | None = None
    preset: str | None = None
    given: frozenset[str] = frozenset()  # the options that stand on the command line

    def __post_init__(self) -> None:
        """Check what the command line's own types leave open."""
        check_number("--batch-size", self.batch_size, 1, math.inf)
        check_number("--epochs", self.epochs, 1, math.inf)
        check_number("--trials", self.trials, 1, math.inf)
        check_number("--epochs-in-all", self.epochs_in_all, 1, math.inf)
        check_number("--ensemble", self.ensemble, 1, 101)
        check_number("--patience", self.patience, 1, math.inf)
        check_number("--horizon", self.horizon, 1, math.inf)
        check_number("--seed", self.seed, 0, 2**32)  # scikit-learn takes no larger one
        check_number("--threads", self.threads, 1, math.inf)
        check_number("--dropout", self.dropout, 0, 1)
        check_number("--learning-rate", self.learning_rate, 0, math.inf, open_low=True)
        check_number("--time", self.time, 0, math.inf, open_low=True)
        check_number("--test-share", self.test_share, 0, 1)
        check_number("--validation-share", self.validation_share, 0, 1)
        if self.report is not None and not self.with_report:
            raise CommandError("--report names a file and --no-report wants none; leave one of them out")
        if self.forecast is None:
            beside = {"--horizon": self.horizon, "--time-column": self.time_column, "--series": self.series,
                      "--known": self.known or None}  # fmt: skip
            for option, value in beside.items():
                if value is not None:
                    raise CommandError(f"{option} is for --forecast; name the column to forecast with it")


@dataclass(frozen=True)
class LanguageOptions:
    """The options of `netlet train --language`; None stands for the model's own choice."""

    file: Path
    output: Path | None
    units: str
    window: int | None
    width: int | None
    n_layers: int | None
    steps: int | None
    epochs: int | None
    dropout: float | None
    learning_rate: float | None
    batch_size: int | None
    patience: int | None
    validation_share: float | None
    time: float | None
    seed: int
    threads: int | None
    force: bool
    quiet: bool

    def __post_init__(self) -> None:
        """Check what the command line's own types leave open."""
        for name in ("window", "width", "n_layers", "steps", "epochs", "batch_size", "patience", "threads"):
            option = {"n_layers": "blocks"}.get(name, name.replace("_", "-"))
            check_number(f"--{option}", getattr(self, name), 1, math.inf)
        check_number("--seed", self.seed, 0, 2**32)
        check_number("--dropout", self.dropout, 0, 1)
        check_number("--learning-rate", self.learning_rate, 0, math.inf, open_low=True)
        check_number("--time", self.time, 0, math.inf, open_low=True)
        check_number("--validation-share", self.validation_share, 0, 1)


@dataclass(frozen=True)
class GenerateOptions:
    """The options of `netlet generate` and `netlet chat`."""

    model: Path
    temperature: float
    top_k: int | None
    length: int
    seed: int | None

    def __post_init__(self) -> None:
        """Check what the command line's own types leave open."""
        check_number("--temperature", self.temperature, 0, math.inf)
        check_number("--top-k", self.top_k, 1, math.inf)
        check_number("--length", self.length, 0, math.inf)
        check_number("--seed", self.seed, 0, 2**32)


@dataclass(frozen=True)
class PredictOptions:
    """The options of `netlet predict`; `output` None stands for standard output."""

    model: Path
    file: Path
    output: Path | None
    with_input: bool
    force: bool
    threads: int | None

    def __post_init__(self) -> None:
        """Check what the command line's own types leave open."""
        check_number("--threads", self.threads, 1, math.inf)


def hidden_sizes(text: str) -> tuple[int, ...]:
    """Read `--hidden`: sizes with commas between them, or `none`.

    Raises
    ------
    CommandError
        If it is something else.
    """
    if text.strip().lower() == "none":
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and int(part) >= 1 for part in parts):
        raise CommandError(
            f"--hidden {text!r} is not a list of layer sizes; write it like 64,64 (or none, for a linear model)"
        )
    return tuple(int(part) for part in parts)


def names_of(texts: list[str] | None) -> tuple[str, ...]:
    """Read `--drop`: names with commas between them, the option given once or more often."""
    return tuple(name.strip() for text in texts or [] for name in text.split(",") if name.strip())


def check_number(option: str, value: float | None, low: float, high: float, *, open_low: bool = False) -> None:
    """Raise CommandError unless `low <= value < high` (with `open_low`, `low < value < high`) or the value is None."""
    if value is None or ((low < value or (low == value and not open_low)) and value < high):
        return
    ends = f"{'more than' if open_low else 'at least'} {low:g}" + (
        f" and less than {high}" if math.isfinite(high) else ""
    )
    raise CommandError(f"{option} {value} is out of range; it has to be {ends}")

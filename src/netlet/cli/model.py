"""The network that a person's options stand for, and telling model files from others."""

from __future__ import annotations

from pathlib import Path

from netlet import Dense, Dropout, Input, ModelFileError, Network, Softmax
from netlet.cli.command_error import CommandError
from netlet.cli.options import TrainOptions
from netlet.data import Target
from netlet.graph.specification import Layer
from netlet.network.model_file import read_model
from netlet.training.optimizers import Optimizer, optimizer_of


def hidden_layers(options: TrainOptions) -> list[Layer]:
    """Give the hidden layers, each followed by dropout if asked for; CommandError if the activation is unknown."""
    try:
        dense: list[Layer] = [Dense(units, activation=options.activation) for units in options.hidden]
    except ValueError as error:
        raise CommandError(f"--{error}") from None
    if not options.dropout:
        return dense
    return [layer for each in dense for layer in (each, Dropout(options.dropout))]


def chosen_optimizer(options: TrainOptions) -> Optimizer:
    """Give the optimizer; CommandError if it is unknown."""
    try:
        return optimizer_of(options.optimizer, options.learning_rate)
    except ValueError as error:
        raise CommandError(f"--{error}") from None


def network_for(hidden: list[Layer], target: Target, n_inputs: int, seed: int) -> Network:
    """Build the network: from the inputs to probabilities of the classes, or to one number."""
    last = [Dense(len(target.classes)), Softmax()] if target.task == "classification" else [Dense(1)]
    return Network([Input(n_inputs), *hidden, *last], seed=seed)


def is_model(path: Path) -> bool:
    """Tell whether a file is a sound model of netlet."""
    try:
        read_model(path)
    except (ModelFileError, OSError):
        return False
    return True

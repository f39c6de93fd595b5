"""What a checkpoint must agree on with the training that goes on from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlet.errors import CheckpointMismatch, check_number
from netlet.training.checkpoint import Checkpoint, digest
from netlet.training.schedules import ConstantRate
from netlet.training.settings import Settings
from netlet.training.stepper import Rule, Samples

if TYPE_CHECKING:
    from netlet.network.core import Core

_SECONDS = 10.0


def checkpoint_of(
    network: Core,
    folder: str | os.PathLike[str] | None,
    every_epochs: int | None,
    every_seconds: float | None,
    rule: Rule,
    settings: Settings,
    samples: Samples,
    validation: Samples | None,
) -> Checkpoint | None:
    """Return the checkpoint of a training; None where no folder is given.

    Raises
    ------
    ValueError, TypeError
        If a parameter is not as it should be.
    OSError, CheckpointMismatch, ModelFileError
        As `Checkpoint`; CheckpointMismatch also if it holds more epochs than are asked for.
    """
    check_number("checkpoint_epochs", every_epochs, int, 1, optional=True)
    check_number("checkpoint_seconds", every_seconds, float, 0, optional=True)
    if folder is None:
        if every_epochs is not None or every_seconds is not None:
            raise ValueError("checkpoint_epochs or checkpoint_seconds is given without checkpoint; name a folder")
        return None
    if every_epochs is None and every_seconds is None:
        every_seconds = _SECONDS
    assert rule.optimizer is not None
    if validation is not None and settings.validation_rows is not None:
        validation = validation.rows(settings.validation_rows)
    learnt = network._built()
    conditions: dict[str, Any] = {
        "layers": network._graph.describe(),
        "dtype": network.dtype,
        "seed": network.seed,
        "weights to begin with": f"after {learnt.epochs} epochs, {digest(learnt.theta)}, {digest(learnt.state)}",
        "X": digest(samples.x),
        "y": digest(samples.y),
        "sample weights": digest(samples.weights),
        "samples held out": digest(settings.rows) if settings.rows is not None else None,
        "validation data": (
            f"{digest(validation.x)}, {digest(validation.y)}, {digest(validation.weights)}" if validation else None
        ),
        "loss": rule.loss.describe(),
        "optimizer": rule.optimizer.describe(),
        "schedule": settings.schedule.describe(),
        "batch_size": settings.batch_size,
        "shuffle": settings.shuffle,
        "frozen": sorted(rule.frozen),
        "penalties": {name: repr(terms) for name, terms in rule.terms.items()},
        "penalise_biases": rule.penalises_biases,
        "clipping": f"value {rule.clip_value}, norm {rule.clip_norm}",
        "patience": settings.patience,
    }
    if settings.best_by != "loss":
        conditions["best_by"] = settings.best_by
    for name in ("weight_decay_schedule", "dropout_schedule"):  # files of earlier versions know of none
        if getattr(settings, name) != ConstantRate():
            conditions[name] = getattr(settings, name).describe()
    schedules = settings.schedule, settings.weight_decay_schedule, settings.dropout_schedule
    if any(schedule.uses_total for schedule in schedules):  # else a training may be prolonged
        conditions["epochs"] = settings.epochs
    kept = Checkpoint(Path(folder), every_epochs, every_seconds, conditions)
    done = kept.found[0]["epoch"] if kept.found is not None else 0
    if done > settings.epochs:
        with kept:
            raise CheckpointMismatch(
                f"checkpoint={str(folder)!r} holds {done} epochs of this training, epochs={settings.epochs} are fewer; "
                f"give epochs={done} or more, or another folder"
            )
    return kept

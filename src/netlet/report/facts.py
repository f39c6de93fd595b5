"""What the page of a training shows: plain values and arrays, so that anything can fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netlet.data import ColumnFacts
from netlet.data.importance import Importance
from netlet.report.health_section import HealthFacts
from netlet.searching.trial import Trial

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class TableFacts:
    """The table and what is predicted from it.

    Attributes
    ----------
    file : str
        The file's name.
    n_rows : int
        As read, those without a target included.
    columns : tuple of ColumnFacts
        Without the target.
    target : str
        The column that is predicted.
    task : {"classification", "regression"}
    class_counts : tuple of (str, int)
        In classification: how many rows of the table have each class, in the order of the classes.
    number_range : (float, float) or None
        In regression: the smallest and the largest value.
    n_learn, n_watch, n_test : int
        Rows to learn from, to choose and to stop by, and to test with.
    n_inputs : int
        Of the network.
    notes, warnings : tuple of str
        Sentences about the table as a whole.
    """

    file: str
    n_rows: int
    columns: tuple[ColumnFacts, ...]
    target: str
    task: Literal["classification", "regression"]
    class_counts: tuple[tuple[str, int], ...] = ()
    number_range: tuple[float, float] | None = None
    n_learn: int = 0
    n_watch: int = 0
    n_test: int = 0
    n_inputs: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchFacts:
    """The networks that were tried.

    Attributes
    ----------
    metric : str
        What the networks were compared by, in words: "accuracy".
    more_is_better : bool
    trials : tuple of Trial
    budget : str
        In words: "60 seconds", "30 networks of 20 epochs".
    seconds : float
        In all.
    n_threads : int
    strategy : str
        In words; empty if there is nothing to say.
    folds : int or None
        Of the cross-validation that they were compared by; None: by the validation rows.
    """

    metric: str
    more_is_better: bool
    trials: tuple[Trial, ...]
    budget: str
    seconds: float
    n_threads: int
    strategy: str = ""
    folds: int | None = None


@dataclass(frozen=True)
class NetworkFacts:
    """One of the networks that were trained side by side.

    Attributes
    ----------
    number : int
        From 0.
    n_learn, n_held : int
        Rows that it learned from, and others, by which its best epoch was found.
    score : float or None
        Its score on these at its best epoch; None where it has none.
    epochs : int
        That were trained.
    best_epoch : int or None
    seconds : float
    changes : mapping
        What is other than in the usual setting.
    share : float
        Its weight in the model; 0: it was left out.
    reason : str
        Why its training failed; empty where it did not.
    """

    number: int
    n_learn: int
    n_held: int
    score: float | None
    epochs: int
    best_epoch: int | None
    seconds: float
    changes: Mapping[str, Any] = field(default_factory=dict)
    share: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class NetworksFacts:
    """The networks of a preset, trained side by side.

    Attributes
    ----------
    preset : str
    networks : tuple of NetworkFacts
    measure : str
        What they were judged by, in words, of which less is better: "log loss".
    seconds : float
        In all.
    n_threads : int
    ending : str
        What ended the training before its time, in a sentence; empty if nothing did.
    """

    preset: str
    networks: tuple[NetworkFacts, ...]
    measure: str
    seconds: float
    n_threads: int
    ending: str = ""


@dataclass(frozen=True)
class WinnerFacts:
    """The network, or the ensemble, that was kept.

    Attributes
    ----------
    members : tuple of (int, float)
        The numbers of trials or of networks with their weights; one pair if it is a single network.
    settings : mapping
        Of the best member of a search, or of the first network of a preset.
    n_parameters : int
        In all members together.
    curves : mapping of str to sequence of float
        Of the same network, a figure for each epoch: "loss", "validation_loss", "validation_accuracy".
    summary : str
        The network's layers as text, lines and columns as they are.
    temperature : float or None
        What the logits are divided by; None: they are not.
    file : str
        Where the model is.
    """

    members: tuple[tuple[int, float], ...]
    settings: Mapping[str, Any]
    n_parameters: int
    curves: Mapping[str, Any]
    summary: str = ""
    temperature: float | None = None
    file: str = ""


@dataclass(frozen=True)
class ModelScore:
    """What a model reached on the test rows.

    Attributes
    ----------
    name : str
        "this network", "logistic regression", "always no".
    texts : mapping of str to str
        Each measure as it is to be read: ``{"accuracy": "82.1 %", "log loss": "0.412"}``.
    value : float or None
        The first measure as a number of which more is better; None: the models are not compared in words.
    log_loss : float or None
        Decides between models of equal value.
    """

    name: str
    texts: Mapping[str, str]
    value: float | None = None
    log_loss: float | None = None


@dataclass(frozen=True)
class ErrorRow:
    """A row that was predicted badly.

    Attributes
    ----------
    row : int
        Its number in the file, from 1.
    cells : mapping of str to value
        As they were read.
    truth, prediction : str or float
    confidence : float or None
        The probability of the prediction; None in regression.
    """

    row: int
    cells: Mapping[str, Cell]
    truth: str | float
    prediction: str | float
    confidence: float | None = None


@dataclass(frozen=True, eq=False)
class TestFacts:
    """What came out on the rows that nothing was learned from.

    Attributes
    ----------
    truth : ndarray, shape (n,)
        Labels from 0, or numbers in the target's unit.
    outputs : ndarray, shape (n, k) in classification, (n,) in regression
        Probabilities, or numbers in the target's unit.
    classes : tuple of str
        The k names; empty in regression.
    scores : tuple of ModelScore
        The model's own first, then those it is compared with.
    spread : ndarray, shape (n,), or None
        How far the members of an ensemble are apart.
    importance : Importance or None
    errors : tuple of ErrorRow
        The worst first.
    """

    __test__ = False  # no class of tests, though its name begins so

    truth: NDArray[Any]
    outputs: NDArray[np.floating]
    classes: tuple[str, ...] = ()
    scores: tuple[ModelScore, ...] = ()
    spread: NDArray[np.floating] | None = None
    importance: Importance | None = None
    errors: tuple[ErrorRow, ...] = ()


@dataclass(frozen=True)
class ReproductionFacts:
    """What is needed to do it again.

    Attributes
    ----------
    command : str
        As it is to be typed.
    versions : mapping of str to str
        Of netlet, Python and the libraries.
    seed : int
    date : str
    machine : str
        In words.
    note : str
        What keeps the result from being the same bit for bit, say a budget in seconds.
    """

    command: str
    versions: Mapping[str, str]
    seed: int
    date: str
    machine: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Facts:
    """A training, whole.

    Attributes
    ----------
    table : TableFacts
    search : SearchFacts or NetworksFacts
        What was trained until the model was found.
    winner : WinnerFacts
    reproduction : ReproductionFacts
    test : TestFacts or None
        None if no rows were set aside, or none were left.
    no_test : str
        Why there is no test, in a sentence.
    health : HealthFacts or None
        None: nothing is said of it.
    """

    table: TableFacts
    search: SearchFacts | NetworksFacts
    winner: WinnerFacts
    reproduction: ReproductionFacts
    test: TestFacts | None = None
    no_test: str = field(
        default="No rows were set aside for a test, so nothing says how good the model is on new rows."
    )
    health: HealthFacts | None = None

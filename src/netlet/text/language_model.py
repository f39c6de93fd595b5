"""A model of language: from a text to a network that continues texts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from netlet.errors import check_number, unknown_name
from netlet.estimators.shaped.base import ShapedEstimator
from netlet.graph.attention import TransformerBlock
from netlet.graph.embedding import Embedding
from netlet.graph.normalisation import LayerNorm
from netlet.graph.positions import LearnedPositions
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer, Node
from netlet.graph.time_dense import TiedDense, TimeDense
from netlet.network.network import Network
from netlet.text.corpus import looks_like_a_file, text_of
from netlet.text.generation import Continuation
from netlet.text.learning import SCHEDULES, Course, Learning
from netlet.text.measuring import Measure
from netlet.text.sampling import check_drawing
from netlet.text.vocabulary import UNITS, BytePairs, Characters, Vocabulary, vocabulary_from
from netlet.text.windows import Windows
from netlet.training.optimizers import AdamW

_BYTES = 256


class LanguageModel(ShapedEstimator):
    """A small Transformer that foresees the next character, or byte pair, of a text.

    Parameters
    ----------
    units : {"characters", "bytepairs"}, default "characters"
        What the text is cut into. Byte pairs take the tokenizers library, ``pip install "netlet[text]"``; they know
        every character, where a model of characters knows only those of its text.
    vocabulary_size : int, > 256, default 1000
        The most byte pairs; they are learnt from the part of the text that is not for validation.
    window : int, >= 1, default 64
        How many units the model sees.
    width : int, >= 1, default 64
        Numbers that stand for a unit within the network.
    heads : int, >= 1, default 4
        Of the attention; must divide `width`.
    n_layers : int, >= 1, default 2
        Blocks of attention and a feed-forward part of 4 times the width.
    dropout : float, 0 <= dropout < 1, default 0
        Where a text is short for the model, 0.1 to 0.3 helps.
    tied : bool, default False
        Whether the output shares the table of the embedding: fewer weights, which pays for large vocabularies.
    layers : list of layers, or callable, optional
        What stands between the embedding and the output instead, such as ``[LSTM(64)]``; or
        ``layers(shape, n_outputs)`` that returns the whole network, from ``Input(window)`` to
        ``TimeDense(n_outputs)``. A step must not see those after it.
    epochs : int, >= 1, default 100
        Passes over the text, at most.
    max_steps : int, >= 1, optional, default 5000
        Steps, at most.
    batch_size : int, >= 1, default 32
        Windows of a step.
    learning_rate : float, > 0, default 3e-3
        The highest, of AdamW.
    weight_decay : float, >= 0, default 0.01
    schedule : {"one_cycle", "cosine"}, default "one_cycle"
        Of the rate, over the whole training: up and down; or a short warm-up and half a cosine down.
    clip_norm : float, > 0, default 1
        The most that the length of the gradient may be.
    validation_fraction : float in [0, 1), default 0.1
        The share of the text, its end, to validate on; the weights that were best there are kept. 0: none.
    patience : int, >= 1, optional
        Stop after so many epochs without a gain in validation; default: do all.
    time_limit : float, > 0, optional
        Seconds of training; the rates are then spread over that time, and the result depends on the machine.
    random_state : int, RandomState or None, default None
        Decides the weights and the batches.
    n_threads : int, >= 1, optional
    verbose : bool, default False
        Whether to show progress.

    Attributes
    ----------
    network_ : Network
        Reads (window,), gives (window, n_tokens): the logits of the next unit after each step.
    vocabulary_ : Vocabulary
    history_ : History
        Of the training; not there after `load`.

    Examples
    --------
    >>> from netlet import LanguageModel
    >>> model = LanguageModel(window=8, width=8, heads=2, n_layers=1, max_steps=60, random_state=0)
    >>> text = model.fit("abcd" * 200).generate("abc", n_tokens=6, temperature=0)
    >>> len(text)
    6
    """

    def __init__(
        self,
        units: str = "characters",
        *,
        vocabulary_size: int = 1000,
        window: int = 64,
        width: int = 64,
        heads: int = 4,
        n_layers: int = 2,
        dropout: float = 0.0,
        tied: bool = False,
        layers: Any = None,
        epochs: int = 100,
        max_steps: int | None = 5000,
        batch_size: int = 32,
        learning_rate: float = 3e-3,
        weight_decay: float = 0.01,
        schedule: str = "one_cycle",
        clip_norm: float = 1.0,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.units = units
        self.vocabulary_size = vocabulary_size
        self.window = window
        self.width = width
        self.heads = heads
        self.n_layers = n_layers
        self.dropout = dropout
        self.tied = tied
        self.layers = layers
        self.epochs = epochs
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_threads = n_threads
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn from a text.

        Parameters
        ----------
        X : str, path, or iterable of these
            A str is the text itself; a `pathlib.Path` names a file in UTF-8. Several texts follow one another.
        y : None
            Not used.

        Returns
        -------
        LanguageModel
            Itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter is not as it should be, or the text is empty, is too short for a window, or holds one
            character only.
        OSError
            If a file cannot be read.
        TrainingFailed
            If a loss or a gradient is not finite.
        """
        self._check_parameters()
        text = text_of(X)
        learnt_from, validated = self._divided(text)
        if self.units == "characters":
            self.vocabulary_: Vocabulary = Characters.of(text)
        else:
            self.vocabulary_ = BytePairs.of(learnt_from, self.vocabulary_size)
        tokens = self.vocabulary_.encode(learnt_from)
        self._check_length(text, tokens)
        held = self.vocabulary_.encode(validated)
        seed = self._seed()
        network = Network(self._body((self.window,), len(self.vocabulary_)), seed=seed, dtype="float32")
        self._check_network(network)
        course = Course(
            epochs=self.epochs, max_steps=self.max_steps, batch_size=self.batch_size,
            optimizer=AdamW(self.learning_rate, weight_decay=self.weight_decay), schedule=self.schedule,
            clip_norm=self.clip_norm, patience=self.patience, time_limit=self.time_limit, n_threads=self.n_threads,
            progress="auto" if self.verbose else "none",
        )  # fmt: skip
        windows = Windows(tokens, self.window, seed)
        self._first = int(self.vocabulary_.encode("\n")[0]) if _knows(self.vocabulary_, "\n") else int(tokens[0])
        self.history_ = Learning(network, windows, held if len(held) > 1 else None, course).run()
        self.network_ = network
        self._ready: Continuation | None = None
        return self

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.units not in UNITS:
            raise ValueError(unknown_name("units", self.units, UNITS))
        if self.schedule not in SCHEDULES:
            raise ValueError(unknown_name("schedule", self.schedule, SCHEDULES))
        for name in ("window", "width", "heads", "n_layers"):
            check_number(name, getattr(self, name), int, 1)
        check_number("vocabulary_size", self.vocabulary_size, int, _BYTES + 1)
        check_number("dropout", self.dropout, float, 0, below=1)
        check_number("clip_norm", self.clip_norm, float, 0, above=True)
        check_number("max_steps", self.max_steps, int, 1, optional=True)
        if self.layers is None and self.width % self.heads:
            raise ValueError(f"heads={self.heads} do not divide width={self.width}; use heads=1, or another width")

    def _divided(self, text: str) -> tuple[str, str]:
        """Return what to learn from, and what to validate on: the end of the text."""
        first_held = len(text) - round(len(text) * self.validation_fraction)
        return text[:first_held], text[first_held:]

    def _check_length(self, text: str, tokens: np.ndarray) -> None:
        """Raise ValueError if there is not enough to learn."""
        what = "characters" if self.units == "characters" else "byte pairs"
        if len(set(text)) == 1:
            raise ValueError(f"the text holds one character only, {text[0]!r}; there is nothing to foresee in it")
        if len(tokens) <= self.window:
            held = f" beside the {self.validation_fraction:.0%} for validation" if self.validation_fraction else ""
            file = ""
            if looks_like_a_file(text):
                file = f"; it is the name of a file: give pathlib.Path({text!r})"
            elif len(tokens) > 2:
                file = f"; give more text, or use window={len(tokens) // 2}"
            raise ValueError(
                f"the text has {len(tokens)} {what} to learn from{held}, and window={self.window} takes "
                f"{self.window + 1} at least{file or '; give more text'}"
            )

    def _body(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        if isinstance(self.layers, (list, tuple)):
            output = TiedDense() if self.tied else TimeDense(n_outputs)
            return [Input(shape), Embedding(n_outputs, self.width), *self.layers, output]
        return super()._body(shape, n_outputs)

    def _preset(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        block = TransformerBlock(self.heads, 4 * self.width, dropout=self.dropout, causal=True)
        blocks = [block] * self.n_layers
        output = TiedDense() if self.tied else TimeDense(n_outputs)
        return [Input(shape), Embedding(n_outputs, self.width), LearnedPositions(), *blocks, LayerNorm(), output]

    def _check_network(self, network: Network) -> None:
        """Raise ValueError if a network gives something else than logits, or sees what it is to foresee."""
        wanted = (self.window, len(self.vocabulary_))
        if network._operations[0].size != self.window or network._output_shape != wanted:
            raise ValueError(
                f"layers={self.layers!r} makes a network of {network._operations[0].size} inputs whose output has the "
                f"shape {network._output_shape}; a language model reads ({self.window},) and gives {wanted}: layers "
                "must keep the steps"
            )
        rows = np.zeros((2, self.window), np.float32)
        rows[1, -1] = 1
        before = network.predict(rows)[:, :-1]
        if not np.allclose(before[0], before[1], rtol=1e-3, atol=1e-5):
            raise ValueError(
                f"layers={self.layers!r} lets a step see those after it, which it is to foresee; use causal=True, "
                "recurrent layers of one direction, or Conv1D with padding on the left only"
            )

    def generate(
        self,
        prompt: str = "",
        *,
        n_tokens: int = 500,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: int | None = None,
    ) -> str:
        """Continue a text.

        Parameters
        ----------
        prompt : str
            What comes before; of a long one the last window counts. Nothing: as after a line break.
        n_tokens : int, >= 0, default 500
            Characters, or byte pairs, to add.
        temperature : float, >= 0, default 1
            Below 1 likely units become likelier; 0 takes the likeliest each time.
        top_k : int, >= 1, optional
            Draw among so many of the likeliest only.
        seed : int, >= 0, optional
            The same one gives the same text. Default: another text at each call.

        Returns
        -------
        str
            What follows the prompt, without it.

        Raises
        ------
        NotFittedError
            If there is no network yet.
        ValueError, TypeError
            If a setting is not as it should be, or a model of characters does not know one of the prompt.
        """
        return "".join(self.stream(prompt, n_tokens=n_tokens, temperature=temperature, top_k=top_k, seed=seed))

    def stream(
        self,
        prompt: str = "",
        *,
        n_tokens: int = 500,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Continue a text, and give what is added piece by piece as it comes.

        Parameters
        ----------
        prompt, n_tokens, temperature, top_k, seed
            As for `generate`; they are checked before the first piece.

        Returns
        -------
        iterator of str
            Together what `generate` returns.
        """
        check_is_fitted(self, "network_")
        if not isinstance(prompt, str):
            raise TypeError(f"prompt={prompt!r} is a {type(prompt).__name__}, not a str")
        check_number("n_tokens", n_tokens, int, 0)
        check_drawing(temperature, top_k, seed)
        context = self.vocabulary_.encode(prompt).tolist() or [self._first]
        if self._ready is None:
            self._ready = Continuation(self.network_)
        return self.vocabulary_.pieces(self._ready.tokens(context, n_tokens, temperature, top_k, seed))

    def evaluate(self, X: Any) -> dict[str, float]:
        """Measure how well the model foresees a text.

        The text is cut into windows end to end; all units but the very first count.

        Parameters
        ----------
        X : str, path, or iterable of these
            As for `fit`.

        Returns
        -------
        dict
            "loss", nats for each unit; "perplexity", the exponential of that; "bits_per_character".

        Raises
        ------
        NotFittedError
            If there is no network yet.
        ValueError, TypeError
            If there are fewer than two units, or a model of characters does not know one of them.
        """
        check_is_fitted(self, "network_")
        text = text_of(X)
        tokens = self.vocabulary_.encode(text)
        if len(tokens) < 2:
            raise ValueError(f"the text has {len(tokens)} unit; measuring takes two at least")
        nats = Measure(self.network_).nats(tokens)
        loss = nats / (len(tokens) - 1)
        n_characters = max(1, len(text) - len(self.vocabulary_.decode(tokens[:1])))
        return {
            "loss": loss,
            "perplexity": math.exp(min(loss, 700.0)),
            "bits_per_character": nats / math.log(2) / n_characters,
        }

    def score(self, X: Any, y: Any = None) -> float:  # noqa: ARG002
        """Return minus the loss that `evaluate` measures: greater is better, as scikit-learn wants it."""
        return -self.evaluate(X)["loss"]

    def _fitted(self) -> dict[str, Any]:
        return {
            "vocabulary": self.vocabulary_.describe(),
            "first": self._first,
            "window": self.network_._operations[0].size,
        }

    def _restore(self, fitted: dict[str, Any]) -> None:
        self.vocabulary_ = vocabulary_from(fitted["vocabulary"])
        self._first, self._ready = int(fitted["first"]), None
        shape = int(fitted["window"]), len(self.vocabulary_)
        if self.network_._output_shape != shape or not 0 <= self._first < len(self.vocabulary_):
            raise ValueError("its network does not fit its vocabulary")

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what holds machine addresses: they mean nothing in another process."""
        state: dict[str, Any] = super().__getstate__()
        return state | ({"_ready": None} if "_ready" in state else {})


def _knows(vocabulary: Vocabulary, text: str) -> bool:
    try:
        return len(vocabulary.encode(text)) > 0
    except ValueError:
        return False

"""Classifying texts: n-grams or sequences of tokens, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from netlet.errors import check_number, unknown_name
from netlet.estimators.shaped.classifier import ShapedClassifier
from netlet.estimators.shaped.samples import check_counts
from netlet.graph.specification import Layer, Node
from netlet.text.explanation import WordScore, explain
from netlet.text.ngrams import NGrams
from netlet.text.presets import READERS, of_ngrams, of_tokens, settings_for, token_samples
from netlet.text.texts import texts_of
from netlet.text.tokens import Tokens

FEATURES = ("ngrams", "words", "characters", "bytepairs")
_TEXTS_AT_A_TIME = 2048  # of which the samples are made, so that predicting needs little memory
_WINDOW_OF_NGRAMS = 2048


class TextClassifier(ShapedClassifier):
    """A classifier of texts.

    By default a text is its n-grams: runs of words and of characters, weighted by how often they occur in the text and
    how rarely elsewhere, with a few numbers of its shape. The network adds up a vector for each. That is quick, and for
    texts of which words tell the class it is hard to beat. Where the order of words matters, texts are read as
    sequences of tokens.

    Parameters
    ----------
    features : {"ngrams", "words", "characters", "bytepairs"}, default "ngrams"
        As what a text is read. "words" (lower-cased; a mark is a word), "characters" and "bytepairs" are sequences;
        the last needs the tokenizers library (``pip install "netlet[text]"``).
    reader : {"convolution", "mean", "gru"}, default "convolution"
        How a sequence is read: by a convolution over neighbouring tokens, of which the largest values are kept; as the
        mean of the tokens' vectors; by a recurrent network. Without meaning for n-grams.
    words : tuple (int, int) or None, default (1, 2)
        Shortest and longest run of words among the n-grams; None: no words.
    characters : tuple (int, int) or None, default (2, 5)
        The same for characters, within words; None: no characters.
    min_count : int >= 1, default 2
        In how many texts an n-gram must occur, or how often a token, to be known.
    max_terms : int >= 1 or "auto", default "auto"
        The most n-grams of words, and of characters; or the most tokens. "auto": 200,000 n-grams, 20,000 words, 1,000
        characters, 4,000 byte pairs.
    window : int >= 1 or None, default None
        The most n-grams or tokens of a text that are read: of a longer text the heaviest n-grams, or the first tokens.
        None: for n-grams 2,048, for sequences as long as 95 % of the texts are, and 512 at most.
    dimensions : int >= 1 or "auto", default "auto"
        The length of the vectors that are learnt; "auto": for n-grams one number for each class, a linear model; for
        sequences 64.
    layers : list of layers, callable or None, default None
        Takes the place of the preset network: what stands between input and output, or a callable ``layers(shape,
        n_classes)`` that returns the network without its softmax. The input is, for n-grams, of shape (2, window): the
        numbers of the n-grams, and their weights, 0 where there is none; for sequences that of the `reader`.
    epochs : int >= 1 or "auto", default "auto"
    batch_size : int >= 1, default 32
    learning_rate : float > 0 or "auto", default "auto"
        The highest of the cycle.
    weight_decay : float >= 0, default 0.01
    label_smoothing : float in [0, 1), default 0.0
    class_weight : "balanced", dict or None, default "balanced"
    validation_fraction : float in [0, 1) or "auto", default "auto"
        Share of the texts that is held out to choose the best epoch by; "auto": 0 for n-grams, else 0.1.
    patience : int >= 1 or None, default None
    time_limit : float > 0 or None, default None
        Seconds.
    random_state : int, RandomState or None, default None
    n_threads : int >= 1 or None, default None
        The result does not depend on it.
    verbose : bool, default False
    health : bool, default False
        Whether to look for what keeps the network from learning: `health_` then has findings, and each of them is a
        `HealthWarning`. The result does not depend on it.

    Attributes
    ----------
    classes_ : array, (n_classes,)
    vocabulary_ : dict of str to int
        The tokens, or the n-grams and the numbers of the shape, and where each stands. N-grams of words are written
        ``word: ...``, those of characters ``characters: ...``, with a space at a word's edge.
    network_ : Network
    history_ : History
    health_ : Health or None
        What was found, with ``health=True``.

    Examples
    --------
    >>> from netlet.text import TextClassifier
    >>> texts = ["win a prize now", "see you at noon", "claim your prize", "home at noon then"] * 5
    >>> model = TextClassifier(random_state=0).fit(texts, ["spam", "ham"] * 10)
    >>> [str(label) for label in model.predict(["a prize", "at noon"])]
    ['spam', 'ham']
    """

    def __init__(
        self,
        features: str = "ngrams",
        *,
        reader: str = "convolution",
        words: Any = (1, 2),
        characters: Any = (2, 5),
        min_count: int = 2,
        max_terms: Any = "auto",
        window: int | None = None,
        dimensions: Any = "auto",
        layers: Any = None,
        epochs: Any = "auto",
        batch_size: int = 32,
        learning_rate: Any = "auto",
        weight_decay: float = 0.01,
        label_smoothing: float = 0.0,
        class_weight: Any = "balanced",
        validation_fraction: Any = "auto",
        patience: int | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        n_threads: int | None = None,
        verbose: bool = False,
        health: bool = False,
    ) -> None:
        self.features = features
        self.reader = reader
        self.words = words
        self.characters = characters
        self.min_count = min_count
        self.max_terms = max_terms
        self.window = window
        self.dimensions = dimensions
        self.layers = layers
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_threads = n_threads
        self.verbose = verbose
        self.health = health

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None) -> Self:
        """Find the vocabulary, and train the network.

        Parameters
        ----------
        X : list, array or Series of str, (n_samples,)
        y : array-like, (n_samples,)
            Classes of any type.
        sample_weight : array-like, (n_samples,), optional
        validation_data : tuple (X, y), optional
            Takes the place of texts held out.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If something in X is no text, or a parameter is of another type.
        ValueError
            If a text is missing, no text holds a word, y has not a class for each text and two at least, or a
            parameter is out of its range.
        ImportError
            If byte pairs are asked for and the tokenizers library is not there.
        TrainingFailed
            If the loss is no longer finite.
        """
        texts = texts_of(X)
        chosen = self._chosen(len(texts))
        chosen._check_parameters()
        check_counts(len(texts), len(y))
        codes = chosen._coded(y)
        chosen._learn_terms(texts)
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise ValueError("validation_data is not a tuple (X, y)")
            held, labels = texts_of(validation_data[0], "validation X"), chosen._known(validation_data[1])
            check_counts(len(held), len(labels))
            validation = chosen._encoded(held), labels
        chosen._learn(chosen._encoded(texts), codes, sample_weight, validation)
        self.classes_, self.network_, self.history_ = chosen.classes_, chosen.network_, chosen.history_
        self._take(chosen._terms)
        return self

    def _chosen(self, n_texts: int) -> TextClassifier:
        """Return an estimator in which every "auto" is a value."""
        if self.features not in FEATURES:
            raise ValueError(unknown_name("features", self.features, FEATURES))
        check_number("batch_size", self.batch_size, int, 1)
        usual = settings_for(self.features, n_texts, self.batch_size)
        autos = {name: value for name, value in usual.items() if _is_auto(getattr(self, name))}
        chosen: TextClassifier = clone(self).set_params(**autos)
        return chosen

    def _check_parameters(self) -> None:
        if self.reader not in READERS:
            raise ValueError(unknown_name("reader", self.reader, READERS))
        for name in ("words", "characters"):
            _check_lengths(name, getattr(self, name))
        if self.features == "ngrams" and self.words is None and self.characters is None:
            raise ValueError("words=None and characters=None leave no n-grams; give one of them, such as words=(1, 2)")
        check_number("min_count", self.min_count, int, 1)
        check_number("max_terms", self.max_terms, int, 1)
        check_number("window", self.window, int, 1, optional=True)
        if not (_is_auto(self.dimensions) and self.features == "ngrams"):
            check_number("dimensions", self.dimensions, int, 1)
        super()._check_parameters()

    def _learn_terms(self, texts: list[str]) -> None:
        terms: NGrams | Tokens
        if self.features == "ngrams":
            window = self.window or _WINDOW_OF_NGRAMS
            terms = NGrams.learn(texts, self.words, self.characters, self.min_count, self.max_terms, window)
        else:
            terms = Tokens.learn(texts, self.features, self.min_count, self.max_terms, self.window)
        self._take(terms)

    def _take(self, terms: NGrams | Tokens) -> None:
        self._terms = terms
        self.vocabulary_ = {term: number for number, term in enumerate(terms.names)}

    def _encoded(self, texts: list[str]) -> np.ndarray:
        if isinstance(self._terms, NGrams):
            return self._terms.samples(texts)
        return token_samples(*self._terms.samples(texts), self.reader)

    def _samples(self, X: Any) -> np.ndarray:
        return self._encoded(texts_of(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X : list, array or Series of str, (n_samples,)
            A text without a single known word or n-gram gets what the network makes of none.

        Returns
        -------
        float32, (n_samples, n_classes)
        """
        check_is_fitted(self, "network_")
        texts = texts_of(X)
        outputs = [np.empty((0, len(self.classes_)), np.float32)]
        for start in range(0, len(texts), _TEXTS_AT_A_TIME):
            x = self._encoded(texts[start : start + _TEXTS_AT_A_TIME])
            outputs.append(self.network_.predict(x, n_threads=self.n_threads))
        return np.concatenate(outputs)

    def explain(self, text: str, *, label: Any = None) -> list[WordScore]:
        """Return the words of a text, with what each adds to the score of a class.

        A word's score is by how much the log of the odds of the class falls when the word is left out (occlusion): the
        text is predicted once more for every word of it.

        Parameters
        ----------
        text : str
        label : class, optional
            One of `classes_`; default: that which is predicted.

        Returns
        -------
        list of WordScore
            In the order of the text, whose parts they are: ``text[word.begin : word.end]``.

        Raises
        ------
        TypeError, ValueError
            If `text` is no text, or `label` none of the classes.
        """
        check_is_fitted(self, "network_")
        (text,) = texts_of([text], "text")
        if label is None:
            place = int(self.predict_proba([text])[0].argmax())
        else:
            found = np.flatnonzero(self.classes_ == label)
            if not len(found):
                raise ValueError(f"label={label!r} is not among the classes {self.classes_.tolist()}")
            place = int(found[0])
        return explain([text], self.predict_proba, [place])[0]

    def _preset(self, shape: tuple[int, ...], n_outputs: int) -> list[Layer] | Node:
        if self.features == "ngrams":
            size = None if _is_auto(self.dimensions) else int(self.dimensions)
            return of_ngrams(shape, len(self.vocabulary_), size, n_outputs)
        return of_tokens(shape, len(self.vocabulary_), int(self.dimensions), n_outputs, self.reader)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        return tags

    def _fitted(self) -> dict[str, Any]:
        kind = "ngrams" if isinstance(self._terms, NGrams) else "tokens"
        return super()._fitted() | {kind: self._terms.to_dict()}

    def _restore(self, fitted: dict[str, Any]) -> None:
        super()._restore(fitted)
        stored = fitted.get("ngrams")
        self._take(Tokens.from_dict(fitted["tokens"]) if stored is None else NGrams.from_dict(stored))


def _is_auto(value: object) -> bool:
    return isinstance(value, str) and value == "auto"


def _check_lengths(name: str, lengths: Any) -> None:
    if lengths is None:
        return
    if not isinstance(lengths, (tuple, list)) or len(lengths) != 2:
        raise ValueError(f"{name}={lengths!r} is no pair of lengths; give the shortest and the longest, such as (1, 2)")
    check_number(f"{name}[0]", lengths[0], int, 1)
    check_number(f"{name}[1]", lengths[1], int, int(lengths[0]))

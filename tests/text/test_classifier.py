"""TextClassifier: what it learns, keeps, explains and refuses."""

from __future__ import annotations

import builtins

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from netlet import ModelFileError, Network
from netlet.estimators.saving import class_in
from netlet.text.classifier import TextClassifier

pytestmark = pytest.mark.plain
TEXTS = ["win a prize now", "see you at noon", "claim your prize!", "home at noon then"] * 6
LABELS = ["spam", "ham"] * 12
QUICK = {"epochs": 8, "random_state": 0, "n_threads": 1, "characters": (2, 3)}
SEQUENCES = [("words", "convolution"), ("words", "mean"), ("characters", "gru"), ("bytepairs", "mean")]


@pytest.fixture(scope="module")
def model():
    return TextClassifier(**QUICK).fit(TEXTS, LABELS)


def test_words_that_were_seen_tell_the_class(model):
    assert model.predict(["a prize", "at noon"]).tolist() == ["spam", "ham"]
    assert model.classes_.tolist() == ["ham", "spam"]
    p = model.predict_proba(["a prize", "noon"])
    assert p.shape == (2, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    assert model.score(TEXTS, LABELS) == 1


@pytest.mark.parametrize(("features", "reader"), SEQUENCES)
def test_sequences_learn_what_n_grams_do_and_come_back_from_a_file(features, reader, tmp_path):
    if features == "bytepairs":
        pytest.importorskip("tokenizers")
    model = TextClassifier(
        features, reader=reader, epochs=15, learning_rate=0.02, dimensions=6, max_terms=300, batch_size=8,
        random_state=0, n_threads=1,
    ).fit(TEXTS, LABELS)  # fmt: skip
    assert model.score(TEXTS, LABELS) == 1
    model.save(tmp_path / "m.netlet")
    loaded = TextClassifier.load(tmp_path / "m.netlet")
    odd = [*TEXTS[:4], "", "\u2603 \u00e9", "prize " * 500]
    np.testing.assert_array_equal(loaded.predict_proba(odd), model.predict_proba(odd))
    assert loaded.vocabulary_ == model.vocabulary_


def test_a_model_file_gives_everything_back(model, tmp_path):
    path = tmp_path / "m.netlet"
    model.save(path)
    loaded = TextClassifier.load(path)
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert loaded.vocabulary_ == model.vocabulary_
    assert loaded.get_params() == model.get_params() | {"words": [1, 2], "characters": [2, 3]}
    assert class_in(Network.load(path)) == "TextClassifier"
    Network.load(path).save(tmp_path / "plain.netlet", notes={})
    with pytest.raises(ModelFileError, match="a network by itself, not a TextClassifier"):
        TextClassifier.load(tmp_path / "plain.netlet")


def test_an_altered_vocabulary_is_refused(model, tmp_path):
    model.save(tmp_path / "m.netlet")
    network = Network.load(tmp_path / "m.netlet")
    network.notes["estimator"]["fitted"]["ngrams"]["views"][0]["counts"].pop()
    network.save(tmp_path / "m.netlet")
    with pytest.raises(ModelFileError, match="altered: the vocabulary and its counts have different lengths"):
        TextClassifier.load(tmp_path / "m.netlet")


@pytest.mark.parametrize("kind", [np.array, lambda x: np.array(x, object), pd.Series, pl.Series, tuple, pd.DataFrame])
def test_texts_of_any_container(model, kind):
    np.testing.assert_array_equal(model.predict_proba(kind(TEXTS[:3])), model.predict_proba(TEXTS[:3]))


def test_the_same_seed_gives_the_same_model_and_another_container_of_y(model):
    again = TextClassifier(**QUICK).fit(pl.Series(TEXTS), pd.Series(LABELS))
    np.testing.assert_array_equal(again.network_.theta, model.network_.theta)
    assert clone(model).get_params() == model.get_params()


def test_what_a_word_adds_is_what_its_absence_takes(model):
    words = model.explain("a prize at noon", label="spam")
    assert [word.word for word in words] == ["a", "prize", "at", "noon"]
    assert ["a prize at noon"[word.begin : word.end] for word in words] == [word.word for word in words]
    by_word = {word.word: word.score for word in words}
    assert by_word["prize"] > 0 > by_word["noon"]
    p, q = (model.predict_proba([text])[0].astype(float) for text in ("a prize at noon", "a  at noon"))
    assert by_word["prize"] == pytest.approx(np.log(p[1] / p[0]) - np.log(q[1] / q[0]), rel=1e-5)
    opposite = model.explain("a prize at noon", label="ham")
    np.testing.assert_allclose([w.score for w in opposite], [-w.score for w in words], rtol=1e-6)
    assert model.explain("") == []
    with pytest.raises(ValueError, match=r"label='eggs' is not among the classes \['ham', 'spam'\]"):
        model.explain("a prize", label="eggs")


def test_empty_texts_and_unknown_characters_are_texts(model):
    p = model.predict_proba(["", "   ", "\u4f60\u597d \U0001f600", "\x00"])
    assert np.isfinite(p).all()
    assert model.predict_proba([]).shape == (0, 2)
    mixed = TextClassifier(**QUICK).fit([*TEXTS, ""], [*LABELS, "ham"])
    assert mixed.predict([""]).tolist() == ["ham"]


def test_of_a_text_longer_than_the_window_the_heaviest_n_grams_are_kept():
    model = TextClassifier(window=3, words=(1, 1), characters=None, epochs=2, random_state=0).fit(TEXTS, LABELS)
    whole = TextClassifier(words=(1, 1), characters=None, epochs=2, random_state=0).fit(TEXTS, LABELS)
    row = whole._terms.rows(["see you at noon"]).toarray()[0]
    numbers, weights = model._terms.samples(["see you at noon"])[0]
    assert weights.tolist() == sorted(weights.tolist()) or len(weights) == 3
    np.testing.assert_allclose(np.sort(weights), np.sort(row)[-3:], rtol=1e-6)
    np.testing.assert_allclose(row[numbers.astype(int)], weights, rtol=1e-6)


def test_of_a_sequence_longer_than_the_window_the_first_tokens_are_read():
    model = TextClassifier("words", window=2, epochs=1, dimensions=2, random_state=0).fit(TEXTS, LABELS)
    same, other = model.predict_proba(["a prize noon", "a prize then you"])
    np.testing.assert_array_equal(same, other)


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        (["a", None], ValueError, r"X\[1\] is missing \(None\); leave the sample out, or give ''"),
        (["a", float("nan")], ValueError, r"X\[1\] is missing \(nan\)"),
        (["a", pd.NA], ValueError, r"X\[1\] is missing \(<NA>\)"),
        ([3, "a"], TypeError, r"X\[0\]=3 is int, not str; give texts"),
        (np.eye(2)[:, :1], TypeError, r"X\[0\]=1.0 is float, not str"),
        (["a", b"b"], TypeError, r"X\[1\] is bytes; decode them first"),
        ("a text", TypeError, r"X is a single text; give a list"),
        (7, TypeError, r"X=7 is no list of texts"),
        (np.full((2, 2), "a"), ValueError, r"X has the shape \(2, 2\); give one text for each sample"),
        (["", " "], ValueError, "X holds no text with a word in it"),
        ([], ValueError, "X has no samples"),
        (["a"], ValueError, "X has 1 samples and y has 2"),
    ],
)
def test_what_is_no_text_is_refused(texts, error, message):
    with pytest.raises(error, match=message):
        TextClassifier(**QUICK).fit(texts, ["x", "y"] if len(np.atleast_1d(np.array(texts, object))) else [])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"features": "letters"}, "features='letters' is not one of 'bytepairs', 'characters', 'ngrams', 'words'"),
        ({"reader": "lstm"}, "reader='lstm' is not one of"),
        ({"words": (2, 1)}, r"words\[1\]=1 is not >= 2"),
        ({"words": 2}, r"words=2 is no pair of lengths; give the shortest and the longest, such as \(1, 2\)"),
        ({"words": None, "characters": None}, "leave no n-grams"),
        ({"window": 0}, "window=0 is not >= 1"),
        ({"min_count": 0}, "min_count=0 is not >= 1"),
        ({"epochs": 0}, "epochs=0 is not >= 1"),
        ({"validation_fraction": 1.0}, "validation_fraction=1.0 is not >= 0 and < 1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TextClassifier(**settings).fit(TEXTS, LABELS)


def test_one_class_is_refused_and_an_unfitted_model_says_so():
    with pytest.raises(ValueError, match=r"y has 1 class, \['ham'\]"):
        TextClassifier(**QUICK).fit(TEXTS, ["ham"] * len(TEXTS))
    with pytest.raises(NotFittedError):
        TextClassifier().predict(TEXTS)


def test_byte_pairs_without_their_library_name_the_extra(monkeypatch):
    real = builtins.__import__

    def absent(name, *args, **kwargs):
        if name == "tokenizers":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ImportError, match=r'pip install "netlet\[text\]"'):
        TextClassifier("bytepairs", epochs=1).fit(TEXTS, LABELS)


def test_texts_to_validate_on():
    model = TextClassifier(**QUICK).fit(TEXTS, LABELS, validation_data=(TEXTS[:4], LABELS[:4]))
    assert "validation_loss" in model.history_.records[0]
    with pytest.raises(ValueError, match="validation y holds 'eggs'"):
        TextClassifier(**QUICK).fit(TEXTS, LABELS, validation_data=(TEXTS[:1], ["eggs"]))

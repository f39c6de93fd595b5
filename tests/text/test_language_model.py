"""The language model: it learns, continues as naive generation does, measures, is kept, and says what is wrong."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from netlet import GRU, Dense, Embedding, Input, ModelFileError, Network, TimeDense, TransformerBlock
from netlet.text.language_model import LanguageModel
from netlet.text.sampling import draw

SMALL = {"window": 8, "width": 8, "heads": 2, "n_layers": 1, "random_state": 0, "n_threads": 1}
TEXT = "the cat sat on the mat\nthe rat sat on the cat\n" * 12


@pytest.fixture(scope="module")
def model():
    return LanguageModel(max_steps=60, **SMALL).fit(TEXT)


def naive(model, prompt, n, temperature, top_k, seed):
    """Continue by `Network.predict` of what is there, padded behind: one row for each token."""
    tokens, generator = model.vocabulary_.encode(prompt).tolist(), np.random.default_rng(seed)
    window = model.network_.predict(np.zeros((1, model.window))).shape[1]
    for _ in range(n):
        last = tokens[-window:]
        row = np.array([last + [0] * (window - len(last))], np.float32)
        tokens.append(draw(model.network_.predict(row)[0, len(last) - 1], temperature, top_k, generator))
    return model.vocabulary_.decode(tokens)[len(prompt) :]


@pytest.mark.parametrize("prompt", ["t", "the cat", "the rat sat on the mat"])
@pytest.mark.parametrize("settings", [(1.0, None, 3), (0.5, 3, 4), (0.0, None, None)])
def test_it_continues_as_naive_generation_does(model, prompt, settings):
    temperature, top_k, seed = settings
    text = model.generate(prompt, n_tokens=20, temperature=temperature, top_k=top_k, seed=seed)
    assert text == naive(model, prompt, 20, temperature, top_k, seed)
    assert text == "".join(model.stream(prompt, n_tokens=20, temperature=temperature, top_k=top_k, seed=seed))
    assert len(text) == 20


def test_of_a_long_prompt_the_last_window_counts(model):
    long = "on the mat, ".replace(",", "") * 3
    assert model.generate(long, n_tokens=9, seed=1) == model.generate(long[-8:], n_tokens=9, seed=1)
    assert model.generate(long, n_tokens=9, seed=1) != model.generate(long[-4:], n_tokens=9, seed=1)


def test_no_prompt_begins_a_line_and_no_tokens_give_nothing(model):
    assert model.generate(n_tokens=9, seed=1) == model.generate("\n", n_tokens=9, seed=1)
    assert model.generate("the", n_tokens=0) == ""
    without = LanguageModel(max_steps=1, **SMALL).fit("bac" * 30)
    assert without.generate(n_tokens=5, seed=0) == without.generate("b", n_tokens=5, seed=0)


def test_pieces_come_one_by_one_and_settings_are_checked_at_once(model):
    pieces = model.stream("the", n_tokens=10**9, seed=0)
    assert len(next(pieces)) == 1
    with pytest.raises(ValueError, match="temperature"):
        model.stream("the", temperature=-1)  # not only with the first piece


def test_seeds(model):
    assert model.generate("the", seed=5) == model.generate("the", seed=5)
    assert model.generate("the", seed=5) != model.generate("the", seed=6)
    assert model.generate("the") != model.generate("the"), "drawn anew"


def test_it_learns_a_text_that_repeats():
    model = LanguageModel(max_steps=300, **SMALL).fit("abcd" * 200)
    assert model.evaluate("abcd" * 20)["loss"] < 0.1
    assert model.generate("abc", n_tokens=8, temperature=0) == "dabcdabc"
    assert model.history_.best_epoch is not None


def test_figures_against_the_probabilities(model):
    text = "the cat sat on a mat\nthe"  # three windows of 8, the last not whole
    tokens = model.vocabulary_.encode(text)
    nats = 0.0
    for start in range(0, len(tokens) - 1, 8):
        row = tokens[start : start + 8]
        logits = model.network_.predict(np.pad(row, (0, 8 - len(row)))[np.newaxis])[0].astype(np.float64)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        nats -= sum(logs[k, following] for k, following in enumerate(tokens[start + 1 : start + 9]))
    figures = model.evaluate(text)
    assert figures["loss"] == pytest.approx(nats / (len(text) - 1), rel=1e-5)
    assert figures["perplexity"] == pytest.approx(math.exp(figures["loss"]))
    assert figures["bits_per_character"] == pytest.approx(figures["loss"] / math.log(2))
    assert model.score(text) == -figures["loss"]


def test_the_end_of_the_text_is_validated_on(model):
    held = TEXT[len(TEXT) - round(len(TEXT) * 0.1) :]
    assert model.evaluate(held)["loss"] == min(model.history_.column("validation_loss"))
    none = LanguageModel(max_steps=5, validation_fraction=0.0, **SMALL).fit(TEXT)
    assert "validation_loss" not in none.history_.epochs[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_weights(model, threads):
    again = clone(model).set_params(n_threads=threads).fit(TEXT)
    np.testing.assert_array_equal(again.network_.theta, model.network_.theta)
    other = clone(model).set_params(random_state=1).fit(TEXT)
    assert not np.array_equal(other.network_.theta, model.network_.theta)


def test_it_is_kept_in_one_file(model, tmp_path):
    model.save(tmp_path / "m.netlet")
    loaded = LanguageModel.load(tmp_path / "m.netlet")
    assert loaded.get_params() == model.get_params()
    assert loaded.generate("the", seed=1) == model.generate("the", seed=1)
    assert pickle.loads(pickle.dumps(model)).generate("the", seed=1) == model.generate("the", seed=1)
    Network([Input(8), Embedding(5, 4), TimeDense(5)], seed=0).save(tmp_path / "n.netlet", notes=loaded.network_.notes)
    with pytest.raises(ModelFileError, match="does not fit its vocabulary"):
        LanguageModel.load(tmp_path / "n.netlet")


def test_byte_pairs(tmp_path):
    pytest.importorskip("tokenizers")
    model = LanguageModel("bytepairs", vocabulary_size=300, max_steps=30, **SMALL).fit(TEXT)
    figures = model.evaluate(TEXT)
    n_tokens = len(model.vocabulary_.encode(TEXT))
    assert n_tokens < len(TEXT) / 2
    first = len(model.vocabulary_.decode(model.vocabulary_.encode(TEXT)[:1]))
    nats = figures["loss"] * (n_tokens - 1)
    assert figures["bits_per_character"] == pytest.approx(nats / math.log(2) / (len(TEXT) - first))
    assert "naïve 河" not in TEXT
    assert model.generate("naïve 河", n_tokens=15, seed=0) == naive(model, "naïve 河", 15, 1.0, None, 0)
    model.save(tmp_path / "m.netlet")
    assert LanguageModel.load(tmp_path / "m.netlet").generate(seed=2, n_tokens=9) == model.generate(seed=2, n_tokens=9)


def test_tied_weights_own_layers_and_a_whole_network():
    tied = LanguageModel(max_steps=2, tied=True, **SMALL).fit(TEXT)
    free = LanguageModel(max_steps=2, **SMALL).fit(TEXT)
    n_tokens = len(free.vocabulary_)
    assert free.network_.theta.size - tied.network_.theta.size == n_tokens * 8 + n_tokens
    recurrent = LanguageModel(max_steps=2, layers=[GRU(8, returns="sequence")], **SMALL).fit(TEXT)
    assert recurrent.generate("the", n_tokens=12, seed=0) == naive(recurrent, "the", 12, 1.0, None, 0)
    whole = LanguageModel(
        max_steps=2, layers=lambda shape, n: [Input(shape), Embedding(n, 4), TimeDense(n)], **SMALL
    ).fit(TEXT)
    assert whole.network_.theta.size == n_tokens * 4 + 5 * n_tokens


@pytest.mark.parametrize("layers", [[TransformerBlock(2)], [Dense(4)], 3])
def test_layers_that_see_the_future_or_lose_the_steps(layers):
    with pytest.raises(ValueError, match=r"use causal=True|layers must keep the steps|is no list of layers|reads"):
        LanguageModel(layers=layers, **SMALL).fit(TEXT)


def test_how_long():
    few = LanguageModel(epochs=2, max_steps=None, **SMALL).fit(TEXT)
    assert [len(few.history_), few.history_.stopped] == [2, "epochs"]
    n_steps = [-(-((len(TEXT) - round(len(TEXT) * 0.1) - 1 - k) // 8) // 32) for k in (0, 7)]
    assert 2 * n_steps[1] <= few.network_._built().steps <= 2 * n_steps[0]
    cut = LanguageModel(max_steps=3, **SMALL).fit(TEXT)
    assert cut.network_._built().steps == 3
    soon = LanguageModel(time_limit=1e-9, max_steps=None, **SMALL).fit(TEXT)
    assert soon.history_.stopped == "time"
    assert soon.network_._built().steps < 10
    patient = LanguageModel(learning_rate=1e-12, weight_decay=0.0, patience=2, max_steps=None, **SMALL).fit(TEXT)
    assert patient.history_.stopped in ("early", "epochs")
    LanguageModel(schedule="cosine", max_steps=3, **SMALL).fit(TEXT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text is empty"),
        ("a" * 500, "one character only, 'a'"),
        ("ab" * 3, r"the text has 5 characters to learn from beside the 10% for validation, and window=8 takes 9 at "),
        ("abc", "give more text"),
    ],
)
def test_texts_that_are_none(text, message):
    with pytest.raises(ValueError, match=message):
        LanguageModel(**SMALL).fit(text)


def test_the_name_of_a_file_is_not_its_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(TEXT)
    with pytest.raises(ValueError, match=r"it is the name of a file: give pathlib.Path\('a.txt'\)"):
        LanguageModel(**SMALL).fit("a.txt")
    assert LanguageModel(max_steps=1, **SMALL).fit(tmp_path / "a.txt").vocabulary_.characters == "\n acehmnorst"


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"units": "words"}, ValueError, "units='words' is not one of 'bytepairs', 'characters'"),
        ({"schedule": "cosin"}, ValueError, "did you mean 'cosine'"),
        ({"window": 0}, ValueError, "window=0 is not >= 1"),
        ({"heads": 3}, ValueError, "heads=3 do not divide width=8"),
        ({"vocabulary_size": 256}, ValueError, "vocabulary_size=256 is not >= 257"),
        ({"dropout": 1.0}, ValueError, "dropout=1.0 is not >= 0 and < 1"),
        ({"clip_norm": 0}, ValueError, "clip_norm=0 is not > 0"),
        ({"max_steps": 0}, ValueError, "max_steps=0 is not >= 1"),
        ({"epochs": 2.5}, TypeError, "epochs=2.5 is not an int"),
    ],
)
def test_bad_parameters(settings, error, message):
    with pytest.raises(error, match=message):
        LanguageModel(**SMALL | settings).fit(TEXT)


def test_bad_prompts_and_measured_texts(model):
    with pytest.raises(ValueError, match=r"the text holds 'X', '!', which the model has not seen"):
        model.generate("theX!")
    with pytest.raises(TypeError, match="prompt=3 is a int, not a str"):
        model.generate(3)
    with pytest.raises(ValueError, match="n_tokens=-1 is not >= 0"):
        model.generate("the", n_tokens=-1)
    with pytest.raises(ValueError, match="has 1 unit; measuring takes two"):
        model.evaluate("t")
    with pytest.raises(NotFittedError):
        LanguageModel().generate("a")

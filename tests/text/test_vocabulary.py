"""Characters and byte pairs: there and back, what is unknown, and tokens as they come."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.text.vocabulary import BytePairs, Characters, vocabulary_from

pytestmark = pytest.mark.plain
TEXT = "Der Fluß, 河 and 🙂: " + "the rain in the main train, the rain again; " * 30


def test_characters_are_numbered_in_order():
    vocabulary = Characters.of("cab\nba")
    assert vocabulary.characters == "\nabc"
    np.testing.assert_array_equal(vocabulary.encode("abc\n"), [1, 2, 3, 0])
    assert vocabulary.decode([3, 1, 2]) == "cab"


def test_unknown_characters_are_named_each_once():
    with pytest.raises(ValueError, match=r"the text holds 'x', '🙂', which the model has not seen"):
        Characters.of("abc").encode("axbx🙂c")
    with pytest.raises(ValueError, match="'f', 'g', 'h', 'i', 'j', 'k' and others"):
        Characters.of("abc").encode("defghijklmn")


@pytest.mark.parametrize("units", ["characters", "bytepairs"])
def test_there_and_back(units):
    if units == "bytepairs":
        pytest.importorskip("tokenizers")
        vocabulary = BytePairs.of(TEXT, 300)
        assert 256 < len(vocabulary) <= 300
    else:
        vocabulary = Characters.of(TEXT)
    tokens = vocabulary.encode(TEXT)
    assert vocabulary.decode(tokens) == TEXT
    assert "".join(vocabulary.pieces(iter(tokens.tolist()))) == TEXT
    again = vocabulary_from(vocabulary.describe())
    np.testing.assert_array_equal(again.encode(TEXT), tokens)
    assert len(again) == len(vocabulary)
    assert vocabulary.encode("").shape == (0,)


def test_byte_pairs_know_every_character_and_never_give_half_of_one():
    pytest.importorskip("tokenizers")
    vocabulary = BytePairs.of("plain text only, plain text only", 300)
    tokens = vocabulary.encode("河🙂")
    assert len(tokens) == 7, "three bytes and four"
    assert list(vocabulary.pieces(iter(tokens.tolist()))) == ["河", "🙂"]
    assert "\N{REPLACEMENT CHARACTER}" in "".join(vocabulary.pieces(iter(tokens[:-1].tolist())))


def test_a_long_text_is_encoded_in_pieces(monkeypatch):
    pytest.importorskip("tokenizers")
    vocabulary = BytePairs.of(TEXT, 300)
    monkeypatch.setattr("netlet.text.vocabulary._PIECE", 10)
    lines = "the rain\nin the main\n\nagain, again, and again" * 3
    assert vocabulary.decode(vocabulary.encode(lines)) == lines


@pytest.mark.parametrize(
    "altered",
    [
        {"units": "words"},
        {"units": "characters", "characters": "ba"},
        {"units": "characters", "characters": ""},
        {"units": "bytepairs", "merges": "{}"},
    ],
)
def test_an_altered_description_is_refused(altered):
    if altered["units"] == "bytepairs":
        pytest.importorskip("tokenizers")
    with pytest.raises(ValueError, match=r"is unknown|not ascending|cannot be read"):
        vocabulary_from(altered)


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(ImportError, match=r'pip install "netlet\[text\]"'):
        BytePairs.of(TEXT, 300)

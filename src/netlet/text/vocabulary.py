"""What a text is cut into: characters, or byte pairs that are learnt from it; each has a number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

UNITS = ("characters", "bytepairs")
_PIECE = 100_000  # characters that are encoded together, so that what the encoder keeps beside them is little
_SHOWN = 8
_HELD_BACK = 8  # tokens; a character takes four bytes at most
_BROKEN = "\N{REPLACEMENT CHARACTER}"


class Vocabulary(ABC):
    """The tokens that a text may consist of, by number."""

    units: str

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of tokens."""

    @abstractmethod
    def encode(self, text: str) -> np.ndarray:
        """Return the numbers of a text's tokens: int32, (n_tokens,).

        Raises
        ------
        ValueError
            For characters that are not in the vocabulary.
        """

    @abstractmethod
    def decode(self, tokens: Sequence[int] | np.ndarray) -> str:
        """Return the text of some tokens."""

    @abstractmethod
    def pieces(self, tokens: Iterator[int]) -> Iterator[str]:
        """Return the text of tokens as they come."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return all that it is, as JSON values."""


class Characters(Vocabulary):
    """A number for each character.

    Parameters
    ----------
    characters : str
        Each once, ascending.
    """

    units = "characters"

    def __init__(self, characters: str) -> None:
        self.characters = characters
        self._codes = np.array([ord(each) for each in characters], dtype=np.uint32)
        if len(self._codes) == 0 or (np.diff(self._codes.astype(np.int64)) <= 0).any():
            raise ValueError("the characters of a vocabulary are not ascending")

    @classmethod
    def of(cls, text: str) -> Characters:
        """Collect the characters of a text."""
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> np.ndarray:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        tokens = np.searchsorted(self._codes, codes).clip(max=len(self) - 1).astype(np.int32)
        unknown = codes[self._codes[tokens] != codes]
        if len(unknown):
            found = [chr(code) for code in dict.fromkeys(unknown.tolist())]
            shown = ", ".join(map(repr, found[:_SHOWN])) + (" and others" if len(found) > _SHOWN else "")
            raise ValueError(
                f"the text holds {shown}, which the model has not seen in training; leave such characters out, or "
                "train with units='bytepairs', which knows every character"
            )
        return tokens

    def decode(self, tokens: Sequence[int] | np.ndarray) -> str:
        return "".join(self.characters[token] for token in tokens)

    def pieces(self, tokens: Iterator[int]) -> Iterator[str]:
        for token in tokens:
            yield self.characters[token]

    def describe(self) -> dict[str, Any]:
        return {"units": self.units, "characters": self.characters}


class BytePairs(Vocabulary):
    """Bytes, and frequent sequences of them: every text can be written with them.

    Needs the `tokenizers` library, ``pip install "netlet[text]"``.

    Parameters
    ----------
    merges : str
        What `tokenizers.Tokenizer.to_str` returned.

    Notes
    -----
    Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", ACL 2016; on bytes:
    Radford and others, "Language models are unsupervised multitask learners", 2019.
    """

    units = "bytepairs"

    def __init__(self, merges: str) -> None:
        try:
            self._tokenizer = _tokenizers().Tokenizer.from_str(merges)
        except ImportError:
            raise
        except Exception as error:  # the library raises nothing narrower
            raise ValueError(f"the byte pairs cannot be read: {error}") from None

    @classmethod
    def of(cls, text: str, n_tokens: int) -> BytePairs:
        """Learn them from a text: the 256 bytes, and what is most frequent, up to `n_tokens`."""
        library = _tokenizers()
        tokenizer = library.Tokenizer(library.models.BPE())
        tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = library.decoders.ByteLevel()
        trainer = library.trainers.BpeTrainer(
            vocab_size=n_tokens, initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        )
        tokenizer.train_from_iterator(_cut(text), trainer)
        return cls(tokenizer.to_str())

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> np.ndarray:
        parts = [np.array(self._tokenizer.encode(piece).ids, dtype=np.int32) for piece in _cut(text)]
        return np.concatenate(parts) if parts else np.empty(0, np.int32)

    def decode(self, tokens: Sequence[int] | np.ndarray) -> str:
        text: str = self._tokenizer.decode([int(token) for token in tokens], skip_special_tokens=False)
        return text

    def pieces(self, tokens: Iterator[int]) -> Iterator[str]:
        waiting: list[int] = []  # tokens may end within a character
        for token in tokens:
            waiting.append(token)
            text = self.decode(waiting)
            if not text.endswith(_BROKEN) or len(waiting) >= _HELD_BACK:
                waiting = []
                yield text
        if waiting:
            yield self.decode(waiting)

    def describe(self) -> dict[str, Any]:
        return {"units": self.units, "merges": self._tokenizer.to_str()}


def vocabulary_from(description: dict[str, Any]) -> Vocabulary:
    """Return the vocabulary that `describe` described.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the description was altered.
    ImportError
        If it takes a library that is not installed.
    """
    if description["units"] == Characters.units:
        return Characters(description["characters"])
    if description["units"] == BytePairs.units:
        return BytePairs(description["merges"])
    raise ValueError(f"units={description['units']!r} of a vocabulary is unknown")


def _cut(text: str) -> Iterator[str]:
    """Cut a long text after line breaks, into pieces of some length."""
    start = 0
    while start < len(text):
        stop = start + _PIECE
        if stop < len(text):
            stop = text.find("\n", stop) + 1 or len(text)
        yield text[start:stop]
        start = stop


def _tokenizers() -> Any:
    try:
        import tokenizers
        from tokenizers import decoders, models, pre_tokenizers, trainers  # noqa: F401  (attributes of the package)
    except ImportError:
        raise ImportError(
            "units='bytepairs' takes the tokenizers library, which is not installed; "
            'pip install "netlet[text]", or use units="characters"'
        ) from None
    return tokenizers

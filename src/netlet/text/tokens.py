"""Texts as sequences of numbers: words, characters or byte pairs, cut or padded to a window."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.text.ngrams import WORD

PADDING, UNKNOWN = 0, 1
_SPECIAL = ("<padding>", "<unknown>")
_WORD = re.compile(WORD)
_LEAST_WINDOW, _MOST_WINDOW = 8, 512
_SHARE_WITHIN = 0.95  # of the texts fit into a window that is chosen


@dataclass(frozen=True)
class Tokens:
    """The numbers of tokens: 0 is padding, 1 whatever is not known.

    Attributes
    ----------
    kind : {"words", "characters", "bytepairs"}
        Words are lower-cased, and a mark is a word of its own; characters are as they are.
    terms : tuple of str
        By number, the first two for padding and the unknown. Byte pairs are written as the `tokenizers` library does.
    window : int
        Tokens of a sample; of a longer text the first are kept.
    merges : str
        Of byte pairs: the tokenizer, as its library writes it.
    """

    kind: str
    terms: tuple[str, ...]
    window: int
    merges: str = ""
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)
    _library: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the table to look numbers up in."""
        object.__setattr__(self, "_numbers", {term: number for number, term in enumerate(self.terms)})
        object.__setattr__(self, "_library", _tokenizers().Tokenizer.from_str(self.merges) if self.merges else None)

    @classmethod
    def learn(cls, texts: list[str], kind: str, least: int, most: int, window: int | None) -> Tokens:
        """Find the tokens of texts.

        Parameters
        ----------
        texts : list of str
        kind : {"words", "characters", "bytepairs"}
        least : int
            How often a token must occur.
        most : int
            Tokens that are known.
        window : int or None
            None: as long as 95 % of the texts, and 512 at most.
        """
        if kind == "bytepairs":
            terms, merges = _learn_pairs(texts, least, most)
        else:
            counts = Counter(token for text in texts for token in _cut(text, kind))
            known = [token for token, count in counts.most_common() if count >= least][:most]
            terms, merges = (*_SPECIAL, *known), ""
        if len(terms) == len(_SPECIAL):
            raise ValueError(f"X holds no token that occurs {least} times; give more texts, or a smaller min_count")
        found = cls(kind, terms, window or 1, merges)
        if window is None:
            long = int(np.ceil(np.quantile([len(found.numbers(text)) for text in texts], _SHARE_WITHIN)))
            found = cls(kind, terms, min(max(long, _LEAST_WINDOW), _MOST_WINDOW), merges)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The tokens in the order of their numbers."""
        return self.terms

    def numbers(self, text: str) -> list[int]:
        """Return the number of each token of a text, uncut."""
        if self._library is not None:
            return list(self._library.encode(text).ids)
        return [self._numbers.get(token, UNKNOWN) for token in _cut(text, self.kind)]

    def samples(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of texts, (n_texts, window), and how many each has, (n_texts,), both float32."""
        samples = np.full((len(texts), self.window), PADDING, np.float32)
        lengths = np.zeros(len(texts), np.float32)
        for row, text in enumerate(texts):
            numbers = self.numbers(text)[: self.window]
            samples[row, : len(numbers)], lengths[row] = numbers, len(numbers)
        return samples, lengths

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"kind": self.kind, "terms": list(self.terms), "window": self.window, "merges": self.merges}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Tokens:
        """Take back what `to_dict` returned."""
        return cls(str(stored["kind"]), tuple(map(str, stored["terms"])), int(stored["window"]), str(stored["merges"]))


def _cut(text: str, kind: str) -> Iterable[str]:
    return (token.lower() for token in _WORD.findall(text)) if kind == "words" else text


def _learn_pairs(texts: list[str], least: int, most: int) -> tuple[tuple[str, ...], str]:
    library = _tokenizers()
    tokenizer = library.Tokenizer(library.models.BPE(unk_token=_SPECIAL[UNKNOWN]))
    tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = library.trainers.BpeTrainer(
        vocab_size=most + len(_SPECIAL), min_frequency=least, special_tokens=list(_SPECIAL), show_progress=False,
        initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    merges = tokenizer.to_str()
    numbers = json.loads(merges)["model"]["vocab"]
    return tuple(sorted(numbers, key=numbers.__getitem__)), merges


def _tokenizers() -> Any:
    try:
        import tokenizers
    except ImportError:
        raise ImportError(
            'features="bytepairs" needs the tokenizers library; install it with: pip install "netlet[text]"'
        ) from None
    return tokenizers

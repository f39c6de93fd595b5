"""N-grams against scikit-learn's own tf-idf, and against numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from netlet.text.ngrams import WORD, NGrams, View
from netlet.text.shape import SHAPES, shape_rows

pytestmark = pytest.mark.plain
TEXTS = ["To be, or not to be", "that is the question", "be that as it may be be", "", "To BE"]


@pytest.mark.parametrize(
    ("analyzer", "lengths", "pattern"), [("word", (1, 2), WORD), ("char_wb", (2, 4), None)]
)  # fmt: skip
def test_weights_are_those_of_scikit_learn(analyzer, lengths, pattern):
    theirs = TfidfVectorizer(
        analyzer=analyzer, ngram_range=lengths, token_pattern=pattern, sublinear_tf=True, min_df=2
    )  # fmt: skip
    expected = theirs.fit_transform(TEXTS).toarray()
    view = View.learn(TEXTS, analyzer, lengths, 2, 10_000)
    assert list(view.terms) == theirs.get_feature_names_out().tolist()
    np.testing.assert_allclose(view.rows(TEXTS).toarray(), expected, rtol=1e-12)


def test_the_commonest_are_kept_and_all_where_none_is_common():
    assert View.learn(TEXTS, "word", (1, 1), 1, 3).terms == ("be", "that", "to")
    assert View.learn(["a b", "c"], "word", (1, 1), 2, 9).terms == ("a", "b", "c")


def test_samples_hold_the_row_and_are_padded_with_weights_of_0():
    ngrams = NGrams.learn(TEXTS, (1, 2), (2, 3), 1, 1000, 1000)
    rows = np.zeros((len(TEXTS), len(ngrams.names)))
    for row, (numbers, weights) in zip(rows, ngrams.samples(TEXTS), strict=True):
        np.add.at(row, numbers.astype(int), weights)
    np.testing.assert_allclose(rows, ngrams.rows(TEXTS).toarray(), rtol=1e-6)
    assert ngrams.samples([]).shape == (0, 2, ngrams.window)
    assert NGrams.from_dict(ngrams.to_dict()) == ngrams


def test_the_shape_of_a_text_by_hand():
    shape = dict(zip(SHAPES, shape_rows(["AB 123!"]).toarray()[0], strict=True))
    assert shape["length"] == pytest.approx(np.log(8) / 6)
    assert shape["number of digits"] == shape["longest number"] == pytest.approx(np.log(4) / 3)
    assert shape["share of digits"] == pytest.approx(9 / 7)
    assert shape["share of capitals"] == pytest.approx(2 / 7)
    assert shape["share of marks"] == pytest.approx(2 / 7)
    assert shape["longest word"] == pytest.approx(4 / 30)
    assert shape["being a text"] == 1
    assert not shape_rows([""]).toarray()[0, :-1].any()

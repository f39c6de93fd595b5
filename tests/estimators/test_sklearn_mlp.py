"""Scikit-learn's own tests of its perceptrons, from the installed package, with netlet's in their place."""

from __future__ import annotations

from pathlib import Path

import pytest
import sklearn.neural_network.tests as home

SOURCE = Path(home.__file__).parent / "test_mlp.py"
IMPORT = "from sklearn.neural_network import MLPClassifier, MLPRegressor"

# Tests that cannot pass, each with the reason.
EXCEPTED = {
    "test_gradient": "calls a private method that computes scikit-learn's gradient; test_lbfgs.py checks ours",
}

_text = SOURCE.read_text(encoding="utf-8")
assert _text.count(IMPORT) == 1
exec(
    compile(_text.replace(IMPORT, "from netlet.estimators import MLPClassifier, MLPRegressor"), str(SOURCE), "exec"),
    globals(),
)
for _name, _reason in EXCEPTED.items():
    globals()[_name] = pytest.mark.skip(reason=_reason)(globals()[_name])
pytestmark = [
    # Their suite does not turn warnings into errors.
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture
def global_random_seed() -> int:
    """Stands in for the seed that scikit-learn's own configuration draws."""
    return 42


def test_every_exception_names_a_test() -> None:
    assert all(name in _text for name in EXCEPTED)

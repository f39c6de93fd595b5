"""The registry, and that every row of it is covered here."""

from __future__ import annotations

import inspect

import oracles
import pytest
from calls import plain
from numba import types

from netlet.kernels import layers as _layers  # noqa: F401
from netlet.kernels import losses as _losses  # noqa: F401
from netlet.kernels import optimizers as _optimizers  # noqa: F401
from netlet.kernels.compiling import kernels
from netlet.kernels.registry import LayerRow, layers, losses, register, updates
from netlet.training import loop as _loop  # noqa: F401

pytestmark = pytest.mark.plain


@pytest.mark.parametrize(
    ("rows", "table"),
    [(layers, oracles.LAYERS), (losses, oracles.LOSSES), (updates, oracles.UPDATES)],
    ids=["layers", "losses", "updates"],
)
def test_every_row_has_an_oracle(rows, table):
    assert set(rows) == set(table), "write the new row's formula in oracles.py"
    for name, row in rows.items():
        assert row.name == name


def test_a_name_stands_once():
    with pytest.raises(ValueError, match=r"^name='dense' is registered already; choose another name$"):
        register(LayerRow("dense", None, None))


def test_every_kernel_takes_what_its_family_says():
    for name, (function, signature) in kernels.items():
        for real in (types.float32, types.float64):
            assert len(signature(real).args) == len(inspect.signature(plain(function)).parameters), name

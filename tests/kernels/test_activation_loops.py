"""The loops of activations become vector code: an element function that is not inlined would prevent it."""

from __future__ import annotations

import re

import numba
import numpy as np
import pytest
from oracles.activations import ACTIVATIONS

from netlet.kernels import layers as _layers  # noqa: F401
from netlet.kernels.compiling import BACKWARD_INPUT, FORWARD, PLAIN
from netlet.kernels.registry import layers


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])  # its sums keep their order
def test_loops_become_vector_code(name, dtype):
    element = "float" if dtype == "float32" else "double"
    real = numba.from_dtype(np.dtype(dtype))
    for kernel, family in ((layers[name].forward, FORWARD), (layers[name].backward_input, BACKWARD_INPUT)):
        # Code that comes from the cache cannot be looked at, so it is compiled here once more.
        fresh = type(kernel)(kernel.py_func, targetoptions=kernel.targetoptions)
        signature = family.signature(real)
        fresh.compile(signature)
        code = fresh.inspect_llvm(signature.args)
        assert re.search(rf"<\d+ x {element}>", code)
        if dtype == "float32":
            assert not re.search(r"<\d+ x double>", code), "a float32 loop computes in float64"

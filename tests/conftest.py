"""What holds for every test: the mark `compiled`, and reproducible property tests."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# A run in the background of a shell is started with Ctrl-C ignored; tests send it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The examples are drawn the same way in every run, so that a failure can be seen again; times are no subject of the
# tests.
settings.register_profile("netlet", deadline=None, derandomize=True, database=None)
settings.load_profile("netlet")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("NUMBA_DISABLE_JIT", "0") == "0":
        return
    skip = pytest.mark.skip(reason="says something of compiled code; NUMBA_DISABLE_JIT is set")
    for item in items:
        if "compiled" in item.keywords:
            item.add_marker(skip)

"""The cache of machine code: its key, and what happens where it cannot be written or was damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import netlet
from netlet.kernels import compiling
from netlet.kernels.random import fill_uniform, new_generator

SOURCE = Path(netlet.__file__).parent
# Two small kernels: quick to compile, and one calls a helper of another file.
PROGRAM = """
import sys, warnings
import numpy as np
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from netlet.kernels import compiling, random
    counts = []
    with compiling.when_compiling(lambda: counts.append(1)):
        values = np.zeros(4)
        compiling.prepare(random.fill_uniform, "float64")(values, random.new_generator(1, 0), 0.0, 1.0)
for warning in caught:
    print(f"{warning.category.__name__}: {warning.message}", file=sys.stderr)
print(compiling.CACHE_FOLDER, bool(counts), *values, sep="|")
"""


def run(cache, source=SOURCE.parent, **environment):
    """Compile in a new process; return the cache's folder, whether it compiled, the numbers and the warnings."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(source)} | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    folder, compiled, *numbers = finished.stdout.strip().split("|")
    return folder, compiled == "True", [float(number) for number in numbers], finished.stderr.splitlines()


def expected_numbers():
    values = np.zeros(4)
    compiling.prepare(fill_uniform, "float64")(values, new_generator(1, 0), 0.0, 1.0)
    return values.tolist()


@pytest.mark.compiled
def test_the_second_process_loads_what_the_first_compiled(tmp_path):
    first, second = run(tmp_path), run(tmp_path)
    assert first[1]
    assert not second[1]
    assert first[0] == second[0]
    assert Path(first[0]).is_relative_to(tmp_path)
    assert first[2] == second[2] == expected_numbers()
    assert not first[3]
    assert not second[3]


@pytest.mark.compiled
@pytest.mark.slow
def test_the_key_follows_every_text_and_flag(tmp_path):
    """Numba alone would run stale machine code after the edit of a helper in another file."""
    copy = tmp_path / "source" / "netlet"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = run(tmp_path / "cache", copy.parent)
    random_text = copy / "kernels" / "random.py"
    random_text.write_text(random_text.read_text().replace("5.9604644775390625e-08", "2 * 5.9604644775390625e-08"))
    edited = run(tmp_path / "cache", copy.parent)
    assert edited[0] != before[0]
    assert edited[2] == [2 * number for number in before[2]]
    checked = run(tmp_path / "cache", copy.parent, NUMBA_BOUNDSCHECK="1")
    assert checked[0] != edited[0]


@pytest.mark.compiled
def test_a_text_outside_the_kernels_is_no_part_of_the_key(monkeypatch):
    key = compiling._text_hash()
    assert key == compiling._text_hash()
    monkeypatch.setenv("NUMBA_OPT", "1")
    assert compiling._text_hash() != key


@pytest.mark.compiled
@pytest.mark.slow
def test_damaged_cache_files_are_passed_over(tmp_path):
    folder = Path(run(tmp_path)[0])
    files = [path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc")]
    assert files
    for kind, damage in {"empty": lambda content: b"", "half": lambda content: content[: len(content) // 2]}.items():
        for suffix in (".nbi", ".nbc"):
            kept = {path: path.read_bytes() for path in files}
            for path in files:
                if path.suffix == suffix:
                    path.write_bytes(damage(kept[path]))
            _, _, numbers, warnings = run(tmp_path)
            assert numbers == expected_numbers(), (kind, suffix)
            assert len(warnings) <= 1, warnings
            assert all("Removing the folder" in warning for warning in warnings)
            for path, content in kept.items():
                path.write_bytes(content)


@pytest.mark.compiled
def test_a_cache_that_cannot_be_written_is_one_warning(tmp_path):
    """A file stands where the folder would be made: not even root can."""
    (tmp_path / "taken").write_text("a file")
    folder, compiled, numbers, warnings = run(tmp_path / "taken")
    assert folder == "None"
    assert compiled
    assert numbers == expected_numbers()
    assert len(warnings) == 1
    assert warnings[0].startswith("RuntimeWarning: netlet cannot keep compiled kernels (")
    assert warnings[0].endswith("Set NUMBA_CACHE_DIR to a folder that can be written.")


@pytest.mark.plain
def test_the_folder_is_the_users_unless_one_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiling.cache_base() == tmp_path / "netlet"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", platform)
        base = compiling.cache_base()
        assert base.is_relative_to(tmp_path)
        assert base.parts[-2:] == ("netlet", "kernels")


@pytest.mark.plain
def test_the_keyed_folder_is_made_and_a_refusal_warned_of(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = compiling._find_cache()
    assert folder is not None
    assert folder.is_dir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.warns(RuntimeWarning, match="is not writable"):
        assert compiling._find_cache() is None


@pytest.mark.plain
def test_the_plain_text_needs_no_compiler():
    if not compiling.PLAIN:
        pytest.skip("said of NUMBA_DISABLE_JIT=1")
    assert compiling.CACHE_FOLDER is None
    assert compiling.compile_all() == 0
    told = []
    with compiling.when_compiling(lambda: told.append(1)):
        compiling.prepare(fill_uniform, "float32")
    assert not told


@pytest.mark.compiled
def test_importing_netlet_imports_nothing_heavy():
    program = (
        "import sys, netlet\n"
        "heavy = {'numba', 'sklearn', 'numpy', 'scipy', 'polars', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from netlet import Network, Dense\n"
        "assert not {'sklearn', 'polars', 'matplotlib', 'rich', 'typer'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.compiled
def test_a_new_key_removes_only_folders_of_long_ago(tmp_path):
    kept, old, recent, foreign = (tmp_path / name for name in ("a" * 16, "b" * 16, "c" * 16, "somebody's"))
    for folder in (kept, old, recent, foreign):
        folder.mkdir()
    long_ago = time.time() - 40 * 24 * 3600
    for folder in (kept, old, foreign):
        os.utime(folder, (long_ago, long_ago))
    compiling._remove_old(kept)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == sorted([kept.name, recent.name, foreign.name])

"""Compile kernels: the one module that owns the decorators, their flags and the cache of machine code.

Three decorators, by use:

- ``inline``: a helper that other compiled functions call; it is compiled into its callers.
- ``kernel(family)``: a function that the training loop calls by address. All kernels of a family (``FORWARD``,
  ``LOSS`` ...) have one signature, so that the loop is compiled once for every architecture. Nothing is compiled before
  `address` asks.
- ``native(signature)``: a function that Python calls, with the GIL released; compiled at its first call.

With ``NUMBA_DISABLE_JIT=1`` every decorator hands the plain function back, an "address" is a place in a list, and the
same text runs under a debugger.

Machine code is kept in a folder keyed by a hash of every kernel's text, the flags and Numba's version, because Numba's
own cache does not notice edits of helpers in other files. ``NUMBA_CACHE_DIR`` is honoured as its base.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numba
import scipy
from numba import types
from numba.core import event
from numba.extending import register_jitable

PLAIN = bool(numba.config.DISABLE_JIT)

# error_model: the default checks every division for zero. No boundscheck here: NUMBA_BOUNDSCHECK=1 sets it for a run.
# _nrt: kernels allocate nothing, and without Numba's reference counts they compile and run faster.
_COMMON: dict[str, Any] = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True, "_nrt": False}
# Numba lets only functions that know reference counts return an array, even one without an owner.
RETURNS_VIEW: dict[str, Any] = {
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": True,
}
# Sums may be reordered and multiply-adds fused; NaN and infinity keep their meaning, so checks for them stay in force.
REORDERED = frozenset({"reassoc", "contract"})
# Multiply-adds fused, sums in their order: for element functions, whose steps are worked out digit by digit.
FUSED = frozenset({"contract"})
# Losses, softmax and the checks for values that are not finite: every operation as written.
EXACT: frozenset[str] = frozenset()

_KEY_LENGTH = 16
_SECONDS_KEPT = 30 * 24 * 3600

_ENVIRONMENT_FLAGS = (
    "NUMBA_BOUNDSCHECK",
    "NUMBA_OPT",
    "NUMBA_CPU_NAME",
    "NUMBA_CPU_FEATURES",
    "NUMBA_DEBUGINFO",
    "OPENBLAS_CORETYPE",
)


class Family:
    """The signature shared by the kernels that one place of the loop calls.

    Parameters
    ----------
    name : str
        What the kernels do, for messages.
    signature : callable
        From a Numba float type to the signature.
    """

    def __init__(self, name: str, signature: Callable[[Any], Any]) -> None:
        self.name = name
        self.signature = signature


def _shapes(real: Any) -> tuple[Any, Any, Any]:
    return types.Array(real, 2, "C"), types.Array(real, 1, "C"), types.Array(types.int64, 1, "C")


def _forward(real: Any) -> Any:
    matrix, vector, integers = _shapes(real)
    step = types.UniTuple(types.int64, 5)
    return types.void(matrix, matrix, vector, matrix, matrix, vector, integers, vector, step)


def _backward_input(real: Any) -> Any:
    matrix, vector, integers = _shapes(real)
    return types.void(matrix, matrix, matrix, vector, vector, matrix, matrix, integers, vector, matrix, matrix)


def _backward_parameters(real: Any) -> Any:
    matrix, vector, integers = _shapes(real)
    return types.void(matrix, matrix, vector, matrix, matrix, integers, vector, types.int64, types.int64, vector)


def _derive(real: Any) -> Any:
    _, vector, integers = _shapes(real)
    return types.void(vector, integers, vector, types.int64, types.int64, vector)


def _loss(real: Any) -> Any:
    matrix, vector, _ = _shapes(real)
    return types.float64(matrix, matrix, vector, real, vector, matrix)


def _update(real: Any) -> Any:
    _, vector, _ = _shapes(real)
    return types.void(vector, vector, vector, vector, vector, vector, types.float64, types.int64)


def _adjust(real: Any) -> Any:
    _, vector, _ = _shapes(real)
    return types.void(vector, vector, types.float64)


FORWARD = Family("forward", _forward)
BACKWARD_INPUT = Family("backward_input", _backward_input)
BACKWARD_PARAMETERS = Family("backward_parameters", _backward_parameters)
DERIVE = Family("derive", _derive)
LOSS = Family("loss", _loss)
UPDATE = Family("update", _update)
ADJUST = Family("adjust", _adjust)

_REALS = {"float32": types.float32, "float64": types.float64}

Compiled = tuple[Any, Callable[[Any], Any]]
kernels: dict[str, Compiled] = {}
"""Every kernel and native function: its name, with the dispatcher and the rule for its signature."""

_plain_functions: list[Any] = [None]
_plain_places: dict[Any, int] = {}
_plain_guard = threading.Lock()
_addresses: dict[tuple[Any, str], int] = {}
_prepared: set[tuple[Any, str]] = set()


def _text_hash() -> str:
    """Hash every text that ends up in machine code, with what else decides it."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    others = (package / place for place in ("graph/program.py", "training/loop.py", "training/passes.py"))
    texts = [*(package / "kernels").rglob("*.py"), *others]
    for path in sorted(texts):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    for name in _ENVIRONMENT_FLAGS:
        digest.update(f"{name}={os.environ.get(name, '')};".encode())
    digest.update(f"{numba.__version__} {scipy.__version__} {sys.version}".encode())
    return digest.hexdigest()[:_KEY_LENGTH]


def cache_base() -> Path:
    """Return the folder under which machine code is kept: ``NUMBA_CACHE_DIR``, or the user's cache folder."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen) / "netlet"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "netlet" / "kernels"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "netlet" / "kernels"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netlet" / "kernels"


def _remove_old(kept: Path) -> None:
    """Remove the keyed folders beside `kept` that were made long ago: those of versions that are gone."""
    for folder in kept.parent.iterdir():
        with suppress(OSError):  # another process may be doing the same
            is_ours = len(folder.name) == _KEY_LENGTH and folder != kept
            if is_ours and time.time() - folder.stat().st_mtime > _SECONDS_KEPT:
                shutil.rmtree(folder)


def _find_cache() -> Path | None:
    """Make the keyed folder; None, with one warning, where nothing can be written."""
    try:
        folder = cache_base() / _text_hash()
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _remove_old(folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} is not writable")
    except (OSError, RuntimeError) as error:
        warnings.warn(
            f"netlet cannot keep compiled kernels ({error}): every process will compile them again, which takes "
            "seconds. Set NUMBA_CACHE_DIR to a folder that can be written.",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    return folder


CACHE_FOLDER: Path | None = None if PLAIN else _find_cache()


@contextmanager
def _keyed_cache() -> Iterator[None]:
    """Point Numba at the keyed folder while a function is decorated (it looks only then)."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(CACHE_FOLDER)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _cached(function: Any, flags: frozenset[str]) -> Any:
    dispatcher = numba.njit(function, fastmath=set(flags), **_COMMON)
    if CACHE_FOLDER is not None:
        with _keyed_cache():
            dispatcher.enable_caching()
    return dispatcher


def inline(
    function: Any = None, *, flags: frozenset[str] = EXACT, returns_view: bool = False, always: bool = False
) -> Any:
    """Make a helper that compiled functions may call; Python that calls it runs the plain text.

    It gets no wrapper of its own for calls from Python or C: a third of its compile time. A long one that is called
    within an element loop must be inlined `always`, whatever LLVM thinks of its length, or the loop is not vectorised.
    """
    if function is None:
        return lambda function: inline(function, flags=flags, returns_view=returns_view, always=always)
    if PLAIN:
        return function
    options = RETURNS_VIEW if returns_view else RETURNS_VIEW | {"_nrt": False}
    return register_jitable(**options, fastmath=set(flags), forceinline=always)(function)


def kernel(family: Family, *, flags: frozenset[str] = REORDERED) -> Callable[[Any], Any]:
    """Register a kernel of a family; it is compiled when the loop first needs its address."""

    def decorate(function: Any) -> Any:
        compiled = function if PLAIN else _cached(function, flags)
        kernels[f"{function.__module__}.{function.__name__}"] = (compiled, family.signature)
        return compiled

    return decorate


def native(signature: Callable[[Any], Any], *, flags: frozenset[str] = EXACT) -> Callable[[Any], Any]:
    """Register a function that Python calls; `signature` goes from a Numba float type to its signature."""
    return kernel(Family("native", signature), flags=flags)


def _compile(dispatcher: Any, signature: Any) -> Any:
    """Compile one signature or load it from the cache; a damaged cache entry is passed over."""
    found = dispatcher.overloads.get(signature.args)
    if found is not None:
        return found
    try:
        dispatcher.compile(signature)
    except numba.core.errors.NumbaError:
        raise
    except Exception as error:
        # Half-written or foreign cache files surface as almost any exception (EOFError, UnpicklingError, OSError ...).
        warnings.warn(
            f"the compiled form of {dispatcher.__name__} could not be read or kept ({type(error).__name__}: {error}); "
            f"compiling it for this process alone. Removing the folder {CACHE_FOLDER} mends this.",
            RuntimeWarning,
            stacklevel=2,
        )
        dispatcher._cache = numba.core.caching.NullCache()
        dispatcher.compile(signature)
    return dispatcher.overloads[signature.args]


def prepare(function: Any, dtype: str) -> Any:
    """Compile a native function for a dtype now, so that its first call does not; return it."""
    key = (function, dtype)
    if not PLAIN and key not in _prepared:
        signature = next(rule for compiled, rule in kernels.values() if compiled is function)
        _compile(function, signature(_REALS[dtype]))
        _prepared.add(key)
    return function


def address(function: Any, family: Family, dtype: str) -> int:
    """Return where the machine code of a kernel lies, compiling or loading it if need be.

    Parameters
    ----------
    function : kernel or None
        None gives 0, the address of "no kernel".
    family : Family
        The family it was registered for.
    dtype : {"float32", "float64"}

    Returns
    -------
    int
        A machine address; with ``NUMBA_DISABLE_JIT=1`` a place in a list that `netlet.kernels.calling` reads.
    """
    if function is None:
        return 0
    if PLAIN:
        with _plain_guard:
            if function not in _plain_places:
                _plain_places[function] = len(_plain_functions)
                _plain_functions.append(function)
        return _plain_places[function]
    key = (function, dtype)
    if key not in _addresses:
        result = _compile(function, family.signature(_REALS[dtype]))
        _addresses[key] = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    return _addresses[key]


def plain_function(place: int) -> Any:
    """Return the plain function behind an "address" of the uncompiled mode."""
    return _plain_functions[place]


class _Listener(event.Listener):  # type: ignore[misc]
    """Tell a function each time that Numba really compiles, which a load from the cache is not."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell

    def on_start(self, _event: Any) -> None:
        self.tell()

    def on_end(self, _event: Any) -> None:
        pass


@contextmanager
def when_compiling(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` at the start of each compilation within the block."""
    if PLAIN:
        yield
        return
    with event.install_listener("numba:compile", _Listener(tell)):
        yield


def compile_all(dtypes: tuple[str, ...] = ("float32", "float64"), tell: Callable[[str], None] | None = None) -> int:
    """Compile every registered kernel, or load it from the cache.

    Parameters
    ----------
    dtypes : tuple of {"float32", "float64"}
    tell : callable, optional
        Called with each kernel's name before it is compiled.

    Returns
    -------
    int
        How many pairs of kernel and dtype are ready.
    """
    if PLAIN:
        return 0
    ready = 0
    for name, (function, signature) in kernels.items():
        for dtype in dtypes:
            if tell is not None:
                tell(f"{name} {dtype}")
            _compile(function, signature(_REALS[dtype]))
            ready += 1
    return ready

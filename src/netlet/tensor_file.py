"""A file of arrays with a JSON description: safetensors, checked by CRC-32, written whole or not at all.

Nothing in such a file is executed when it is read.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import ModelFileError

_KEY = "netlet"
_READERS = {  # what reads a file of a kind, for whoever tried to read it as another
    "model file": "use Network.load or netlet.load",
    "ensemble": "use Ensemble.load or netlet.load",
}
_SEAL = "crc32"  # of the description and of the tensors' names and shapes; files of the first versions have none


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at every moment either the old content or the new one is there, whole.

    Raises
    ------
    OSError
        If it cannot be written; an old file is then as it was.
    """
    folder = path.parent
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise type(error)(
            error.errno, f"{error.strerror}; the folder must exist and be writable", str(folder)
        ) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(name, 0o666 & ~mask)  # mkstemp's files are for their owner alone
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    if os.name == "posix":
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk: until then the old content may be back after a loss of power."""
    with suppress(OSError):  # some file systems know no such thing; the file itself is whole in any case
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def checksum_of(arrays: Mapping[str, np.ndarray]) -> int:
    """Return the CRC-32 over all arrays, in the order of their names."""
    total = 0
    for name in sorted(arrays):
        total = zlib.crc32(np.ascontiguousarray(arrays[name]).data.cast("B") if arrays[name].size else b"", total)
    return total


def _seal_of(text: str, arrays: Mapping[str, np.ndarray]) -> str:
    parts = [text, *(f"{name} {arrays[name].dtype} {arrays[name].shape}" for name in sorted(arrays))]
    return f"{zlib.crc32('|'.join(parts).encode()):08x}"


def write_tensors(path: str | os.PathLike[str], description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a file of arrays.

    Parameters
    ----------
    path : str or path
    description : dict
        Plain values.
    arrays : mapping of str to array

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError, ValueError
        If the description is not JSON.
    """
    from safetensors.numpy import save

    values = description | {"checksum": checksum_of(arrays)}
    text = json.dumps(values, allow_nan=False, ensure_ascii=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_atomically(Path(path), _ordered(save(contiguous, metadata={_KEY: text, _SEAL: _seal_of(text, arrays)})))


def _ordered(content: bytes) -> bytes:
    """Put the keys of the metadata in order, so that the same model is the same file: safetensors shuffles them."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]


def read_tensors(
    path: str | os.PathLike[str], noun: str, origin: str, remedy: str, newest: int
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a file of arrays.

    Parameters
    ----------
    path : str or path
    noun, origin, remedy : str
        For messages: what the file should be, who writes such files, and what to do about one that is damaged. The
        description's "kind" must be the noun; without it the file is a model file.
    newest : int
        The newest format that can be read; the description's "format" says which the file has.

    Returns
    -------
    description : dict
    arrays : dict of str to array

    Raises
    ------
    OSError
        If it cannot be read.
    ModelFileError
        If it is no such file, is cut short, was altered, or comes from a newer version.
    """
    from safetensors import SafetensorError, safe_open

    with open(path, "rb") as stream:  # for the operating system's own words if it is missing or may not be read
        start = stream.read(9)
    if len(start) < 9:
        raise ModelFileError(f"{path} is {'empty' if not start else 'cut short'}; it is no {noun} of netlet")
    if start[8:9] != b"{":
        raise ModelFileError(f"{path} is no {noun} of netlet; {origin}")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if _KEY not in metadata:
                raise ModelFileError(
                    f"{path} is a safetensors file of another program; it holds no description of a network"
                )
            description = json.loads(metadata[_KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no dict)
            if metadata.get(_SEAL, own := _seal_of(metadata[_KEY], arrays)) != own:
                raise ModelFileError(f"{path} was altered: its description does not match its checksum; {remedy}")
    except (SafetensorError, ValueError, KeyError, UnicodeDecodeError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{path} is cut short or was altered ({error}); {remedy}") from None
    if not isinstance(description, dict) or not isinstance(description.get("format"), int):
        raise ModelFileError(f"{path} was altered: its description is not readable; {remedy}")
    kind = description.get("kind", "model file")
    if kind != noun:
        article = "an" if str(kind)[:1] in "aeiou" else "a"
        advice = _READERS.get(str(kind), origin) if noun in _READERS else origin
        raise ModelFileError(f"{path} is {article} {kind} of netlet, no {noun}; {advice}")
    if description["format"] > newest:
        raise ModelFileError(
            f"{path} has format {description['format']}, this version of netlet reads up to {newest}; "
            "install a newer netlet"
        )
    if checksum_of(arrays) != description.get("checksum"):
        raise ModelFileError(f"{path} was altered: its weights do not match their checksum; {remedy}")
    return description, arrays


def kind_of(path: str | os.PathLike[str]) -> str | None:
    """Return what a file says it is, "model file" where it does not say; None where that cannot be read.

    It is not checked: reading the file does that, and says what is wrong with it.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return str(json.loads(file.metadata()[_KEY]).get("kind", "model file"))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        return None

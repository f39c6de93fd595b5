"""The model file: one safetensors file; its metadata is the JSON description of the network. Nothing in it is executed.

| part | content |
|---|---|
| metadata "netlet" | JSON: format number, version, dtype, seed, layers, loss, notes, and the CRC-32 of what follows |
| tensor "theta" | the flat parameter vector |
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import ModelFileError

FORMAT = 1
_KEY = "netlet"


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


def write_model(path: str | os.PathLike[str], description: dict[str, Any], theta: np.ndarray) -> None:
    """Write a model file.

    Parameters
    ----------
    path : str or path
    description : dict
        Plain values.
    theta : float32 or float64, (n_theta,)

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError, ValueError
        If the description is not JSON.
    """
    from safetensors.numpy import save

    values = description | {"format": FORMAT, "checksum": zlib.crc32(theta.tobytes())}
    text = json.dumps(values, allow_nan=False, ensure_ascii=False)
    write_atomically(Path(path), save({"theta": np.ascontiguousarray(theta)}, metadata={_KEY: text}))


def read_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], np.ndarray]:
    """Read a model file.

    Returns
    -------
    description : dict
    theta : float32 or float64, (n_theta,)

    Raises
    ------
    OSError
        If it cannot be read.
    ModelFileError
        If it is no model file of netlet, is cut short, was altered, or comes from a newer version.
    """
    from safetensors import SafetensorError, safe_open

    with open(path, "rb") as stream:  # for the operating system's own words if it is missing or may not be read
        start = stream.read(9)
    if len(start) < 9:
        raise ModelFileError(f"{path} is {'empty' if not start else 'cut short'}; it is no model file of netlet")
    if start[8:9] != b"{":
        raise ModelFileError(f"{path} is no model file of netlet; models are written by Network.save or `netlet train`")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if _KEY not in metadata:
                raise ModelFileError(
                    f"{path} is a safetensors file of another program; it holds no description of a network"
                )
            description = json.loads(metadata[_KEY])
            theta = file.get_tensor("theta")
    except (SafetensorError, ValueError, KeyError, UnicodeDecodeError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{path} is cut short or was altered ({error}); train or copy the model again") from None
    if not isinstance(description, dict) or not isinstance(description.get("format"), int):
        raise ModelFileError(f"{path} was altered: its description is not readable; train or copy the model again")
    if description["format"] > FORMAT:
        raise ModelFileError(
            f"{path} has format {description['format']}, this version of netlet reads up to {FORMAT}; "
            "install a newer netlet"
        )
    if zlib.crc32(theta.tobytes()) != description.get("checksum"):
        raise ModelFileError(
            f"{path} was altered: its weights do not match their checksum; train or copy the model again"
        )
    return description, theta

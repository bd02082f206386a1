"""Files that are either wholly written or not at all."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PUBLIC = 0o644
PRIVATE = 0o600


def write_text(path: Path, text: str, mode: int = PUBLIC, *, durable: bool = True) -> None:
    """Write a text file; readers never see half of it."""
    write_bytes(path, writable(text).encode(), mode, durable=durable)


def write_bytes(path: Path, content: bytes, mode: int = PUBLIC, *, durable: bool = True) -> None:
    """Write a file by way of a temporary one beside it; readers never see half of it.

    Args:
        path: The file.
        content: What it shall hold.
        mode: Its permissions.
        durable: Wait until it is on the disk, so that it outlives a loss of power.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, data: Any, mode: int = PUBLIC, *, durable: bool = True) -> None:
    """Write JSON that every parser reads: NaN and infinities become null."""
    write_text(path, dumps(data, indent=2) + "\n", mode, durable=durable)


def dumps(data: Any, indent: int | None = None) -> str:
    """JSON text with NaN and infinities as null, and names of files that are no text escaped."""
    text = json.dumps(finite(data), indent=indent, ensure_ascii=False, allow_nan=False)
    return writable(text)


def writable(text: str) -> str:
    r"""The text with what UTF-8 cannot write as `\udcff`, which is an escape of JSON, too.

    Python reads such lone surrogates from names of files and arguments that are no UTF-8.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def finite(data: Any) -> Any:
    """The same nested lists and dictionaries with every NaN and infinity as None."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {str(key): finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    return data

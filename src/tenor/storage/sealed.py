"""JSON files that notice any change: the last key is the checksum of all bytes but its own digits.

``"seal"`` comes first and says so; files of before it have neither and are taken as they are. One
damaged byte cannot take both away.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenor.errors import ArtifactError
from tenor.legible import json_for_files
from tenor.storage.atomic import write_bytes

_KIND, _SEAL = "seal", "sha256"
_BLANK = "0" * 64
_TAIL = b'"\n}\n'  # what follows the digits
_END = re.compile(rb'"sha256": "([0-9a-f]{64})"\n}\n\Z')


def write_sealed(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object with its seal, whole or not at all."""
    sealed = {_KIND: _SEAL, **value, _SEAL: _BLANK}
    data = (json_for_files(sealed, indent=2) + "\n").encode()
    write_bytes(path, _sealed_with(data, _digest(data)))


def read_sealed(path: Path) -> Any:
    """What was written, without the seal.

    Raises:
        ArtifactError: when the file cannot be read, is no JSON or is not what was written.
    """
    try:
        data = path.read_bytes()
        value = json.loads(data)
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error
    end = _END.search(data)
    if end is None and not (isinstance(value, dict) and _KIND in value):
        return value
    if end is None or _digest(data) != end[1].decode():
        raise ArtifactError(f"{path} is damaged or was changed by hand: it is not what was written")
    return {name: part for name, part in value.items() if name not in (_KIND, _SEAL)}


def _sealed_with(data: bytes, digits: str) -> bytes:
    """The file with these digits in its last key."""
    before, after = data[: -len(_TAIL)], _TAIL
    return before[: -len(digits)] + digits.encode() + after


def _digest(data: bytes) -> str:
    return hashlib.sha256(_sealed_with(data, _BLANK)).hexdigest()

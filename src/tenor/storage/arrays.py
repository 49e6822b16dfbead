"""Arrays on disk, without torch: safetensors files, read at once or an array at a time."""

from __future__ import annotations

import hashlib
import math
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tenor.errors import ArtifactError
from tenor.storage.atomic import write_bytes

Arrays = dict[str, NDArray[Any]]


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named arrays, and strings about them, to ``path``, whole or not at all."""
    laid_out = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    # what has no dimensions comes back from NumPy with one
    shaped = {name: value.reshape(arrays[name].shape) for name, value in laid_out.items()}
    write_bytes(path, save(shaped, metadata=dict(metadata or {})))


def read_arrays(path: Path) -> Arrays:
    """The named arrays of ``path``."""
    file = opened(path, "np")
    return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping


def read_metadata(path: Path) -> dict[str, str]:
    """The strings kept with the arrays of ``path``, which are left where they are."""
    return dict(opened(path, "np").metadata() or {})


def opened(path: Path, framework: str) -> Any:
    """The file as safetensors opens it; ArtifactError when it is missing or damaged."""
    try:
        return safe_open(path, framework=framework)
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing; the folder is damaged") from None
    except (SafetensorError, OSError) as error:
        raise ArtifactError(f"{path} is no readable safetensors file: {error}") from error


@final
class ArrayFile:
    """A file of arrays that is held open: each is read when it is asked for.

    Before the first, all bytes are held against the file's checksum. What was opened stays there
    when the file is replaced or deleted meanwhile.

    Raises:
        ArtifactError: when the file is missing, cannot be read or is not what was written.
    """

    def __init__(self, path: Path, checksum: str) -> None:
        self.path, self._checksum = path, checksum
        self._tensors = opened(path, "np")
        with path.open("rb") as file:
            self._unchecked: mmap.mmap | None = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @property
    def names(self) -> list[str]:
        """The arrays' names."""
        self.verify()
        return list(self._tensors.keys())

    @property
    def sizes(self) -> dict[str, int]:
        """How many numbers each array has, as the unchecked file says."""
        names = self._tensors.keys()
        return {name: math.prod(self._tensors.get_slice(name).get_shape()) for name in names}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One array; ArtifactError where there is none of this name."""
        self.verify()
        try:
            found: NDArray[Any] = self._tensors.get_tensor(name)
        except SafetensorError as error:
            raise ArtifactError(f"{self.path} has no array {name!r}") from error
        return found

    def arrays(self) -> Arrays:
        """All of them."""
        return {name: self[name] for name in self.names}

    def verify(self) -> None:
        """Look through the file, once."""
        unchecked = self._unchecked  # another thread may be done with it meanwhile
        if unchecked is None:
            return
        if hashlib.sha256(unchecked).hexdigest() != self._checksum:
            raise ArtifactError(f"{self.path} is not what was written; the folder is damaged")
        self._unchecked = None

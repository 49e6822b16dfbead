"""Tensors on disk: safetensors files for those who have torch; others read arrays.py."""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save

from tenor.errors import ArtifactError
from tenor.storage.arrays import opened
from tenor.storage.atomic import new_file, write_bytes

SEAL = "sha256"
_BLANK = "0" * 64
_SEALED = re.compile(rb'"sha256":"([0-9a-f]{64})"')


def write_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named tensors, and strings about them, to ``path``, whole or not at all."""
    on_cpu = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    write_bytes(path, save(on_cpu, metadata=dict(metadata or {})))


def write_sealed_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]
) -> None:
    """The same, with a seal among the strings: the checksum of all bytes but its own digits."""
    on_cpu = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    data = save(on_cpu, metadata={**metadata, SEAL: _BLANK})
    head = data[: _head_bytes(data)]
    at = head.index(f'"{SEAL}":"{_BLANK}"'.encode()) + len(SEAL) + 4
    digits = hashlib.sha256(data).hexdigest().encode()
    with new_file(path) as file:
        file.write(head[:at] + digits + head[at + len(digits) :])
        file.write(memoryview(data)[len(head) :])


def check_seal(path: Path) -> None:
    """Raise ArtifactError unless a file is what :func:`write_sealed_tensors` wrote."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        size = min(_head_bytes(data), len(data))
        head = data[:size]
        found = _SEALED.search(head)
        digest = hashlib.sha256()
        if found is not None:
            digest.update(head[: found.start(1)] + _BLANK.encode() + head[found.end(1) :])
            with memoryview(data) as view, view[size:] as rest:
                digest.update(rest)
        if found is None or found[1].decode() != digest.hexdigest():
            raise ArtifactError(f"{path} is damaged: it is not what was written")


def _head_bytes(data: bytes | mmap.mmap) -> int:
    return 8 + int.from_bytes(data[:8], "little")


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The named tensors of ``path``, on the CPU, and the strings kept with them."""
    with opened(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
        return tensors, file.metadata() or {}

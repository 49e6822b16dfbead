"""Tensors on disk: safetensors files for those who have torch; others read arrays.py."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save

from tenor.storage.arrays import opened
from tenor.storage.atomic import write_bytes


def write_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named tensors, and strings about them, to ``path``, whole or not at all."""
    on_cpu = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    write_bytes(path, save(on_cpu, metadata=dict(metadata or {})))


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The named tensors of ``path``, on the CPU, and the strings kept with them."""
    with opened(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
        return tensors, file.metadata() or {}

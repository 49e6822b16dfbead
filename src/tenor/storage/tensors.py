"""Weights on disk: the one place that reads and writes safetensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from tenor.errors import ArtifactError
from tenor.storage.atomic import write_bytes


def write_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named tensors, and strings about them, to ``path``, whole or not at all."""
    on_cpu = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    write_bytes(path, save(on_cpu, metadata=dict(metadata or {})))


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The named tensors of ``path``, on the CPU, and the strings kept with them."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
            return tensors, file.metadata() or {}
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing; the folder is damaged") from None
    except (SafetensorError, OSError) as error:
        raise ArtifactError(f"{path} is no readable safetensors file: {error}") from error

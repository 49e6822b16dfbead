"""Checkpoints: one file, written whole, from which a fit goes on exactly where it was."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import Tensor

from tenor.errors import ArtifactError
from tenor.storage import disk
from tenor.storage.atomic import unwritable
from tenor.storage.tensors import SEAL, check_seal, read_tensors, write_sealed_tensors
from tenor.training.state import Position, TrainingState

FILE = "state.safetensors"
VERSION, UNSEALED = "2", "1"  # written, and also read: without a seal


@dataclass(frozen=True)
class Checkpoint:
    """Where a fit keeps its state."""

    folder: Path  # holds one file, replaced at every checkpoint
    every: int = 1  # epochs

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def due(self, epochs_done: int) -> bool:
        """Whether a checkpoint follows epoch number ``epochs_done``."""
        return epochs_done % self.every == 0

    def save(self, state: TrainingState) -> None:
        """Write ``state``; a kill at any moment leaves the checkpoint before it or this one."""
        try:
            disk.make_folder(self.folder)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        groups = {
            "weights": state.network.state_dict(),
            "best": state.best or {},
            "optimizer": dict(state.optimizer.named_tensors(state.network)),
        }
        tensors = {f"{g}/{name}": v for g, part in groups.items() for name, v in part.items()}
        metadata = {"version": VERSION, "position": json.dumps(asdict(state.position))}
        write_sealed_tensors(self.path, tensors, metadata)

    def load(self, state: TrainingState) -> bool:
        """Bring ``state`` to where the checkpoint left it; False when there is none yet."""
        if not self.path.exists():
            return False
        tensors, metadata = read_tensors(self.path)
        if metadata.get("version") not in (VERSION, UNSEALED):
            raise ArtifactError(f"{self.path} is a checkpoint of another version of tenor")
        if metadata["version"] != UNSEALED or SEAL in metadata:
            check_seal(self.path)
        try:
            state.network.load_state_dict(_group(tensors, "weights"))
            state.best = _group(tensors, "best") or None
            state.optimizer.load(state.network, _group(tensors, "optimizer"))
            state.position = Position(**json.loads(metadata["position"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ArtifactError(f"{self.path} does not fit this model: {reason}") from error
        return True


def _group(tensors: dict[str, Tensor], group: str) -> dict[str, Tensor]:
    prefix = f"{group}/"
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

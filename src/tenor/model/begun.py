"""fit.json: what a fit in a folder needs to be taken up again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenor.errors import ArtifactError
from tenor.model.artifact import CONFIG, FIT
from tenor.storage.atomic import write_json

FORMAT, VERSION = "tenor-fit", 1
CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Begun:
    """What fit.json says.

    Attributes:
        kind: the model's name in files.
        settings: the estimator's parameters.
        source: where the documents are.
        fingerprint: of the corpus they made.
        checkpoint_every: epochs between checkpoints.
        threads: torch's thread count, part of what makes a run repeatable.
        continues: the finished model it trains further, if it does: its folder and the checksum
            of its weights.
    """

    kind: str
    settings: dict[str, Any]
    source: dict[str, Any]
    fingerprint: str
    checkpoint_every: int
    threads: int
    continues: dict[str, str] | None = None

    def write(self, path: Path) -> None:
        """Write fit.json."""
        write_json(path, {"format": FORMAT, "version": VERSION, **vars(self)})


def read_begun(folder: Path) -> Begun:
    """fit.json of an unfinished fit.

    Raises:
        ArtifactError: when there is none, the fit is finished, or the file is damaged.
    """
    path = folder / FIT
    if (folder / CONFIG).is_file():
        raise ArtifactError(f"the fit in {folder} is finished; open it with tenor.load")
    if not path.is_file():
        raise ArtifactError(f"{folder} holds no unfinished fit: it has no {FIT}")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if (values.pop("format"), values.pop("version")) != (FORMAT, VERSION):
            raise ArtifactError(f"{path} was written by another version of tenor")
        return Begun(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} is damaged: {error}") from error

"""Named settings for NVDM: what differs from the defaults, and why one would want it.

The defaults are chosen for the document vectors (retrieval and clustering by label) and for
document completion; "likelihood" for the held-out bound. Both were chosen on documents held out
of the training split; docs/decisions/0002-defaults.md tells how.
"""

from __future__ import annotations

from typing import Any

from tenor.errors import InputError

PRESETS: dict[str, dict[str, Any]] = {
    "vectors": {},
    "likelihood": {
        "generator_sizes": (256,),
        "weight_decay": 0.1,
        "thinning_end": 1.0,
        "epochs": 100,
        "patience": None,  # the bound falls late, when thinning ends and the steps grow small
    },
}


def preset(name: str) -> dict[str, Any]:
    """The parameters that a preset changes: ``tenor.NVDM(**tenor.preset("likelihood"))``.

    Raises:
        InputError: for a name there is not.
    """
    if name not in PRESETS:
        raise InputError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return dict(PRESETS[name])

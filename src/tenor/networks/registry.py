"""Which network a saved model's kind names."""

from __future__ import annotations

from typing import Any

from tenor.errors import ArtifactError
from tenor.networks.network import VariationalNetwork
from tenor.networks.nvdm import NVDMConfig, NVDMNetwork


def build_network(kind: str, config: dict[str, Any]) -> VariationalNetwork:
    """The network of ``kind`` in the shape of ``config``, weights as for seed 0.

    Raises:
        ArtifactError: for a kind this version of tenor does not know.
    """
    if kind == "nvdm":
        return NVDMNetwork(NVDMConfig(**config))
    raise ArtifactError(f"this tenor knows no model called {kind!r}; a newer one may")

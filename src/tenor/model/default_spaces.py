"""The spaces documents are compared in unless another is asked for; loads nothing.

Chosen on held-out training documents: docs/decisions/0002-defaults.md.
"""

from __future__ import annotations

SIMILARITY_SPACE = "latent"
CLUSTER_SPACE = "latent"

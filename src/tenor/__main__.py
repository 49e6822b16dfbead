"""``python -m tenor``: the same as ``tenor``."""

from __future__ import annotations

import sys

from tenor.cli import main

sys.exit(main())

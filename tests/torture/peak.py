"""Reads a source to its end, and prints what came of it and the most memory it took, in bytes.

    python peak.py SOURCE

Of one document less than that of the source is kept at a time. Above 1 GiB of it the process is
stopped by the system, which is a failure.
"""

from __future__ import annotations

import json
import resource
import sys

from tenor.errors import TenorError
from tenor.sources import files


def most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    before, rows, size, said = most(), 0, 0, None
    try:
        for batch in files.stream(sys.argv[1]).batches:
            rows, size = rows + len(batch), size + batch.text_bytes
    except TenorError as error:
        said = str(error)
    print(json.dumps({"took": most() - before, "rows": rows, "bytes": size, "said": said}))

"""``vocabulary.parquet``: row i is word i.

word                                  string
early_frequency, late_frequency,
placed_frequency                      int64; where it stands in the texts, if that is known:
                                      see :mod:`tenor.corpus.placement`
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tenor.corpus.placement import Placement
from tenor.errors import ArtifactError, InputError
from tenor.text.vocabulary import Vocabulary

NAME = "vocabulary.parquet"


def write_vocabulary(path: Path, vocabulary: Vocabulary, placement: Placement | None) -> None:
    """Write the words in their order, and where they stand."""
    columns = {"word": pa.array(vocabulary.words, pa.string())}
    if placement is not None:
        columns |= placement.columns()
    pq.write_table(pa.table(columns), path)


def read_vocabulary(path: Path) -> tuple[Vocabulary, Placement | None]:
    """Read what :func:`write_vocabulary` wrote.

    Raises:
        ArtifactError: when the file is missing, damaged or something else.
    """
    try:
        table = pq.read_table(path)
        return Vocabulary(table.column("word").to_pylist()), Placement.of_columns(table)
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError, InputError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtifactError(f"{path} is not a vocabulary: {said}") from error

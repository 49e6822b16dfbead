"""``vocabulary.parquet``: one string column ``word``; row i is word i."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tenor.errors import ArtifactError, VocabularyError
from tenor.text.vocabulary import Vocabulary

NAME = "vocabulary.parquet"


def write_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    """Write the words in their order."""
    pq.write_table(pa.table({"word": pa.array(vocabulary.words, pa.string())}), path)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read what :func:`write_vocabulary` wrote.

    Raises:
        ArtifactError: when the file is missing, damaged or something else.
    """
    try:
        words = pq.read_table(path, columns=["word"]).column("word").to_pylist()
        return Vocabulary(words)
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError, VocabularyError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtifactError(f"{path} is not a vocabulary: {said}") from error

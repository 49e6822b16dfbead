"""Where documents are and how to read them: what a command line says and a fit remembers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tenor.corpus import datasets
from tenor.corpus.corpus import Corpus
from tenor.corpus.files import is_corpus_folder
from tenor.corpus.preparing import Listener, Request, prepare
from tenor.errors import InputError
from tenor.sources import files
from tenor.sources.batches import TextBatch
from tenor.sources.catalogue import names
from tenor.sources.columns import Columns
from tenor.storage.atomic import refuse_occupied
from tenor.text.decoding import check_encoding_errors
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Source:
    """A source of documents with its reading options.

    Attributes:
        name: a data set's name, a path, or "-" for standard input.
        text_column, id_column, label_column: of a table.
        encoding_errors: "strict" or "replace".
        subset, remove: of a data set.
    """

    name: str
    text_column: str | None = None
    id_column: str | None = None
    label_column: str | None = None
    encoding_errors: str = "strict"
    subset: str | None = None
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if "\0" in self.name:
            raise InputError(f"a source's name cannot hold the byte 0: {self.name!r}")

    @property
    def is_dataset(self) -> bool:
        """Whether the name is a data set's; a file or folder of that name goes first."""
        return self.name in names() and not Path(self.name).exists()

    def read(
        self,
        tokenizer: Tokenizer | None = None,
        rule: VocabularyRule | None = None,
        vocabulary: Any = None,
        keep_text: bool = True,
        on_progress: Callable[[int], None] | None = None,
    ) -> Corpus:
        """The corpus; see :meth:`tenor.Corpus.read` and :func:`tenor.datasets.load`."""
        if not self.is_dataset:
            self._refuse_dataset_options()
            return Corpus.read(
                self.name,
                text_column=self.text_column,
                id_column=self.id_column,
                label_column=self.label_column,
                encoding_errors=self.encoding_errors,
                tokenizer=tokenizer,
                rule=rule,
                vocabulary=vocabulary,
                keep_text=keep_text,
                on_progress=on_progress,
            )
        if self.text_column or self.id_column or self.label_column:
            raise InputError(f"{self.name} is a data set; it has no columns to choose")
        # The benchmark set is counted in one way only, which its loader knows.
        own_way = self.name == "nvdm-20news"
        return datasets.load(
            self.name,
            self.subset,
            remove=self.remove,
            vocabulary=vocabulary,
            tokenizer=None if own_way else tokenizer,
            rule=None if own_way else rule,
            keep_text=keep_text,
            on_progress=on_progress,
        )

    def prepare(
        self,
        folder: Path,
        overwrite: bool,
        keep_text: bool,
        listener: Listener,
        tokenizer: Tokenizer | None = None,
        rule: VocabularyRule | None = None,
        vocabulary: Any = None,
    ) -> None:
        """Count the documents into a corpus folder; see :mod:`tenor.corpus.preparing`."""
        if self.is_dataset or is_corpus_folder(Path(self.name)):
            refuse_occupied(folder, overwrite)  # before the work is done
            corpus = self.read(tokenizer, rule, vocabulary, keep_text, listener.reading)
            corpus.save(folder, overwrite)
            return
        self._refuse_dataset_options()
        request = Request(
            self.name,
            Columns(self.text_column, self.id_column, self.label_column),
            check_encoding_errors(self.encoding_errors),
            tokenizer or Tokenizer(),
            rule or VocabularyRule(),
            None if vocabulary is None else Vocabulary.of(vocabulary),
            keep_text,
        )
        prepare(request, folder, overwrite, listener)

    def read_like(
        self,
        vocabulary: Vocabulary,
        tokenizer: Tokenizer | None,
        on_progress: Callable[[int], None] | None = None,
    ) -> Corpus:
        """The corpus counted as a trained model counts."""
        return self.read(tokenizer, None, vocabulary, on_progress=on_progress)

    def batches(self) -> Iterator[TextBatch]:
        """The documents of files or standard input as columns, uncounted.

        Raises:
            SourceError: when there is nothing to read there.
            InputError: for options that are for data sets, or columns where there are none.
        """
        from tenor.corpus.opening import raw_batches

        self._refuse_dataset_options()
        columns = Columns(self.text_column, self.id_column, self.label_column)
        return raw_batches(self.name, columns, check_encoding_errors(self.encoding_errors))

    def n_documents(self) -> int | None:
        """How many documents a file holds, where it says so itself: Parquet does."""
        path = Path(self.name)
        if path.suffix.lower() != ".parquet" or not path.is_file():
            return None
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return int(pq.read_metadata(path).num_rows)
        except (pa.ArrowException, OSError):
            return None  # reading it says what is wrong

    def stamp(self) -> str:
        """Changes when the files do, or how they are read: by their names, sizes and times.

        Raises:
            SourceError: when there is nothing, or a file that cannot be looked at.
        """
        digest = hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode())
        for path in files.listing(Path(self.name)):
            facts = files.status(path)
            digest.update(os.fsencode(path) + f"\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
        return digest.hexdigest()

    def refuse_as_target(self, target: Path) -> None:
        """Refuse to write where the documents are: replacing the target would lose them.

        Raises:
            InputError: when ``target`` is the source, a folder around it or a place inside it,
                where the next reading would take it for documents.
        """
        if self.is_dataset or self.name == STANDARD_INPUT:
            return
        source, place = Path(self.name).resolve(), target.resolve()
        if place == source or (place in source.parents and place.exists()):
            raise InputError(f"{target} holds the documents themselves; write somewhere else")
        if source in place.parents:
            raise InputError(f"{target} lies among the documents of {self.name}; write elsewhere")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; a path is absolute, so that it can be read from any folder."""
        stays = self.is_dataset or self.name == STANDARD_INPUT
        return asdict(self) | {"name": self.name if stays else str(Path(self.name).absolute())}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Source:
        """What :meth:`to_json` described."""
        return cls(**{**values, "remove": tuple(values.get("remove", ()))})

    def _refuse_dataset_options(self) -> None:
        for option in ("subset", "remove"):
            if getattr(self, option):
                raise InputError(
                    f"--{option} is for data sets ({', '.join(names())}); {self.name} is a path"
                )

"""Where documents are and how to read them: what a command line says and a fit remembers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.corpus import layout
from tenor.corpus.folder import Contents, is_corpus_folder, open_corpus
from tenor.corpus.pipeline import Counting, Progress, counted, over_other_words
from tenor.errors import InputError, ParameterName, SourceError
from tenor.parameters import check
from tenor.settings import KeptParameters, ReadingParameters
from tenor.sources import catalogue, files
from tenor.sources.batches import Stream, TextBatch, from_rows
from tenor.sources.catalogue import names
from tenor.sources.columns import Columns
from tenor.sources.formats import FORMATS
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

_BENCHMARK, _BENCHMARK_TOKENIZER = "nvdm-20news", Tokenizer(pattern="a-z", min_token_length=1)


@dataclass(frozen=True)
class Source(KeptParameters, ReadingParameters):
    """A data set, a prepared corpus, files or standard input, with the options of each."""

    name: str  # a data set's, a path, or "-" for standard input

    def __post_init__(self) -> None:
        check(self)

    @property
    def is_input(self) -> bool:
        """Whether it is standard input, which can be read once."""
        return self.name == files.STANDARD_INPUT

    @property
    def is_dataset(self) -> bool:
        """Whether the name is a data set's; a file or folder of that name goes first."""
        return self.name in names() and not Path(self.name).exists()

    @property
    def is_prepared(self) -> bool:
        """Whether it is a folder that says it is a corpus."""
        return not self.is_input and is_corpus_folder(Path(self.name))

    def contents(
        self,
        tokenizer: Tokenizer | None = None,
        rule: VocabularyRule | None = None,
        vocabulary: Any = None,
        keep_text: bool = True,
        on_progress: Progress | None = None,
    ) -> Contents:
        """The documents, counted; see :meth:`tenor.Corpus.read`."""
        self.check()
        how = Counting.of(tokenizer, rule, vocabulary, keep_text)
        if self.is_dataset:
            return self.dataset(how, on_progress)
        if self.is_prepared:
            return self._prepared(tokenizer, rule, how)
        nothing = files.nothing_in(self.name)
        return counted(self.stream(), how, self.name, nothing, on_progress)

    def dataset(self, how: Counting, on_progress: Progress | None = None) -> Contents:
        """A data set, counted; the benchmark set in its own way, whatever is asked for."""
        name, benchmark = self.name, self.name == _BENCHMARK
        subset = catalogue.checked_subset(name, self.subset, self.remove)
        if benchmark:
            refuse_other_counting(name, None, None, how.vocabulary)
            how = replace(how, tokenizer=_BENCHMARK_TOKENIZER, rule=VocabularyRule())
        stream = Stream(from_rows(catalogue.documents(name, subset, self.remove)), unique=True)
        nothing = files.nothing_in(name)
        found = counted(stream, how, f"{name} ({subset})", nothing, on_progress)
        if benchmark:  # as released: without those that have no word, so placement is the same
            rows = np.flatnonzero(layout.bag_of(found.table, len(found.vocabulary)).distinct)
            found = found._replace(table=found.table.take(pa.array(rows)))
        return found

    def check(self) -> None:
        """Raise InputError for options that are not for such a source, or a path that cannot be."""
        path = Path(self.name)
        try:
            if not self.is_input:
                path.stat()
        except FileNotFoundError:
            pass  # the reader says so, with names near it
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise SourceError(f"cannot read {str(path)[:200]!r}: {said}") from error
        if self.is_dataset or self.is_prepared:
            what = "data set" if self.is_dataset else "prepared corpus"
            self._columns.refuse(f"the {what} {self.name} has no columns to choose")
        for option in () if self.is_dataset else ("subset", "remove"):
            if getattr(self, option):
                raise InputError(
                    ParameterName(option),
                    f" is for data sets ({', '.join(names())}); {self.name} is a path",
                )

    def stream(self) -> Stream:
        """The documents of files or standard input as columns, uncounted."""
        return files.stream(self.name, self._columns, self.encoding_errors)

    def batches(self) -> Iterator[TextBatch]:
        """The same, checked: that there is something, now; the rest when it is come to."""
        self.check()
        batches = self.stream().batches
        first = next(batches, None)
        if first is None:
            raise SourceError(files.nothing_in(self.name))
        return chain([first], batches)

    def with_dense(self, names: Collection[str]) -> Source:
        """This source asked for the dense column a model reads, unless one is named already."""
        settled = self.is_dataset or self.is_prepared or self.is_input or self.embedding_column
        return replace(self, embedding_column=min(names)) if names and not settled else self

    def n_documents(self) -> int | None:
        """How many documents a file holds, where its format says so."""
        path = Path(self.name)
        known = FORMATS.get(path.suffix.lower())
        return known.n_rows(path) if known is not None and path.is_file() else None

    def stamp(self) -> str:
        """Changes when the files do, or how they are read: by their names, sizes and times."""
        digest = hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode())
        for path in files.listing(Path(self.name)):
            facts = files.status(path)
            digest.update(os.fsencode(path) + f"\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
        return digest.hexdigest()

    def refuse_as_target(self, target: Path) -> None:
        """Raise InputError for a target that is the source or around it, which would be lost, or
        inside it, where the next reading would take it for documents.
        """
        if self.is_dataset or self.is_input:
            return
        source, place = Path(self.name).resolve(), target.resolve()
        if place == source or (place in source.parents and place.exists()):
            raise InputError(f"{target} holds the documents themselves; write somewhere else")
        if source in place.parents:
            raise InputError(f"{target} lies among the documents of {self.name}; write elsewhere")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; a path is absolute, so that it can be read from any folder."""
        stays = self.is_dataset or self.is_input
        values = asdict(self) | {"name": self.name if stays else str(Path(self.name).absolute())}
        asked = {"keep": self.keep, "embedding_column": self.embedding_column}
        return {name: value for name, value in values.items() if asked.get(name, True)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Source:
        """What :meth:`to_json` described."""
        lists = {name: tuple(values.get(name, ())) for name in ("remove", "keep")}
        return cls(**{**values, **lists})

    @property
    def _columns(self) -> Columns:
        return Columns(
            self.text_column, self.id_column, self.label_column, self.keep, self.embedding_column
        )

    def _prepared(
        self, tokenizer: Tokenizer | None, rule: VocabularyRule | None, how: Counting
    ) -> Contents:
        """A prepared corpus, counted again only when other words are asked for."""
        corpus = open_corpus(Path(self.name))
        if how.vocabulary is not None and how.vocabulary != corpus.vocabulary:
            corpus = over_other_words(corpus, how.vocabulary, tokenizer)
        else:
            made_with = settled_tokenizer(corpus.tokenizer, self.name, tokenizer)
            corpus = corpus._replace(tokenizer=made_with)
        if rule not in (None, VocabularyRule()):
            raise InputError(f"{self.name} has its vocabulary; prepare it again to choose another")
        if not how.keep_text and "text" in corpus.table.column_names:
            corpus = corpus._replace(table=corpus.table.drop_columns(["text"]))
        return corpus


def refuse_other_counting(
    name: str, tokenizer: Tokenizer | None, rule: VocabularyRule | None, vocabulary: Any
) -> None:
    """Raise InputError for what the benchmark set cannot be counted by."""
    if name != _BENCHMARK:
        return
    if vocabulary is None:
        raise InputError(
            "nvdm-20news needs ",
            ParameterName("vocabulary", "vocabulary="),
            ", the path of its vocab.txt (2,000 words)",
        )
    if tokenizer is not None or rule is not None:
        raise InputError("nvdm-20news is counted in one way; leave tokenizer and rule out")


def settled_tokenizer(
    made_with: Tokenizer | None, what: str, asked: Tokenizer | None
) -> Tokenizer | None:
    """The tokenizer of a corpus (ready counts have none), with the missing function asked for."""
    if asked is None or made_with is None:
        return made_with
    supplied = made_with.missing_function is not None  # known by its name alone
    same = supplied or asked.function in (None, made_with.function)
    alike = asked.of_the_versions_of(made_with)
    if not same or alike.to_json() != made_with.to_json():
        raise InputError(
            f"{what} was prepared with other tokenizer settings; leave them out, or prepare it "
            "again with these"
        )
    return asked if supplied else made_with

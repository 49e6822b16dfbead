"""Documents as a model reads them, a part at a time: whatever the source, never all at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from tenor.errors import InputError, SourceError
from tenor.estimators.base import DocumentModel
from tenor.estimators.inputs import matching_corpus
from tenor.estimators.reading import read_documents
from tenor.storage.checksum import sha256_file
from tenor.text import layout
from tenor.text.building import refuse_surrogates
from tenor.text.corpus import Corpus
from tenor.text.corpus_files import MANIFEST, is_corpus_folder
from tenor.text.counting import count, encode
from tenor.text.documents import RawDocument
from tenor.text.opening import settle_tokenizer
from tenor.text.source import STANDARD_INPUT, Source
from tenor.text.stamps import stamp
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

PART = 1 << 14  # documents
PART_CHARACTERS = 1 << 25  # of raw text in a part: long documents make smaller ones

Parts = Callable[[int], Iterator[Corpus]]


@dataclass(frozen=True, eq=False)
class DocumentStream:
    """Documents over a model's vocabulary, in order, as corpora of a part each.

    Attributes:
        parts: the parts from a row on; the row must begin a part. Where one part ends depends on
            the documents alone, whatever the row asked for.
        total: how many documents there are, where that is known beforehand.
        identity: changes when the documents do; None: they can be read only once.
        unique: whether the ids are known to be different.
    """

    parts: Parts
    total: int | None = None
    identity: str | None = None
    unique: bool = True


def stream_documents(model: DocumentModel, source: Source) -> DocumentStream:
    """The documents of ``source`` as ``model`` reads them.

    Prepared corpora are read through the memory map, anything else as a stream. Ready data sets
    are small and held.

    Raises:
        InputError: when the source cannot be read, or holds texts and the model was trained on
            ready counts.
    """
    trained = model.trained_
    if source.name != STANDARD_INPUT and is_corpus_folder(Path(source.name)):
        return _prepared(model, source)
    if source.is_dataset or trained.tokenizer is None:
        return of_corpus(read_documents(model, source))
    vocabulary, tokenizer = trained.vocabulary, trained.tokenizer
    if tokenizer.missing_function is not None:
        tokenizer.split("")  # says so, before anything is read
    named = source.id_column is not None

    def parts(start: int) -> Iterator[Corpus]:
        return _counted(islice(source.documents(), start, None), vocabulary, tokenizer)

    if source.name == STANDARD_INPUT:
        return DocumentStream(parts, unique=not named)
    as_read = json.dumps(source.to_json(), sort_keys=True)
    identity = f"{stamp(Path(source.name))} {as_read}"
    return DocumentStream(parts, source.n_documents(), identity, not named)


def of_corpus(corpus: Corpus, identity: str | None = None) -> DocumentStream:
    """A corpus over the model's vocabulary as a stream."""

    def parts(start: int) -> Iterator[Corpus]:
        for first in range(start, len(corpus), PART):
            yield corpus[first : first + PART]

    return DocumentStream(parts, len(corpus), identity or corpus.fingerprint())


def _prepared(model: DocumentModel, source: Source) -> DocumentStream:
    """Through the map; over other words the texts of one part at a time are counted again."""
    trained = model.trained_
    identity = sha256_file(Path(source.name) / MANIFEST)
    corpus = source.read()
    if corpus.vocabulary == trained.vocabulary or trained.tokenizer is None:
        if trained.tokenizer is None:
            matching_corpus(corpus, trained.vocabulary, None)
        else:
            settle_tokenizer(corpus, Path(source.name), trained.tokenizer)
        return of_corpus(corpus, identity)
    vocabulary, tokenizer = trained.vocabulary, trained.tokenizer
    stored = of_corpus(corpus, identity)
    corpus[:1].encode_like(vocabulary, tokenizer)  # a corpus without texts is refused now

    def parts(start: int) -> Iterator[Corpus]:
        return (part.encode_like(vocabulary, tokenizer) for part in stored.parts(start))

    return DocumentStream(parts, stored.total, identity)


def _counted(
    documents: Iterator[RawDocument], vocabulary: Vocabulary, tokenizer: Tokenizer
) -> Iterator[Corpus]:
    """Raw documents counted a part at a time; nothing else here knows how."""
    for first in documents:
        part = _Part()
        try:
            counted = count(part.texts(chain([first], documents)), tokenizer)
        except SourceError:
            raise
        except InputError as error:  # the tokenizer's function: add where
            raise InputError(f"{part.where}: {error}") from error
        strings = {"id": part.ids, "label": part.labels}
        columns = {name: pa.array(values, pa.string()) for name, values in strings.items()}
        batch = layout.batch_of(encode(counted, vocabulary), columns)
        yield Corpus(pa.Table.from_batches([batch]), vocabulary, tokenizer)


class _Part:
    """What documents bring besides their words, taken down as they stream past."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.labels: list[str | None] = []
        self.where = ""

    def texts(self, documents: Iterator[RawDocument]) -> Iterator[str]:
        """The texts of as many documents as make a part."""
        characters = 0
        for identity, text, label, where in islice(documents, PART):
            self.where, text = where, text or ""
            refuse_surrogates(where, identity, text, label or "")
            self.ids.append(identity)
            self.labels.append(label)
            yield text
            characters += len(text)
            if characters >= PART_CHARACTERS:
                return

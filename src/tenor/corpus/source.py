"""Where documents are and how to read them: what a command line says and a fit remembers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Set
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.checks import expanded, is_listing, shown
from tenor.corpus import layout
from tenor.corpus.choosing import Counting
from tenor.corpus.coverage import Coverage
from tenor.corpus.folder import Contents, is_corpus_folder, open_corpus
from tenor.corpus.origin import Origin
from tenor.corpus.pipeline import Progress, counted, over_other_words
from tenor.errors import Advice, InputError, ParameterName, SourceError
from tenor.parameters import check
from tenor.settings import READING, KeptParameters, ReadingParameters
from tenor.sources import catalogue, files
from tenor.sources.batches import Stream, from_rows
from tenor.sources.columns import Columns, Dialect
from tenor.sources.facts import DATA_SET, STANDARD_INPUT, ReadFacts
from tenor.sources.finding import Found, called, find
from tenor.sources.opening import is_stream
from tenor.sources.passages import in_passages
from tenor.sources.searching import base_of, is_pattern
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

_BENCHMARK, _BENCHMARK_TOKENIZER = "nvdm-20news", Tokenizer(pattern="a-z", min_token_length=1)


_ALWAYS = (
    *("names", "text_column", "id_column", "label_column", "encoding_errors", "subset", "remove"),
)  # what is written of a source whatever it is; others where they are not as usual
_DEFAULTS = {p.name: p.default for p in READING}


@dataclass(frozen=True)
class Source(KeptParameters, ReadingParameters):
    """A data set, a prepared corpus, files or standard input, with the options of each."""

    names: tuple[str, ...]  # a data set's alone, a corpus's alone, or paths and patterns; "-" is
    # standard input. A single one may be given as it is.

    def __post_init__(self) -> None:
        given: Any = self.names
        names = tuple(map(expanded, (given,) if isinstance(given, str) else given))
        object.__setattr__(self, "names", names)  # frozen for everyone else
        check(self)

    @property
    def name(self) -> str:
        """What it is called in messages and records."""
        return self.names[0] if len(self.names) == 1 else called(self.names)

    @property
    def is_input(self) -> bool:
        """Whether any of it is standard input or a pipe, which can be read once."""
        return any(map(is_stream, self.names))

    @property
    def is_dataset(self) -> bool:
        """Whether it is a data set's name; a file or folder of that name goes first."""
        return len(self.names) == 1 and _is_dataset(self.name)

    @property
    def is_prepared(self) -> bool:
        """Whether it is a folder that says it is a corpus."""
        return len(self.names) == 1 and _is_prepared(self.name)

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
        nothing = files.nothing_in(*self.names)
        return counted(self.stream(), how, self.name, nothing, on_progress)

    def dataset(self, how: Counting, on_progress: Progress | None = None) -> Contents:
        """A data set, counted; the benchmark set in its own way, whatever is asked for."""
        name, benchmark = self.name, self.name == _BENCHMARK
        subset = catalogue.checked_subset(name, self.subset, self.remove)
        if benchmark:
            refuse_other_counting(name, None, None, how.vocabulary)
            how = replace(how, tokenizer=_BENCHMARK_TOKENIZER, rule=VocabularyRule())
        read = ReadFacts((DATA_SET,), sources=(f"{name} ({subset})",))
        posts = from_rows(catalogue.documents(name, subset, self.remove))
        stream = in_passages(Stream(posts, unique=True, facts=lambda: read), self.split)
        nothing = files.nothing_in(name)
        found = counted(stream, how, f"{name} ({subset})", nothing, on_progress)
        if benchmark:  # as released: without those that have no word, so placement is the same
            bag = layout.bag_of(found.table, len(found.vocabulary))
            rows = np.flatnonzero(bag.distinct)
            origin = Origin(read, Coverage.of(bag.take(rows)))
            found = found._replace(table=found.table.take(pa.array(rows)), origin=origin)
        return found

    def check(self) -> None:
        """Raise InputError for options that are not for such a source, or a path that cannot be."""
        for name in self.names:
            self._check_name(name)
        if self.is_dataset or self.is_prepared:
            what = f"the {'data set' if self.is_dataset else 'prepared corpus'} {self.name}"
            self._columns.refuse(f"{what} has no columns to choose")
            for option in ("format", "documents", "missing_text"):
                if getattr(self, option) != _DEFAULTS[option]:
                    raise InputError(f"{what} is no file; leave ", ParameterName(option), " out")
        if self.split is not None and (self.is_prepared or self.name == _BENCHMARK):
            raise InputError(
                f"{self.name} is counted already; leave ", ParameterName("split"), " out"
            )
        for option in () if self.is_dataset else ("subset", "remove"):
            if getattr(self, option):
                raise InputError(
                    ParameterName(option),
                    f" is for data sets ({', '.join(catalogue.names())}); {self.name} is a path",
                )

    def _check_name(self, name: str) -> None:
        try:
            if name != STANDARD_INPUT:
                Path(name).stat()
        except FileNotFoundError:
            pass  # the reader says so, with names near it
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise SourceError(f"cannot read {name[:200]!r}: {said}") from error
        if len(self.names) > 1 and (_is_dataset(name) or _is_prepared(name)):
            what = "a data set" if _is_dataset(name) else "a prepared corpus"
            raise InputError(f"{name} is {what} and stands alone; leave the other sources out")

    def stream(self) -> Stream:
        """The documents of files or standard input as columns, uncounted."""
        whole = files.stream(
            self.names, self._columns, self.encoding_errors, self.format, self.documents
        )
        return in_passages(whole, self.split)

    def opened(self) -> Stream:
        """The same, checked: that there is something, now; the rest when it is come to."""
        self.check()
        stream = self.stream()
        first = next(stream.batches, None)
        if first is None:
            raise SourceError(files.nothing_in(*self.names))
        return replace(stream, batches=chain([first], stream.batches))

    def with_dense(self, names: Collection[str]) -> Source:
        """This source asked for the dense column a model reads, unless one is named already."""
        settled = self.is_dataset or self.is_prepared or self.is_input or self.embedding_column
        return replace(self, embedding_column=min(names)) if names and not settled else self

    def n_documents(self) -> int | None:
        """How many documents files hold, where their formats say so; of passages none can."""
        if self.split is not None:
            return None
        rows = [kind.n_rows(file.path) for file, kind in self._found().files]
        known = [number for number in rows if number is not None]
        return sum(known) if len(known) == len(rows) else None

    def stamp(self) -> str:
        """Changes when the files do, or how they are read: by their names, sizes and times."""
        digest = hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode())
        for file, _ in self._found().files:
            facts = file.stat()
            said = f"\0{facts.st_size}\0{facts.st_mtime_ns}\0"
            digest.update(os.fsencode(file.path) + said.encode())
        return digest.hexdigest()

    def refuse_as_target(self, target: Path) -> None:
        """Raise InputError for a target that is the source or around it, which would be lost, or
        inside it, where the next reading would take it for documents.
        """
        place = Path(os.path.realpath(target))
        for name in () if self.is_dataset else self.names:
            if is_stream(name):
                continue
            by_pattern = is_pattern(name)
            source = Path(os.path.realpath(base_of(Path(name)) if by_pattern else name))
            if place == source or (place in source.parents and place.exists()):
                raise InputError(f"{target} holds the documents themselves; write somewhere else")
            matching = source / Path(name).absolute().relative_to(base_of(Path(name)).absolute())
            inside = fnmatch(str(place), str(matching)) if by_pattern else source in place.parents
            if inside:
                raise InputError(f"{target} lies among the documents of {name}; write elsewhere")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; a path is absolute, so that it can be read from any folder."""
        stays = self.is_dataset
        names = [n if stays or n == STANDARD_INPUT else str(Path(n).absolute()) for n in self.names]
        values = asdict(self) | {"names": names}
        return {n: v for n, v in values.items() if n in _ALWAYS or v != _DEFAULTS[n]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Source:
        """What :meth:`to_json` described, or an earlier tenor, which knew one name only."""
        try:
            values = dict(values)
            if (name := values.pop("name", None)) is not None:
                values["names"] = (name,)
                if is_pattern(name) and Path(name).suffix.lower() in (".txt", ".text"):
                    values["documents"] = "lines"  # as it was then
            lists = {name: tuple(values.get(name, ())) for name in ("names", "remove", "keep")}
            return cls(**{**values, **lists})
        except TypeError as error:  # not written by to_json
            raise InputError(f"this describes no source: {error}") from error

    def _found(self) -> Found:
        return find(self.names, self.format, self.documents)

    @property
    def _columns(self) -> Columns:
        by_tabs = self.format == "tsv" and self.delimiter == _DEFAULTS["delimiter"]
        delimiter = "\t" if by_tabs else self.delimiter
        return Columns(
            self.text_column, self.id_column, self.label_column, self.keep, self.embedding_column,
            self.missing_text, Dialect(delimiter, self.quote, self.header),
        )  # fmt: skip

    def _prepared(
        self, tokenizer: Tokenizer | None, rule: VocabularyRule | None, how: Counting
    ) -> Contents:
        """A prepared corpus, counted again only when other words are asked for."""
        corpus = opened = open_corpus(Path(self.name))
        if how.vocabulary is not None and how.vocabulary != corpus.vocabulary:
            corpus = over_other_words(corpus, how.vocabulary, tokenizer)
        else:
            made_with = settled_tokenizer(corpus.tokenizer, self.name, tokenizer)
            corpus = corpus._replace(tokenizer=made_with)
        if rule not in (None, VocabularyRule()):
            raise InputError(f"{self.name} has its vocabulary; prepare it again to choose another")
        bag = layout.bag_of(corpus.table, len(corpus.vocabulary))
        known = corpus.origin.coverage or Coverage.of(bag)
        corpus = corpus._replace(origin=Origin.of_prepared(self.name, known, opened.origin))
        if not how.keep_text and "text" in corpus.table.column_names:
            corpus = corpus._replace(table=corpus.table.drop_columns(["text"]))
        return corpus


def names_of(source: Any) -> tuple[str, ...]:
    """The names of a source that a caller of Python gives: one, or several in an order."""
    wanted = "a source is a path, a data set's name, -, or a list of these"
    if isinstance(source, Set):
        raise InputError("a set of sources has no order, so no rows; pass a list")
    names = tuple(source) if is_listing(source) else (source,)
    if not names:
        raise InputError(f"{wanted}; the list is empty")
    for name in names:
        if not isinstance(name, str | Path) or name == "":
            among = " in the list" if is_listing(source) else ""
            raise InputError(f"{wanted}, not {shown(name)}{among}")
    return tuple(map(str, names))


def _is_dataset(name: str) -> bool:
    return name in catalogue.names() and not Path(name).exists()


def _is_prepared(name: str) -> bool:
    return not is_stream(name) and is_corpus_folder(Path(name))


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
        raise InputError(
            "nvdm-20news is counted in one way; leave ",
            Advice("tokenizer and rule", "flags of tokens and of the vocabulary's limits"),
            " out",
        )


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

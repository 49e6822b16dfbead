"""A source of any kind to a corpus: data set, prepared folder, files or standard input."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from tenor.corpus import datasets
from tenor.corpus.building import Progress, build
from tenor.corpus.corpus import Corpus
from tenor.corpus.counting import is_native
from tenor.corpus.files import is_corpus_folder, open_corpus
from tenor.errors import InputError, ParameterName, SourceError
from tenor.sources import files
from tenor.sources.batches import TextBatch
from tenor.sources.catalogue import names
from tenor.sources.columns import Columns
from tenor.text.decoding import check_encoding_errors
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule


def read_corpus(
    source: str | Path,
    columns: Columns,
    encoding_errors: str,
    tokenizer: Tokenizer | None,
    rule: VocabularyRule | None,
    vocabulary: Any | None,
    keep_text: bool,
    on_progress: Progress | None,
) -> Corpus:
    """See :meth:`tenor.corpus.corpus.Corpus.read`."""
    if not isinstance(source, str | Path) or source == "":
        raise InputError(f"a source is a path, a data set's name or -, not {source!r}")
    check_encoding_errors(encoding_errors)
    words = None if vocabulary is None else Vocabulary.of(vocabulary)
    if source != files.STANDARD_INPUT:
        _refuse_impossible(Path(source))
    if source in names() and not Path(source).exists():
        _refuse_columns(columns, f"the data set {source}")
        return datasets.load(
            str(source),
            vocabulary=words,
            tokenizer=tokenizer,
            rule=rule,
            keep_text=keep_text,
            on_progress=on_progress,
        )
    if source != files.STANDARD_INPUT and is_corpus_folder(Path(source)):
        _refuse_columns(columns, f"the prepared corpus {source}")
        return _prepared(Path(source), tokenizer, rule, words, keep_text)
    tokenizer = tokenizer or Tokenizer()
    built = build(
        files.stream(source, columns, encoding_errors, rows=not is_native(tokenizer)),
        tokenizer,
        rule or VocabularyRule(),
        words,
        keep_text,
        nothing=files.nothing_in(source),
        on_progress=on_progress,
    )
    return Corpus.of_built(built, tokenizer, str(source))


def _prepared(
    folder: Path,
    tokenizer: Tokenizer | None,
    rule: VocabularyRule | None,
    vocabulary: Vocabulary | None,
    keep_text: bool,
) -> Corpus:
    """A prepared corpus, counted again only when other words are asked for."""
    corpus = open_corpus(folder)
    if vocabulary is not None and vocabulary != corpus.vocabulary:
        corpus = corpus.encode_like(vocabulary, tokenizer)
    else:
        settle_tokenizer(corpus, str(folder), tokenizer)
    if rule not in (None, VocabularyRule()):
        raise InputError(f"{folder} has its vocabulary; prepare it again to choose another")
    if not keep_text and "text" in corpus.table.column_names:
        corpus = Corpus(
            corpus.table.drop_columns(["text"]),
            corpus.vocabulary,
            corpus.tokenizer,
            corpus.source,
            corpus.placement,
        )
    return corpus


def settle_tokenizer(corpus: Corpus, what: str, tokenizer: Tokenizer | None) -> None:
    """Refuse a tokenizer that a corpus was not made with; supply its missing function.

    Args:
        corpus: one of ready counts has no tokenizer, and any may be given.
        what: it is, for the message.
        tokenizer: None asks for none in particular.

    Raises:
        InputError: when the settings differ.
    """
    if tokenizer is None or corpus.tokenizer is None:
        return
    supplied = corpus.tokenizer.missing_function is not None  # known by its name alone
    same = supplied or tokenizer.function in (None, corpus.tokenizer.function)
    if not same or tokenizer.to_json() != corpus.tokenizer.to_json():
        raise InputError(
            f"{what} was prepared with other tokenizer settings; leave them out, or prepare it "
            "again with these"
        )
    if supplied:
        corpus.tokenizer = tokenizer


def raw_batches(source: str, columns: Columns, errors: str, rows: bool) -> Iterator[TextBatch]:
    """The documents of files or of standard input as columns, uncounted.

    Raises:
        SourceError: when there is nothing to read there; a fault further on when it is come to.
    """
    if source != files.STANDARD_INPUT:
        _refuse_impossible(Path(source))
    batches = files.stream(source, columns, errors, rows).batches
    first = next(batches, None)
    if first is None:
        raise SourceError(files.nothing_in(source))
    return chain([first], batches)


def _refuse_impossible(path: Path) -> None:
    """Raise for a path that the operating system will not even look for."""
    try:
        path.stat()
    except FileNotFoundError:
        return  # the reader says so, with names near it
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"cannot read {str(path)[:200]!r}: {said}") from error


def _refuse_columns(columns: Columns, what: str) -> None:
    for role in columns.chosen():
        name = ParameterName(f"{role}_column")
        raise InputError(f"{what} has no columns to choose; leave ", name, " out")

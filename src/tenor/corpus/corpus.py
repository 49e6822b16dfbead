"""The corpus: documents as counts over one vocabulary, each row a document for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor import checks
from tenor.bow import DocumentCounts
from tenor.checks import amount, brief
from tenor.corpus import given, layout
from tenor.corpus.choosing import Counting
from tenor.corpus.containers import texts_in
from tenor.corpus.coverage import Coverage
from tenor.corpus.folder import Contents, Fingerprint, open_corpus, save_corpus
from tenor.corpus.given_columns import as_columns
from tenor.corpus.ids import refuse_repeated_ids
from tenor.corpus.origin import Origin
from tenor.corpus.pipeline import Progress, counted, over_other_words
from tenor.corpus.placement import Placement
from tenor.corpus.source import Source, names_of, refuse_other_counting, settled_tokenizer
from tenor.documents import Documents
from tenor.errors import InputError
from tenor.parameters import taking
from tenor.settings import checked
from tenor.sources.facts import PASSED_COUNTS, ReadFacts
from tenor.sources.passages import in_passages
from tenor.sources.values import strings_of
from tenor.text.strings import Strings
from tenor.text.tokenizer import Cutting, Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

Words = Vocabulary | Iterable[str] | str | Path


class Corpus:
    """D documents over V words, held as an Arrow table in memory or mapped from disk.

    Every document that came in has its row and its id, also one that lost all its words
    (see :attr:`empty`). Make one with :meth:`read`, :meth:`open`, :meth:`from_texts` or
    :meth:`from_counts`. Indexing by rows gives a corpus of those rows over the same vocabulary,
    so scikit-learn's splitters take a corpus as they take an array.
    """

    __iter__ = None  # rows are corpora, not items: corpus[3:4], or corpus.texts[3]

    def __init__(
        self,
        table: Any,
        vocabulary: Vocabulary,
        tokenizer: Tokenizer | None = None,
        source: str | None = None,
        placement: Placement | None = None,
        origin: Origin = Origin(),  # noqa: B008  # it never changes
    ) -> None:
        """Take over the :class:`tenor.corpus.folder.Contents` of a corpus, unchecked."""
        self.table, self.vocabulary = table, vocabulary
        self.tokenizer, self.source, self.placement = tokenizer, source, placement
        #: What was read and how much of it is known, as a record; its str says it in a line.
        self.origin = origin

    @classmethod
    @taking(Source)
    def read(
        cls,
        source: str | Path | Iterable[str | Path],
        *,
        tokenizer: Cutting | None = None,
        rule: VocabularyRule | None = None,
        vocabulary: Words | None = None,
        keep_text: bool = True,
        on_progress: Progress | None = None,
        **reading: Any,
    ) -> Corpus:
        """Read and count a source, once, as a stream, on all cores.

        Beyond 256 MB of text what is counted goes to a temporary folder (TMPDIR), and the corpus
        lies in mapped files there, which go with it: memory does not grow with the documents.
        Frequencies are exact whatever the size. A tokenizer function is the slow path: it is
        called for one text after the other.

        Args:
            source: a file of :data:`tenor.sources.formats.FORMATS`, packed (.gz, .zst, .bz2, .xz)
                or not, a folder or pattern of tables (part-*.parquet) or of text files
                (sub-folder: label), "-" for standard input, or a list of these; or a prepared
                corpus folder, or a data set's name, which stands behind a path that exists. A
                row of a table is a document, and so is a .html, .pdf or .docx (the extra
                tenor[documents]); a text file that is named alone is a document a
                line, and others are a document a file, unless ``documents`` says otherwise.
            tokenizer, rule, vocabulary, keep_text: as :meth:`from_texts` takes them; a prepared
                corpus has its tokenizer, and another is refused.
            on_progress: called now and then with the number of documents so far.
            {parameters}

        Raises:
            SourceError: when the source cannot be read; names the place.
            InputError: when the settings do not fit the source.
            VocabularyError: when no word is left; says which limit did it.
        """
        chosen = Source(names_of(source), **reading)
        tokenizer = Tokenizer.named(tokenizer)
        if chosen.is_dataset:
            refuse_other_counting(chosen.name, tokenizer, rule, vocabulary)
        return cls.of(chosen, tokenizer, rule, vocabulary, keep_text, on_progress)

    @classmethod
    def of(
        cls,
        source: Source,
        tokenizer: Cutting | None = None,
        rule: VocabularyRule | None = None,
        vocabulary: Words | None = None,
        keep_text: bool = True,
        on_progress: Progress | None = None,
    ) -> Corpus:
        """The documents of a source; see :meth:`read`. The benchmark set is counted its own way."""
        tokenizer = Tokenizer.named(tokenizer)
        return cls(*source.contents(tokenizer, rule, vocabulary, keep_text, on_progress))

    @classmethod
    def open(cls, folder: str | Path, *, verify: bool = True) -> Corpus:
        """Open a prepared corpus, memory-mapped.

        Args:
            folder: what :meth:`save` wrote.
            verify: also compare checksums, which reads every byte once.

        Raises:
            ArtifactError: when the folder is no corpus, or damaged.
        """
        return cls(*open_corpus(checks.path(folder), verify))

    @classmethod
    def from_texts(
        cls,
        texts: Any,
        ids: Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
        tokenizer: Cutting | None = None,
        rule: VocabularyRule | None = None,
        vocabulary: Words | None = None,
        keep_text: bool = True,
        columns: Mapping[str, Any] | None = None,
        missing_text: str = "empty",
        split: str | None = None,
    ) -> Corpus:
        """Count a list of texts.

        Args:
            texts: D texts in any iterable, array, Series or table of one column; an empty one
                keeps its row.
            ids: D unique names, made strings; None numbers the rows from 0.
            labels: D labels, made strings; what is missing (see :mod:`tenor.text.missing`) or
                empty is no label.
            tokenizer: also a function from a text to tokens, or a pattern; None: ``Tokenizer()``.
            rule: None for ``VocabularyRule()``.
            vocabulary: count these words (or those of this file) instead.
            keep_text: whether to keep the texts.
            columns: anything else by name, D values each: text, numbers, dates, categories, or
                an array (D, M) of finite numbers, kept as float32.
            missing_text: "empty" makes an empty document of a missing text, "refuse" an error.
            split: "paragraphs", or such as "200-words": see :meth:`read`.

        Raises:
            InputError: when ``texts`` is no list of str, or ids, labels or columns do not fit it.
            VocabularyError: when no word is left; says which limit did it.
        """
        listed = texts_in(texts)
        stream = given.stream(
            listed,
            given.as_ids(ids, len(listed)),
            given.as_labels(labels, len(listed)),
            as_columns(columns, len(listed)),
            checked("missing_text", missing_text),
        )
        stream = in_passages(stream, checked("split", split))
        how = Counting.of(Tokenizer.named(tokenizer), rule, vocabulary, keep_text)
        return cls(*counted(stream, how, nothing="the list of texts is empty"))

    @classmethod
    def from_counts(
        cls,
        counts: Any,
        words: Words | None = None,
        ids: Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
        texts: Iterable[str] | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> Corpus:
        """Take over ready counts.

        Args:
            counts: (D, V) whole numbers: a SciPy sparse matrix or array, or a small dense one,
                also in a table.
            words: the V words; None takes the names of a table's columns, else word0, word1, …
            ids: D unique names; None numbers the rows from 0.
            labels: D labels, or None.
            texts: D texts to show beside the counts, or None.
            columns: anything else by name, as :meth:`from_texts` takes it.

        Raises:
            InputError: for an entry that is no count, or lengths that do not fit.
            VocabularyError: when ``words`` are repeated or not V.
        """
        bag = given.bag_from_counts(counts)
        vocabulary = given.vocabulary_for(words, counts, bag.n_words)
        strings = {
            "id": given.as_ids(ids, len(bag)) or [str(row) for row in range(len(bag))],
            "text": given.as_texts(texts, len(bag)),
            "label": given.as_labels(labels, len(bag)),
        }
        arrays = {n: strings_of(s, n, "a row") for n, s in strings.items() if s is not None}
        batch = layout.batch_of(bag, arrays | as_columns(columns, len(bag)))
        table = pa.Table.from_batches([batch])
        refuse_repeated_ids(table.column("id"), InputError)
        origin = Origin(ReadFacts((PASSED_COUNTS,)), Coverage.of(bag))
        return cls(table, vocabulary, origin=origin)

    def save(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write a prepared corpus: a folder that :meth:`open` maps; whole or not at all.

        Raises:
            ArtifactError: when the folder is taken or cannot be written.
        """
        save_corpus(self._contents, checks.path(folder), overwrite)

    def encode_like(self, vocabulary: Words, tokenizer: Cutting | None = None) -> Corpus:
        """The same documents, counted from their texts over another vocabulary.

        Args:
            vocabulary: the words to count.
            tokenizer: None for the corpus's own.

        Raises:
            InputError: when the corpus kept no texts, or has no tokenizer and none is given.
        """
        before = self._contents
        words, tokenizer = Vocabulary.of(vocabulary), Tokenizer.named(tokenizer)
        found = over_other_words(before, words, tokenizer)
        return self if found is before else Corpus(*found)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def shape(self) -> tuple[int, int]:
        """(D, V)."""
        return len(self), len(self.vocabulary)

    @property
    def words(self) -> tuple[str, ...]:
        """The V words; a word's place is its id."""
        return self.vocabulary.words

    @cached_property
    def bag(self) -> DocumentCounts:
        """All counts as read-only views: a BagOfWords for one shard, else a ShardedBag."""
        return layout.bag_of(self.table, len(self.vocabulary))

    @cached_property
    def documents(self) -> Documents:
        """What a network reads: the counts, and the dense columns of the table by name.

        Raises:
            InputError: when a number of a dense column is missing or not finite; names the row.
        """
        return Documents(self.bag, layout.dense_columns(self.table))

    @property
    def counts(self) -> Any:
        """(D, V) scipy CSR array of int32: a view for one shard, else a copy of everything."""
        from scipy.sparse import csr_array

        bag = self.bag.joined()
        matrix = csr_array((bag.counts, bag.words, bag.offsets), shape=self.shape, copy=False)
        matrix.has_canonical_format = True  # so that SciPy never sorts it in place
        return matrix

    def strings(self, column: str) -> Strings | None:
        """A column of strings read where it lies, or None when there is none of that name.

        :attr:`ids`, :attr:`texts` and :attr:`labels` make Python lists instead, which take
        several times the memory.
        """
        if column not in self.table.column_names:
            return None
        return Strings(self.table.column(column))

    @cached_property
    def ids(self) -> list[str]:
        """D unique names."""
        return self._listed("id") or []

    @cached_property
    def texts(self) -> list[str] | None:
        """D texts, or None when they were not kept."""
        return self._listed("text")

    @cached_property
    def labels(self) -> list[str | None] | None:
        """D labels, or None when no document has one."""
        return self._listed("label")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that were kept beside id, text and label; see :meth:`column`."""
        return layout.kept_columns(self.table.column_names)

    def column(self, name: str) -> Any:
        """A kept column: a ``pyarrow.ChunkedArray`` of D values, in mapped memory where it is.

        A dense array (D, M) is of the type ``fixed_size_list<float>[M]``.

        Raises:
            InputError: when there is none of that name; lists those that are.
        """
        if not isinstance(name, str) or name not in self.columns:
            there = ", ".join(self.columns) or "none"
            raise InputError(f'the corpus keeps no column "{brief(name)}"; it keeps: {there}')
        return self.table.column(name)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """(D,) which rows have no word of the vocabulary."""
        return np.equal(self.bag.distinct, 0)

    @property
    def coverage(self) -> Coverage:
        """How much of the documents the vocabulary knows, see :class:`Coverage`."""
        return self.origin.coverage or Coverage.of(self.bag)

    @property
    def early_share(self) -> NDArray[np.float64] | None:
        """(V,) which share of a word's tokens stand in the first 15 % of their texts.

        More than .15 for headers, where they were kept; else as :attr:`late_share`.
        """
        return None if self.placement is None else self.placement.early_share

    @property
    def late_share(self) -> NDArray[np.float64] | None:
        """(V,) which share of a word's tokens stand in the last 15 % of their texts.

        .15 for a word that stands anywhere, more for signatures and addresses; NaN for a word
        that only texts of fewer than 20 tokens have. It is summed while texts are counted (see
        :mod:`tenor.corpus.placement`), so it is None where that is not known: for ready counts,
        some rows of a corpus, and corpora that an earlier tenor prepared.
        """
        return None if self.placement is None else self.placement.late_share

    def fingerprint(self) -> str:
        """SHA-256 over ids, words and counts, whatever the shards; labels and texts stand aside."""
        return Fingerprint.of(self._contents)

    def __getitem__(self, rows: Any) -> Corpus:
        """The corpus of some rows: integers, a mask or a slice, alone or as ``rows, ...``."""
        rows = given.only_rows(rows)
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step == 1:
                return self._with(self.table.slice(start, max(stop - start, 0)))
            rows = np.arange(start, stop, step)
        return self._with(self.table.take(pa.array(given.row_numbers(rows, len(self)))))

    def __repr__(self) -> str:
        tokens = int(self.bag.lengths.sum())
        return (
            f"Corpus({amount(len(self), 'document')} × {amount(len(self.vocabulary), 'word')}, "
            f"{amount(tokens, 'token')})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Corpus, tuple(self._contents)

    @property
    def _contents(self) -> Contents:
        placed, origin = self.placement, self.origin
        return Contents(self.table, self.vocabulary, self.tokenizer, self.source, placed, origin)

    def _with(self, table: Any) -> Corpus:
        some = self.origin.of_some()
        return Corpus(table, self.vocabulary, self.tokenizer, self.source, origin=some)

    def _listed(self, column: str) -> list[Any] | None:
        strings = self.strings(column)
        return None if strings is None else list(strings)


def settle_tokenizer(corpus: Corpus, what: str, tokenizer: Tokenizer | None) -> None:
    """Refuse a tokenizer that a corpus was not made with; supply its missing function."""
    corpus.tokenizer = settled_tokenizer(corpus.tokenizer, what, tokenizer)

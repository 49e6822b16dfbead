"""The vocabulary: which of the words that were counted matter, and the id of each."""

from __future__ import annotations

import difflib
import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.checks import amount
from tenor.errors import InputError, ParameterName, UnknownWordError, VocabularyError
from tenor.parameters import as_in, check, documented, shared
from tenor.settings import VocabularyParameters
from tenor.text.decoding import decoded_lines, is_storable, reading

_NEARLY = 1e-9  # 0.1 * 30 is a hair more than 3 in binary


class Vocabulary:
    """V different words in a fixed order; a word's place is its id. Immutable.

    Raises:
        VocabularyError: when there is no word, or one is empty, repeated or no str.
    """

    def __init__(self, words: Iterable[str]) -> None:
        if isinstance(words, str):
            raise VocabularyError("a vocabulary is a list of words; a single str was passed")
        self.words: tuple[str, ...] = tuple(checks.listed("vocabulary", words))
        if not self.words:
            raise VocabularyError("a vocabulary needs at least one word")
        self.index: dict[str, int] = {}
        for position, word in enumerate(self.words):
            if not isinstance(word, str) or word == "" or not is_storable(word):
                raise VocabularyError(f"word {position} of the vocabulary is {word!r}, not a word")
            first = self.index.setdefault(word, position)
            if first != position:
                raise VocabularyError(
                    f'"{word}" is in the vocabulary twice, at positions {first} and {position}'
                )

    @classmethod
    def from_file(cls, path: str | Path) -> Vocabulary:
        """One word a line, in UTF-8; line i (from 0) is word i.

        Raises:
            SourceError: when the file cannot be read or decoded.
            VocabularyError: names the line that is empty or repeats another.
        """
        line_of: dict[str, int] = {}
        with reading(checks.path(path)) as file:
            for number, line in enumerate(decoded_lines(file, str(path)), start=1):
                word = line.strip()
                if not word:
                    raise VocabularyError(f"{path}, line {number}: no word; remove the empty line")
                if word in line_of:
                    raise VocabularyError(
                        f'{path}, line {number}: "{word}" was already on line {line_of[word]}'
                    )
                line_of[word] = number
        if not line_of:
            raise VocabularyError(f"{path} holds no words")
        return cls(line_of)

    @classmethod
    def of(cls, source: Vocabulary | Iterable[str] | str | Path) -> Vocabulary:
        """A vocabulary from what callers may name it by: itself, words, or the path of a file."""
        if isinstance(source, Vocabulary):
            return source
        if isinstance(source, str | Path):
            return cls.from_file(source)
        return cls(source)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({amount(len(self), 'word')})"

    def id_of(self, word: str) -> int:
        """The id of ``word``.

        Raises:
            UnknownWordError: when it is not in the vocabulary; offers near spellings.
        """
        if not isinstance(word, str):
            raise InputError(f"a word must be str, not {type(word).__name__}")
        if word in self.index:
            return self.index[word]
        near = [other for other in (word.lower(), word.upper(), word.title()) if other in self]
        near = near or difflib.get_close_matches(word, self.words, n=3, cutoff=0.75)
        said = f"; near it: {', '.join(near)}" if near else ""
        raise UnknownWordError(f'"{word}" is not in the vocabulary{said}')

    def fingerprint(self) -> str:
        """The SHA-256 of the words in their order."""
        return self._fingerprint

    @cached_property
    def arrow(self) -> Any:
        """The words as an Arrow string array."""
        import pyarrow as pa

        return pa.array(self.words, pa.string())

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for word in self.words:
            data = word.encode("utf-8")
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class WordStatistics:
    """What pruning needs to know of words."""

    words: Any  # W different ones, an Arrow string array
    document_frequency: NDArray[np.int64]  # (W,) in how many documents each occurs
    word_frequency: NDArray[np.int64]  # (W,) how often each occurs in all
    n_documents: int  # empty ones included

    def slice(self, begin: int, end: int) -> WordStatistics:
        """Of some neighbouring words."""
        frequencies = self.document_frequency[begin:end], self.word_frequency[begin:end]
        return WordStatistics(self.words.slice(begin, end - begin), *frequencies, self.n_documents)

    def columns(self) -> dict[str, Any]:
        """As columns of an Arrow table."""
        return {"word": self.words, "df": self.document_frequency, "cf": self.word_frequency}

    @classmethod
    def of_columns(cls, batch: Any, n_documents: int) -> WordStatistics:
        """What :meth:`columns` gave, from a record batch that has them."""
        frequencies = batch.column("df").to_numpy(), batch.column("cf").to_numpy()
        return cls(batch.column("word"), *frequencies, n_documents)


@documented
@dataclass(frozen=True)
class VocabularyRule:
    """Limits on the vocabulary, or a fixed list of words.

    A whole number counts documents and a float is a fraction of them: ``max_df=1`` keeps words
    of a single document, ``max_df=1.0`` keeps all. Rows without words count as documents.
    The words come out in alphabetical (code point) order, so that equal sets of words give
    equal vocabularies; those of a fixed list keep the list's order, and no limit applies to them.

    Attributes:
        {parameters}
        words: the fixed list, or None.

    Raises:
        InputError: when a limit is out of range.
    """

    min_df: int | float = as_in(VocabularyParameters, "min_df")
    max_df: int | float = as_in(VocabularyParameters, "max_df")
    max_words: int | None = as_in(VocabularyParameters, "max_words")
    words: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check(self)
        if self.words is not None:
            object.__setattr__(self, "words", Vocabulary(self.words).words)

    @classmethod
    def of(cls, settings: VocabularyParameters) -> VocabularyRule:
        """The rule of a model's parameters."""
        return cls(**shared(settings, cls))

    def vocabulary_of(self, stretches: Iterable[WordStatistics]) -> Vocabulary:
        """The vocabulary that these limits leave of the words of a corpus.

        The words come in stretches that have none in common, each with the documents of the whole
        corpus. Beside one stretch, no more than ``max_words`` words are held together.

        Raises:
            VocabularyError: when no word is left; says which limit removed how many.
        """
        if self.words is not None:
            return Vocabulary(self.words)
        total = rare = common = n_documents = 0
        words: list[str] = []
        frequency = np.zeros(0, dtype=np.int64)
        for some in stretches:
            n_documents = some.n_documents
            least, most = self._bounds(n_documents)
            too_rare = some.document_frequency < least
            kept = ~too_rare & (some.document_frequency <= most)
            total, rare = total + len(some.words), rare + int(too_rare.sum())
            common += int((~too_rare & ~kept).sum())
            words += some.words.take(np.flatnonzero(kept)).to_pylist()
            frequency = np.concatenate([frequency, some.word_frequency[kept]])
            words, frequency = self._most_frequent(words, frequency)
        if not total:
            raise VocabularyError(
                f"there are no words in {amount(n_documents, 'document')}; "
                "look at the texts and the tokenizer's settings"
            )
        if not words:
            raise self._nothing_left(rare, common, total, n_documents)
        return Vocabulary(sorted(words))

    def _most_frequent(
        self, words: list[str], frequency: NDArray[np.int64]
    ) -> tuple[list[str], NDArray[np.int64]]:
        """The ``max_words`` most frequent; of equally frequent ones those first in the alphabet."""
        if self.max_words is None or len(words) <= self.max_words:
            return words, frequency
        least = np.partition(-frequency, self.max_words - 1)[self.max_words - 1]
        sure = np.flatnonzero(-frequency < least)
        tied = sorted(np.flatnonzero(-frequency == least).tolist(), key=words.__getitem__)
        chosen = np.array([*sure, *tied[: self.max_words - len(sure)]], dtype=np.int64)
        return [words[place] for place in chosen], frequency[chosen]

    def _bounds(self, n_documents: int) -> tuple[int, int]:
        """The least and the greatest document frequency of a word that stays."""
        least, most = self.min_df, self.max_df
        if isinstance(least, float):
            least = math.ceil(least * n_documents - _NEARLY)
        if isinstance(most, float):
            most = math.floor(most * n_documents + _NEARLY)
        return least, most

    def _nothing_left(self, rare: int, common: int, total: int, documents: int) -> VocabularyError:
        of = f"{amount(total, 'word')} in {amount(documents, 'document')}"
        least, most = ParameterName("min_df"), ParameterName("max_df")
        few, many = (least, f"={self.min_df} removed "), (most, f"={self.max_df} ")
        if rare and common:
            both = *few, f"{rare:,} of {of}, ", *many, f"the other {common:,}; lower ", least
            return VocabularyError("no word is left: ", *both, " or raise ", most)
        if rare:
            return VocabularyError("no word is left: ", *few, f"all {of}; lower ", least)
        return VocabularyError("no word is left: ", *many, f"removed all {of}; raise ", most)

"""Child of prepare.py: a peer counts the words of texts it holds in memory.

    prepare_peers.py CountVectorizer|gensim FILE.parquet [DOCUMENTS]

The same pruning for all: words of 5 documents at least and half of them at most, the 20,000 most
frequent. The clock runs for the counting alone, not for reading the texts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import material
import watching


def main() -> None:
    who, path, *documents = sys.argv[1:]
    texts = material.read_texts(Path(path))[: int(documents[0]) if documents else None]
    count = {"CountVectorizer": count_vectorizer, "gensim": gensim_dictionary}[who]()
    size = sum(len(text.encode()) for text in texts)
    watching.stage("count")
    began = time.perf_counter()
    words, rows = count(texts)
    seconds = time.perf_counter() - began
    watching.result(seconds=seconds, words=words, documents=rows, bytes=size)


Count = Callable[[list[str]], tuple[int, int]]


def count_vectorizer() -> Count:
    from sklearn.feature_extraction.text import CountVectorizer

    def count(texts: list[str]) -> tuple[int, int]:
        counts = CountVectorizer(min_df=5, max_df=0.5, max_features=20_000).fit_transform(texts)
        return int(counts.shape[1]), int(counts.shape[0])

    return count


def gensim_dictionary() -> Count:
    from gensim.corpora import Dictionary
    from gensim.utils import simple_preprocess

    def count(texts: list[str]) -> tuple[int, int]:
        tokens = [simple_preprocess(text) for text in texts]
        dictionary = Dictionary(tokens)
        dictionary.filter_extremes(no_below=5, no_above=0.5, keep_n=20_000)
        bags = [dictionary.doc2bow(document) for document in tokens]
        return len(dictionary), len(bags)

    return count


if __name__ == "__main__":
    main()

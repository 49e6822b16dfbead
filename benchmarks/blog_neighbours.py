"""The blog's setting: neighbours of jesus, scientist and football beside its published lists.

    python benchmarks/blog_neighbours.py

All training posts of 20 Newsgroups with headers; lower-case, ASCII only, punctuation to spaces;
tokens of 2 to 16 characters, not all digits, no English stop word; words seen more than 25 times.
A list's score is the mean cosine between its words' profiles and the query's, where a word's
profile is its document frequency in each of the 20 groups divided by the group's size.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import tables
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

import tenor

BLOG = {
    "jesus": "christ christian christians bible heaven god sin follow faith",
    "scientist": "hypothesis mathematics empirical experiment scientists observations psychology "
    "homeopathy methodology",
    "football": "stadium basketball philly mlb robbie anyways seats miami champs",
}


def blog_tokens(text: str) -> list[str]:
    """The blog's tokenizer."""
    text = re.sub(r"[^a-z0-9]+", " ", text.lower().encode("ascii", "ignore").decode())
    return [
        token
        for token in text.split()
        if 2 <= len(token) <= 16 and not token.isdigit() and token not in ENGLISH_STOP_WORDS
    ]


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--components", type=int, default=50)
    asked = parser.parse_args()
    corpus = blog_corpus()
    print(f"{corpus}\n")
    profiles = profiles_of(corpus)
    for seed in range(asked.seeds):
        model = tenor.NVDM(asked.components, keep_documents=False, random_state=seed).fit(corpus)
        tables.header(f"word (seed {seed})", "whose", "neighbours", "profile score")
        for word, published in BLOG.items():
            ours = [found for found, _ in model.most_similar(word, 9)]
            for whose, words in {"tenor": ours, "blog": published.split()}.items():
                tables.row(word, whose, " ".join(words), score(corpus, profiles, word, words))
    tables.machine()


def blog_corpus() -> tenor.Corpus:
    """The posts over the blog's vocabulary: words seen more than 25 times."""
    raw = tenor.datasets.load("20newsgroups", "train")
    assert raw.texts is not None
    tokens = Counter(token for text in raw.texts for token in blog_tokens(text))
    words = sorted(word for word, count in tokens.items() if count > 25)
    return tenor.Corpus.from_texts(
        raw.texts,
        ids=raw.ids,
        labels=raw.labels,
        tokenizer=tenor.Tokenizer(function=blog_tokens),
        vocabulary=words,
    )


def profiles_of(corpus: tenor.Corpus) -> NDArray[np.float64]:
    """(V, 20) each word's document frequency by group, divided by the group's size, unit length."""
    labels = np.array(corpus.labels)
    groups = sorted(set(corpus.labels or []))
    columns = [
        corpus.bag.take(np.flatnonzero(labels == group)).document_frequency
        / (labels == group).sum()
        for group in groups
    ]
    profiles = np.stack(columns, axis=1)
    return profiles / np.linalg.norm(profiles, axis=1, keepdims=True).clip(1e-12)


def score(corpus: tenor.Corpus, profiles: NDArray[np.float64], query: str, words: list[str]) -> str:
    """The mean cosine of a list with its query, and how many of its words are known here."""
    index = corpus.vocabulary.index
    known = [index[word] for word in words if word in index]
    value = (profiles[known] @ profiles[index[query]]).mean()
    missing = len(words) - len(known)
    return f"{value:.3f}" + (f" ({missing} not in the vocabulary)" if missing else "")


if __name__ == "__main__":
    main()

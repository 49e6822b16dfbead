"""tenor in one go: train on real text, measure, look around, draw a map.

    python examples/demo.py            # writes demo/model and demo/map.png

Everything here is the public interface; `tenor --help` does the same from the command line.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import tenor
from tenor.errors import SourceError

# Read when torch is loaded, which tenor does at the first fit: threads that wait by spinning
# crawl where the processors are shared.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

FOLDER = Path("demo")
ASK_ABOUT = {  # words whose neighbours, and a text whose nearest documents, are worth seeing
    "20newsgroups": (
        ("jesus", "orbit", "hockey", "encryption"),
        "The shuttle will carry the telescope into a higher orbit next spring.",
    ),
    "python-docs": (
        ("socket", "thread", "unicode", "date"),
        "Wait until the lock is released by the other thread, or the timeout has passed.",
    ),
}


def main() -> None:
    started = time.monotonic()
    name, train, test = documents()
    model = tenor.NVDM(n_components=50, epochs=25, verbose=True)

    heading(f"Training on {len(train):,} documents and {len(train.words):,} words")
    model.fit(train)
    model.save(FOLDER / "model", overwrite=True)

    heading("How well it predicts documents it has never seen")
    measured = model.perplexity(test)
    print(measured)
    gain = 1 - measured.per_document / measured.unigram_per_document
    print(f"perplexity {gain:.0%} below that of word frequencies alone (lower is better)")

    heading("What it is about: topics, their share of the documents, how much of each is steady")
    for topic in model.topics_.table(8)[:20]:
        words = " ".join(word for word, _ in topic.words)
        flagged = f"   ({topic.flags[0].kind})" if topic.flags else ""
        print(f"{topic.size:>6.1%} {topic.stability:>6.0%}   {words}{flagged}")
    print(f"… {len(model.topics_)} in all: .venv/bin/tenor topics {FOLDER / 'model'}")

    words, text = ASK_ABOUT[name]
    heading("Words like a word")
    for word in (word for word in words if word in train.vocabulary):
        print(f"{word:>12}   {' '.join(near for near, _ in model.most_similar(word, 8))}")

    heading(f"Documents like: “{text}”")
    for found in model.similar_documents(5, text=text):
        print(f"  {found.score:.3f}  {found.label:24} {one_line(found.text)}")

    heading("A map of all documents")
    drawn = model.draw_map(FOLDER / "map.png", overwrite=True)
    print(f"  {drawn.path}")

    saved = FOLDER / "model"
    print(f"\nDone in {time.monotonic() - started:.0f} s. The model is in {saved}; go on with")
    print(f"  .venv/bin/tenor words {saved} {words[0]}")
    print(f"  .venv/bin/tenor map {saved} -o {FOLDER / 'map.html'}    # with the texts on hover")


def documents() -> tuple[str, tenor.Corpus, tenor.Corpus]:
    """Training and held-out documents: newsgroup posts where they can be had, else docstrings."""
    name, options = "20newsgroups", {"remove": ("headers", "footers", "quotes")}
    tokenizer = tenor.Tokenizer(stop_words="english", digits="drop")
    rule = tenor.VocabularyRule(max_words=8000)
    try:
        train = tenor.datasets.load(name, "train", tokenizer=tokenizer, rule=rule, **options)
    except SourceError as error:
        print(f"{error}; taking Python's own documentation instead", file=sys.stderr)
        name, options = "python-docs", {}
        train = tenor.datasets.load(name, "train", tokenizer=tokenizer, rule=rule)
    # The words are counted on the training documents alone; held-out ones are read over them.
    test = tenor.datasets.load(
        name, "test", tokenizer=tokenizer, vocabulary=train.vocabulary, **options
    )
    return name, train, test


def heading(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m\n" if sys.stdout.isatty() else f"\n{text}\n", flush=True)


def one_line(text: str, width: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


if __name__ == "__main__":
    main()

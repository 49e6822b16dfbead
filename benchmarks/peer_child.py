"""Child: one peer trains on a prepared corpus, then completes documents or infers many.

    peer_child.py PEER CORPUS OTHER --documents N --iterations I [--infer N]

Without ``--infer`` OTHER holds the documents that completion is judged on; with it, mixtures of
its first N documents are timed.
"""

from __future__ import annotations

import argparse
import time

import watching
from peers import PEERS

import tenor
from tenor.evaluation.completion import halves
from tenor.evaluation.perplexity import perplexity


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("corpus")
    parser.add_argument("other")
    parser.add_argument("--documents", type=int, help="train on the first so many only")
    parser.add_argument("--iterations", type=int, help="passes over the documents")
    parser.add_argument("--infer", type=int, help="time the inference of so many documents")
    asked = parser.parse_args()
    corpus = tenor.Corpus.open(asked.corpus, verify=False)
    peer = PEERS[asked.peer](list(corpus.words))
    bag = corpus.bag[: asked.documents] if asked.documents else corpus.bag
    iterations = asked.iterations or peer.iterations
    watching.stage("documents")
    documents = peer.documents(bag)
    watching.stage("fit")
    began = time.perf_counter()
    peer.fit(documents, iterations)
    seconds = time.perf_counter() - began
    # told now: what follows may exceed the limit
    watching.result(seconds=seconds, iterations=iterations, documents=len(bag))
    del documents
    watching.stage("infer")
    other = tenor.Corpus.open(asked.other, verify=False).bag
    if asked.infer:
        other = other[: asked.infer]
        own = peer.documents(other)
        peer.infer(own[:64])
        began = time.perf_counter()
        peer.infer(own)
        watching.result(infer=time.perf_counter() - began, inferred=len(other))
        return
    first, second = halves(other, seed=0)
    mixtures = peer.infer(peer.documents(first))
    figures = perplexity(peer.log_likelihood(mixtures, second), second.lengths)
    watching.result(corpus=figures.corpus, per_document=figures.per_document)


if __name__ == "__main__":
    main()

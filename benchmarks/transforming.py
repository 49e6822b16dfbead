"""Child of transform.py: tenor's vectors of a prepared corpus, timed inside Python.

transforming.py MODEL CORPUS
"""

from __future__ import annotations

import sys
import time

import watching

import tenor


def main() -> None:
    model, corpus = tenor.load(sys.argv[1]), tenor.Corpus.open(sys.argv[2], verify=False)
    model.transform(corpus[:256])
    watching.stage("infer")
    began = time.perf_counter()
    vectors = model.transform(corpus)
    watching.result(infer=time.perf_counter() - began, inferred=len(vectors))


if __name__ == "__main__":
    main()

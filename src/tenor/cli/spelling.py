"""Which flag was meant: by its name in Python, by what other tools call it, by its spelling."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from tenor.parameters import OFF
from tenor.settings import PARAMETERS

# What the field calls it: scikit-learn, gensim, PyTorch, octis and the like. The first of the flags
# that a verb has is meant.
_SAID = {
    "topics n-topics num-topics nr-topics number-of-topics topics-number ntopics k": ["--topics"],
    "components n-components dim dims dimensions latent-dim latent-size hidden-size vector-size "
    "num-components embedding-dim": ["--components"],
    "lr eta step-size rate learning-rate-init": ["--learning-rate"],
    "epoch num-epochs n-epochs iterations iter n-iter num-iter max-iter passes": ["--epochs"],
    "batch bs minibatch mini-batch-size chunksize": ["--batch-size"],
    "random-state random-seed rng": ["--seed"],
    "samples num-samples n-samples": ["--samples", "--n-samples"],
    "hidden-sizes hidden-layer-sizes hidden layers": ["--encoder-sizes"],
    "val-fraction validation-split val-split early-stopping-fraction": ["--validation-fraction"],
    "early-stopping": ["--patience"],
    "gradient-clipping grad-clip clip max-grad-norm": ["--clip-norm"],
    "output-dir output-folder output-path output-file out out-dir outfile save save-to dest to "
    "model-dir": ["-o"],
    "force clobber replace yes": ["--overwrite"],
    "gpu cuda use-cuda accelerator": ["--device"],
    "text text-col text-field column text-columns body": ["--text-column"],
    "id id-col id-field key ids": ["--id-column"],
    "label labels label-col target category class": ["--label-column"],
    "columns keep-columns": ["--keep"],
    "stopwords stop stop-word stop-words-file": ["--stop-words"],
    "vocab vocab-file dictionary": ["--vocabulary"],
    "vocab-size max-features max-vocab vocabulary-size keep-n": ["--max-words"],
    "min-count min-freq no-below min-cf": ["--min-df"],
    "no-above max-freq": ["--max-df"],
    "accents no-accents": ["--strip-accents"],
    "encoding errors charset": ["--encoding-errors"],
    "sep separator delim field-separator": ["--delimiter"],
    "quotechar quoting quote-char": ["--quote"],
    "header": ["--no-header"],
    "ngrams ngram ngram-range bigrams n-grams collocations phraser": ["--phrases"],
    "tokeniser segmenter analyzer": ["--tokenizer"],
    "input-format file-format filetype file-type": ["--format"],
    "lines line-by-line per-line": ["--documents"],
    "split subset-name": ["--subset"],
    "silent no-progress": ["--quiet"],
    "top-n topn top num-words n-words words top-words": ["-n"],
    "clusters n-clusters num-clusters": ["--clusters"],
    "n-documents sample max-docs": ["--max-documents"],
    "restart restore": ["--resume"],
    "from base init-from checkpoint": ["--continue-from"],
    "format": ["--export"],
}
SYNONYMS = {name: flags for names, flags in _SAID.items() for name in names.split()}
_OFF = {p.name.replace("_", "-"): p.option for p in PARAMETERS if p.kind is OFF}


def meant(flag: str, options: Collection[str]) -> str:
    """What to say of a flag that there is not; "" when nobody can tell what it should be."""
    name = flag.lstrip("-").lower().replace("_", "-")
    if f"--{name}" in options:
        return f", did you mean --{name}?"
    if name in _OFF and _OFF[name] in options and name != "verbose":
        return f": that is so unless you say {_OFF[name]}"
    known = _spellings(options)
    if name not in known:
        # A whole word of a flag is nearer than letters that look alike.
        near = get_close_matches(name, known, n=1, cutoff=0.7)
        near = near or [said for said in known if name in said.split("-")]
        near = near or get_close_matches(name, known, n=1, cutoff=0.6)
        if not near:
            return ""
        name = near[0]
    return f", did you mean {known[name]}?"


def _spellings(options: Collection[str]) -> dict[str, str]:
    """A flag that a verb has, by everything it may be called; its own name goes first."""
    known = {option.lstrip("-"): option for option in options if option.startswith("--")}
    for said, flags in SYNONYMS.items():
        there = [flag for flag in flags if flag in options]
        if there:
            known.setdefault(said, there[0])
    for parameter in PARAMETERS:
        if parameter.option in options and parameter.kind is not OFF:
            known.setdefault(parameter.name.replace("_", "-"), parameter.option)
    return known

# ruff: noqa: E501  (a row of the table is a line, however long)
"""The table of parameters: every one of tenor.NVDM beside its flag, a line each.

The defaults are what the help shows without loading torch; a test compares them with the
constructor's, which hold: a flag that is not given is not passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenor.cli.kinds import (
    FILE,
    LIMIT,
    NUMBER,
    OFF,
    ON,
    SIZES,
    TOPICS,
    WHOLE,
    WORD,
    Kind,
    or_none,
)
from tenor.cli.kinds import choice as one_of


@dataclass(frozen=True)
class Parameter:
    """A constructor parameter and its flag.

    Attributes:
        group: the heading it stands under.
        name: in Python.
        default: the constructor's.
        kind: how it is read.
        meaning: what it is.
        advice: when to change it.
        flag: the name with dashes, unless another is given.
    """

    group: str
    name: str
    default: Any
    kind: Kind
    meaning: str
    advice: str
    flag: str = ""

    @property
    def option(self) -> str:
        """The flag."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        """Whether the flag takes no value."""
        return self.kind in (ON, OFF)


_MODEL, _TOPICS, _TRAINING, _TEXT, _WORDS, _RUN = (
    *("model", "topics", "training", "tokens", "vocabulary", "run"),
)
P = Parameter

# fmt: off
PARAMETERS: tuple[Parameter, ...] = (
    P(_MODEL, "n_components", 50, WHOLE, "latent dimensions: what a document's vector has", "more for large, varied collections", "--components"),
    P(_MODEL, "encoder_sizes", (500, 500), SIZES, "widths of the encoder's hidden layers", "smaller for a few thousand short documents"),
    P(_MODEL, "encoder", "residual", one_of("residual", "plain"), "layer normalisation and skip connections, or the paper's plain layers", "plain to reproduce the paper"),
    P(_MODEL, "activation", "tanh", one_of("tanh", "relu", "softplus", "gelu"), "of the encoder", "rarely"),
    P(_MODEL, "input_transform", "log1p", one_of("counts", "log1p", "l1", "binary", "tfidf"), "what the encoder sees of the counts", "counts to reproduce the paper"),
    P(_MODEL, "dropout", 0.1, NUMBER, "share of the encoder's hidden units dropped in training", "higher for few documents, 0 for very many"),
    P(_MODEL, "generator_sizes", (), SIZES, "widths of hidden layers between latent and words", "one layer, such as 500, for a better likelihood"),
    P(_MODEL, "generator", "beside", one_of("beside", "stacked"), "hidden layers beside the direct linear map, or in its place", "only with generator sizes"),
    P(_MODEL, "generator_dropout", 0.0, NUMBER, "share of the generator's hidden units dropped in training", "only with generator sizes"),
    P(_MODEL, "likelihood", "counts", one_of("counts", "presence"), "how often each word occurs, or only whether", "presence where repetition says little"),
    P(_TOPICS, "n_topics", 50, TOPICS, "topics read out of the model after the fit, at most; auto estimates how many", "any time after the fit as well: they change nothing in the model", "--topics"),
    P(_TRAINING, "epochs", None, or_none(WHOLE), "passes over the training documents, at most; none makes about 2,000 steps", "fewer for a quick look, more for the best likelihood"),
    P(_TRAINING, "batch_size", 200, WHOLE, "documents a step", "larger for hundreds of thousands of documents"),
    P(_TRAINING, "learning_rate", 3e-3, NUMBER, "Adam's highest step size", "lower when the loss is no longer finite"),
    P(_TRAINING, "schedule", "cosine", one_of("cosine", "linear", "constant"), "how the step size falls", "rarely"),
    P(_TRAINING, "warmup", 0.05, NUMBER, "share of all steps over which the step size rises", "rarely"),
    P(_TRAINING, "decoder_rate", 3.0, NUMBER, "how many times faster than the rest the decoder's weights learn", "1 to reproduce the paper"),
    P(_TRAINING, "weight_decay", 0.3, NUMBER, "decoupled decay of the decoder's weights", "0.1 for a better likelihood"),
    P(_TRAINING, "clip_norm", 5.0, or_none(NUMBER), "the gradient's norm is cut to this", "rarely"),
    P(_TRAINING, "n_samples", 1, WHOLE, "posterior samples a document and step", "more for a slower, steadier fit"),
    P(_TRAINING, "kl_warmup", 0, WHOLE, "epochs over which the KL's weight rises to 1", "when few latent dimensions are used"),
    P(_TRAINING, "thinning", 0.1, NUMBER, "training documents are thinned at a random rate from here to 1", "1 to train on whole documents only"),
    P(_TRAINING, "thinning_end", None, or_none(NUMBER), "where that lowest rate goes over the second half of the fit", "1 for a better likelihood"),
    P(_TRAINING, "thinned", "input", one_of("input", "document"), "what is thinned: the encoder's input only, or the document as such", "rarely"),
    P(_TRAINING, "length_weighting", 0.5, NUMBER, "a: a document of N tokens weighs N^-a in the training loss", "0 for the best corpus perplexity, 1 for the best per document"),
    P(_TRAINING, "updates", "joint", one_of("joint", "alternating"), "decoder and encoder together, or in turns", "alternating to reproduce the paper"),
    P(_TRAINING, "alternating_epochs", 1, WHOLE, "epochs a turn lasts when alternating", "only when alternating"),
    P(_TRAINING, "validation_fraction", 0.1, NUMBER, "share of the documents held out to judge epochs by", "0 to train on all of them, for epochs that are known"),
    P(_TRAINING, "patience", 30, or_none(WHOLE), "epochs without a better held-out bound before the fit stops", "none to run all epochs"),
    P(_TEXT, "tokenizer", None, one_of("unicode", "a-z"), "what a token is: words of any script, or [a-z]+; none: unicode, or a prepared corpus's own", "a-z for counts as in the paper; in Python also any function from a text to tokens"),
    P(_TEXT, "lowercase", True, OFF, "lower-case the text first", "where capitals carry meaning", "--no-lowercase"),
    P(_TEXT, "strip_accents", False, ON, "é counts as e", "for text with careless accents"),
    P(_TEXT, "min_token_length", 2, WHOLE, "characters a token has at least", "1 for scripts where a character is a word"),
    P(_TEXT, "max_token_length", None, or_none(WHOLE), "characters a token has at most", "for text full of URLs or base64"),
    P(_TEXT, "digits", "keep", one_of("keep", "drop"), "tokens of digits only stay, or fall away", "drop for logs and tables"),
    P(_TEXT, "stop_words", None, or_none(FILE), "words never counted: none, english, or a file of them", "english to keep them out of the topics"),
    P(_WORDS, "min_df", 5, LIMIT, "documents a word is in at least; a fraction is a share of them", "higher for large corpora, lower for small ones"),
    P(_WORDS, "max_df", 0.5, LIMIT, "documents a word is in at most; a fraction is a share of them", "lower to drop more of the commonest words"),
    P(_WORDS, "max_words", 20_000, or_none(WHOLE), "words at most, the most frequent", "more for large corpora, fewer for speed"),
    P(_WORDS, "vocabulary", None, or_none(FILE), "count the words of this file instead, one a line, in its order", "for columns that must not change; in Python also a list of words"),
    P(_RUN, "keep_documents", True, OFF, "keep the training documents in the model, for docs and map", "where the texts must not travel with the model", "--no-documents"),
    P(_RUN, "device", "auto", WORD, "auto, cpu, cuda, cuda:1, mps", "to choose among several"),
    P(_RUN, "random_state", 0, or_none(WHOLE), "seed of every draw; none takes a new one", "to see how much a result depends on chance", "--seed"),
    P(_RUN, "verbose", False, OFF, "tell how the fit goes; the command does unless --quiet", "to see progress in Python", "--quiet"),
)
# fmt: on

COUNTING = (_TEXT, _WORDS)
FITTING = (_MODEL, _TOPICS, _TRAINING, _TEXT, _WORDS, _RUN)

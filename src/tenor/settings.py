# ruff: noqa: RUF009  (a declaration is a dataclass's field)
"""Every parameter, once: default, values, meaning with its unit, when to change it.

A group is what belongs together; an estimator inherits those it needs and has its constructor
from them, and so do the settings of the training loop and the shape of a network. None of them
checks anything when it is made: :func:`tenor.parameters.check` does.

The defaults are chosen for the document vectors (retrieval and clustering by label) and for
document completion; the preset "likelihood" for the held-out bound. Both were chosen on documents
held out of the training split; docs/decisions/0002-defaults.md tells how.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tenor.checks import shown
from tenor.errors import InputError, ParameterName
from tenor.parameters import (
    COLUMN,
    COLUMNS,
    DELIMITER,
    FILE,
    LIMIT,
    NAME,
    OFF,
    ON,
    QUOTE,
    SEED,
    SIZES,
    SPLIT,
    TEXT_COLUMN,
    TOPICS,
    WHOLE,
    Parameter,
    choice,
    declared,
    number,
    or_callable,
    or_none,
    parameter,
    some_of,
    whole,
)

# Of files: see tenor.sources.formats.
FORMATS = ("csv", "tsv", "jsonl", "json", "txt", "parquet", "html", "pdf", "docx")


# fmt: off
@dataclass(eq=False, repr=False)
class LatentParameters:
    """What every latent variable model has."""

    n_components: int = parameter(50, WHOLE, "latent dimensions: what a document's vector has",
        "more for large, varied collections", flag="--components")


@dataclass(eq=False, repr=False, kw_only=True)
class TopicParameters:
    """What is read out of a model after the fit."""

    n_topics: int | str = parameter(50, TOPICS,
        "topics read out of the model after the fit, at most; auto estimates how many",
        "any time after the fit as well: they change nothing in the model", flag="--topics",
        more="see find_topics")


@dataclass(eq=False, repr=False, kw_only=True)
class EncoderParameters:
    """The inference network."""

    encoder_sizes: Sequence[int] = parameter((500, 500), SIZES,
        "widths of the encoder's hidden layers", "smaller for a few thousand short documents",
        more="() maps the input straight to q")
    encoder: str = parameter("residual", choice("residual", "plain"),
        "layer normalisation and skip connections, or the paper's plain layers",
        "plain to reproduce the paper")
    activation: str = parameter("tanh", choice("tanh", "relu", "softplus", "gelu"),
        "of the encoder", "rarely")
    input_transform: str = parameter("log1p", choice("counts", "log1p", "l1", "binary", "tfidf"),
        "what the encoder sees of the counts", "counts to reproduce the paper")
    dropout: float = parameter(0.1, number("[0, 1)"),
        "share of the encoder's hidden units dropped in training",
        "higher for few documents, 0 for very many")

    def refuse_unfit_encoder(self) -> None:
        """Check that the encoder's parameters go together.

        Raises:
            InputError: when they do not; says what to take.
        """
        sizes = tuple(self.encoder_sizes)
        if self.input_transform == "counts" and (self.activation != "tanh" or not sizes):
            unfit = (ParameterName("activation"), f"={self.activation!r}")
            unbounded = unfit if sizes else ("no hidden layer",)
            bounded = ParameterName("input_transform"), "='log1p' or tanh layers"
            raise InputError("raw counts with ", *unbounded, " can overflow; take ", *bounded)
        if self.encoder == "residual" and len(set(sizes)) > 1:
            said = f"a residual encoder needs equal sizes, not {sizes}; make them equal or take "
            raise InputError(said, ParameterName("encoder"), "='plain'")


@dataclass(eq=False, repr=False, kw_only=True)
class GeneratorParameters:
    """What makes words of a latent vector."""

    generator_sizes: Sequence[int] = parameter((), SIZES,
        "widths of hidden layers between latent and words",
        "one layer, such as 500, for a better likelihood", more="tanh; () is linear")
    generator: str = parameter("beside", choice("beside", "stacked"),
        "hidden layers beside the direct linear map, or in its place", "only with generator sizes")
    generator_dropout: float = parameter(0.0, number("[0, 1)"),
        "share of the generator's hidden units dropped in training", "only with generator sizes")
    likelihood: str = parameter("counts", choice("counts", "presence"),
        "how often each word occurs, or only whether", "presence where repetition says little",
        more="Σ x_v log p_v, or x replaced by min(x, 1)")


@dataclass(eq=False, repr=False, kw_only=True)
class TrainingParameters:
    """How a network is trained."""

    epochs: int | None = parameter(None, or_none(WHOLE),
        "passes over the training documents, at most; none makes about 2,000 steps",
        "fewer for a quick look, more for the best likelihood",
        more="none: 5 at least and 200 at most")
    batch_size: int = parameter(200, WHOLE, "documents a step",
        "larger for hundreds of thousands of documents")
    learning_rate: float = parameter(3e-3, number("(0, inf)"), "Adam's highest step size",
        "lower when the loss is no longer finite")
    schedule: str = parameter("cosine", choice("cosine", "linear", "constant"),
        "how the step size falls", "rarely")
    warmup: float = parameter(0.05, number("[0, 1)"),
        "share of all steps over which the step size rises", "rarely")
    decoder_rate: float = parameter(3.0, number("(0, inf)"),
        "how many times faster than the rest the decoder's weights learn",
        "1 to reproduce the paper")
    weight_decay: float = parameter(0.3, number("[0, inf)"),  # Loshchilov & Hutter 2019
        "decoupled decay of the decoder's weights", "0.1 for a better likelihood")
    clip_norm: float | None = parameter(5.0, or_none(number("(0, inf)")),
        "the gradient's norm is cut to this", "rarely", more="None leaves it")
    n_samples: int = parameter(1, WHOLE, "posterior samples a document and step",
        "more for a slower, steadier fit")
    kl_warmup: int = parameter(0, whole(0), "epochs over which the KL's weight rises to 1",
        "when few latent dimensions are used")
    thinning: float = parameter(0.1, number("(0, 1]"),
        "training documents are thinned at a random rate from here to 1",
        "1 to train on whole documents only",
        more="binomially, anew at every visit, but not below about 5 tokens")
    thinning_end: float | None = parameter(None, or_none(number("(0, 1]")),
        "where that lowest rate goes over the second half of the fit", "1 for a better likelihood",
        more="None: nowhere; 1 closes the encoder's gap")
    # the encoder learns to foretell what is left out: arXiv:1511.06406
    thinned: str = parameter("input", choice("input", "document"),
        "what is thinned: the encoder's input only, or the document as such", "rarely")
    length_weighting: float = parameter(0.5, number("[0, 1]"),
        "a: a document of N tokens weighs N^-a in the training loss",
        "0 for the best corpus perplexity, 1 for the best per document")
    updates: str = parameter("joint", choice("joint", "alternating"),
        "decoder and encoder together, or in turns", "alternating to reproduce the paper")
    alternating_epochs: int = parameter(1, WHOLE, "epochs a turn lasts when alternating",
        "only when alternating")
    validation_fraction: float = parameter(0.1, number("[0, 1)"),
        "share of the documents held out to judge epochs by",
        "0 to train on all of them, for epochs that are known")
    patience: int | None = parameter(30, or_none(WHOLE),
        "epochs without a better held-out bound before the fit stops", "none to run all epochs",
        more="the best weights are restored all the same")


@dataclass(eq=False, repr=False, kw_only=True)
class TokenParameters:
    """How texts are cut; see :class:`tenor.Tokenizer`."""

    tokenizer: str | Callable[[str], list[str]] | None = parameter(
        None, or_none(or_callable(choice("unicode", "icu", "a-z"))),
        "what a token is: words of any script, the same cut further where a script has no blanks, "
        "or [a-z]+; none: unicode, or a prepared corpus's own",
        "icu for Chinese, Japanese, Thai, Khmer; a-z for counts as in the paper; "
        "in Python also any function from a text to tokens")
    lowercase: bool = parameter(True, OFF, "lower-case the text first",
        "where capitals carry meaning", flag="--no-lowercase")
    strip_accents: bool = parameter(False, ON, "é counts as e", "for text with careless accents",
        more="in Latin, Greek and Cyrillic alone; signs of letters, such as ™ and ㎒, are letters")
    min_token_length: int = parameter(2, WHOLE,
        "characters a token has at least; by icu an ideograph is two",
        "1 to keep letters and digits that stand alone")
    max_token_length: int | None = parameter(None, or_none(WHOLE), "characters a token has at most",
        "for text full of URLs or base64")
    digits: str = parameter("keep", choice("keep", "drop"),
        "tokens of digits only stay, or fall away", "drop for logs and tables")
    stop_words: Any = parameter(None, FILE, "words never counted: none, english, or a file of them",
        "english to keep them out of the topics",
        more="or the words themselves; a file is read at once")
    phrases: int = parameter(0, whole(0),
        "pairs of words that stand together more than chance, each counted as one word, at most",
        "1000 or more to have machine learning or new york among the words",
        more="found while counting; see tenor.corpus.phrases")


@dataclass(eq=False, repr=False, kw_only=True)
class VocabularyParameters:
    """Which words count; see :class:`tenor.VocabularyRule`."""

    min_df: int | float = parameter(5, LIMIT,
        "documents a word is in at least; a fraction is a share of them",
        "higher for large corpora, lower for small ones")
    max_df: int | float = parameter(0.5, LIMIT,
        "documents a word is in at most; a fraction is a share of them",
        "lower to drop more of the commonest words")
    max_words: int | None = parameter(20_000, or_none(WHOLE), "words at most, the most frequent",
        "more for large corpora, fewer for speed",
        more="of equally frequent ones those first in the alphabet")
    vocabulary: Any = parameter(None, FILE,
        "count the words of this file instead, one a line, in its order",
        "for columns that must not change; in Python also a list of words",
        more="names the columns of ready counts")


@dataclass(eq=False, repr=False, kw_only=True)
class RunParameters:
    """Where and how a fit runs, and what stays of it."""

    keep_documents: bool = parameter(True, OFF,
        "keep the training documents in the model, for docs and map",
        "where the texts must not travel with the model", flag="--no-documents")
    device: str = parameter("auto", NAME, "auto, cpu, cuda, cuda:1, mps", "to choose among several")
    random_state: Any = parameter(0, SEED, "seed of every draw; none takes a new one",
        "to see how much a result depends on chance", flag="--seed",
        more="an int, a RandomState or None")
    verbose: bool = parameter(False, OFF, "tell how the fit goes; the command does unless --quiet",
        "to see progress in Python", flag="--quiet")


@dataclass(frozen=True, kw_only=True)
class ReadingParameters:
    """How a source is read; see :meth:`tenor.Corpus.read`."""

    text_column: str | tuple[str, ...] | None = parameter(None, TEXT_COLUMN,
        "column of a table that holds the text, or several to join; none: found",
        "where another is taken", more="by name and content; between several comes a blank line")
    id_column: str | None = parameter(None, COLUMN,
        "column of a table that names the documents; none: their row numbers",
        "to know the documents again", more="those of many files are called file:row")
    label_column: str | None = parameter(None, COLUMN, "column of a table that groups them",
        "to measure by, and for pictures")
    format: str | None = parameter(None, or_none(choice(*FORMATS)),
        "what the files are; none: what their names say, and lines on standard input",
        "for standard input, pipes and names that do not say",
        more="of a folder or pattern, those that end so, where any does")
    documents: str | None = parameter(None, or_none(choice("files", "lines")),
        "whether a text file or a line of it is a document; "
        "none: a line of one that is named alone, else a file",
        "where the other is meant")
    split: str | None = parameter(None, SPLIT,
        "cut documents into passages, each a row: at blank lines, or into so many words",
        "where long documents are about several things",
        more='"paragraphs", or such as "200-words"; passages are called DOCUMENT#1, DOCUMENT#2, …, '
        'and their column "document" names it')
    missing_text: str = parameter("empty", choice("empty", "refuse"),
        "a row of a table or a PDF without a text is an empty document, or refused",
        "where every row must have one", more="in CSV an empty field is none")
    delimiter: str = parameter("auto", DELIMITER, "what stands between the fields of a CSV file",
        "where it is not seen", more='"tab" is one')
    quote: str = parameter("auto", QUOTE, "what encloses fields of a CSV file that hold it",
        "none for a file that has quotes and no rule for them",
        more='"auto": double quotes, unless that is doubtful; "none": nothing does')
    header: bool = parameter(True, OFF, "take the first line of a CSV file for names; "
        "columns without names are called 1, 2, 3", "for files without names", flag="--no-header")
    encoding_errors: str = parameter("strict", choice("strict", "replace"),
        "bytes that are no UTF-8 are refused, or replaced", "for damaged text",
        more="by U+FFFD")
    subset: str | None = parameter(None, or_none(choice("train", "test", "all")),
        "part of a data set", "to evaluate on its test part")
    remove: tuple[str, ...] = parameter((), some_of("headers", "footers", "quotes"),
        "parts of 20newsgroups posts to leave out", "as is usual for topics")


@dataclass(frozen=True, kw_only=True)
class KeptParameters:
    """Columns of tables that stay beside the counts, under their own names."""

    keep: tuple[str, ...] = parameter((), COLUMNS,
        "columns of a table to keep: text, numbers, dates, categories", "to select or show by",
        more="see Corpus.column")
    embedding_column: str | None = parameter(None, COLUMN,
        "column of a table with as many numbers in every row", "for models that read one",
        more="kept likewise, as float32")
# fmt: on


class CommonParameters(
    RunParameters, VocabularyParameters, TokenParameters, TrainingParameters, TopicParameters
):
    """What every document model takes."""


@dataclass(eq=False, repr=False)
class CountingParameters(VocabularyParameters, TokenParameters):
    """How texts become counts, without a model."""


def _declared(groups: dict[str, tuple[type, ...]]) -> tuple[Parameter, ...]:
    return tuple(
        known
        for heading, own in groups.items()
        for group in own
        for known in declared(group, heading)
    )


GROUPS: dict[str, tuple[type, ...]] = {
    "model": (LatentParameters, EncoderParameters, GeneratorParameters),
    "topics": (TopicParameters,),
    "training": (TrainingParameters,),
    "tokens": (TokenParameters,),
    "vocabulary": (VocabularyParameters,),
    "run": (RunParameters,),
}
COUNTING = ("tokens", "vocabulary")
OF_A_FIT = ("topics", "training", "run")  # as against what the model is
PARAMETERS = _declared(GROUPS)
SOURCE = _declared({"source": (ReadingParameters,)})
KEPT = _declared({"kept beside the counts": (KeptParameters,)})
READING = (*SOURCE, *KEPT)

# The estimators, by the kind that files and the command name: a class of tenor.estimators.KIND.
MODELS = {"nvdm": "NVDM"}

# The spaces documents are compared in unless another is asked for; 0002-defaults.md tells why.
SIMILARITY_SPACE, CLUSTER_SPACE = "latent", "latent"

PRESETS: dict[str, dict[str, Any]] = {
    "vectors": {},
    "likelihood": {
        "generator_sizes": (256,),
        "weight_decay": 0.1,
        "thinning_end": 1.0,
        "epochs": 100,
        "patience": None,  # the bound falls late, when thinning ends and the steps grow small
    },
}


def preset(name: str) -> dict[str, Any]:
    """The parameters that a preset changes: ``tenor.NVDM(**tenor.preset("likelihood"))``.

    Raises:
        InputError: for a name there is not.
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise InputError(f"there is no preset {shown(name)}; choose one of {', '.join(PRESETS)}")
    return dict(PRESETS[name])


def checked(name: str, value: Any) -> Any:
    """The value of one parameter as it is kept.

    Raises:
        InputError: when it is out of range.
    """
    (known,) = (known for known in (*PARAMETERS, *READING) if known.name == name)
    return known.kind.check(name, value)

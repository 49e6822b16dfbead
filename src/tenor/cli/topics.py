"""What the documents are about: topics read out of the model, which stays as it is.

Each line is a topic: its number, its share of the documents, how much of it comes back when
documents are drawn anew (stability), its words. Flagged topics come last and say why.

--topics finds them again, as many as you like, and --keep makes these the model's. What a person
says of them (--rename, --merge, --split, --drop, --keep-out) is kept beside the model, and --undo
takes the last of it back. --axes lists the latent dimensions instead, which are no topics.
"""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, final

from tenor import checks
from tenor.cli import models, output, source_flags, topic_tables
from tenor.cli.kinds import PLACE, TOPICS, WHOLE
from tenor.cli.models import SHOW, or_named
from tenor.cli.parser import Parser
from tenor.errors import ArtifactError, InputError

if TYPE_CHECKING:
    from tenor.cli.progress import Display
    from tenor.corpus.corpus import Corpus
    from tenor.estimators.base import DocumentModel
    from tenor.model.topics import ModelTopics

    Edit = Callable[[ModelTopics], None]

EXAMPLE = """
tenor topics news
tenor topics news --topic 3                     # one topic: its words and documents
tenor topics news --topics 20 --keep
tenor topics news --topics auto                 # estimates how many, and shows the estimates
tenor topics news --rename 3=space --merge 3,7
tenor topics news --by label --plot shares.png
tenor topics news --tree
tenor topics news --export pyldavis -o news.json
"""
SHOWN = ("axes", "tree", "by", "export")
UNMEASURED = ("tree", "by", "export")  # answers that show no figures of topics


@final
class _Hand(argparse.Action):
    """Takes down what a person says, in the order it is said; ``const`` does it to topics."""

    def __call__(
        self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None
    ) -> None:
        said: Edit = partial(self.const, values)
        namespace.edits = (*namespace.edits, said)


def declare(parser: Parser) -> None:
    """Add the model, what to show of it, and what a person says."""
    models.declare(parser)
    about = "documents to show the topics by, and to find them in where none are kept"
    source_flags.declare_sources(parser, about, optional=True)
    add = parser.add_argument
    models.declare_count(parser, "words a topic")
    add("--topic", type=WHOLE.read, metavar="ID", help="one topic: words, figures, documents")
    add("--axes", action="store_true", help="the words at both ends of every latent dimension")
    add("--tree", action="store_true", help="topics of topics: coarse, the topics, fine")
    add("--by", choices=["label"], metavar="label", help="shares of the documents of every label")
    add("--plot", type=PLACE.read, metavar="FILE", help="draw --by, or what auto estimates")
    about = "write for another: pyldavis, octis or topicwizard"
    add("--export", type=_format, metavar="TOOL", help=about)
    add("-o", "--output", type=PLACE.read, metavar="PATH", help="where --export writes")
    about = "replace the file that --plot or --export names"
    add("--overwrite", action="store_true", help=about)
    add("-q", "--quiet", action="store_true", help="do not tell how it goes")
    finding = parser.add_argument_group("find again")
    add = finding.add_argument
    add("--topics", type=TOPICS.read, metavar=TOPICS.placeholder, help="so many, or auto")
    add(
        "--seed-words",
        type=_seeds,
        action="append",
        default=[],
        metavar="NAME=WORD,WORD",
        help="a topic that begins with these words and holds them",
    )
    add("--free-seeds", action="store_true", help="seed words only start their topic")
    add("--keep", action="store_true", help="make these the model's topics")
    _declare_hand(parser)
    models.declare_device(parser)
    source_flags.declare(parser, but=("split",))  # which is of a topic here
    parser.set_defaults(refuse=parser.error)


def _declare_hand(parser: Parser) -> None:
    """What a person says of topics."""
    said = parser.add_argument_group(
        "a person's hand, kept beside the model", "done in the order given"
    )

    def add(flag: str, do: Callable[[Any, ModelTopics], None], about: str, **rest: Any) -> None:
        said.add_argument(
            flag, action=_Hand, dest="edits", default=(), const=do, help=about, **rest
        )

    add("--rename", lambda v, t: t.rename(*v), "name a topic", type=_named, metavar="ID=NAME")
    add("--merge", lambda v, t: t.merge(v), "make them one", type=_ids, metavar="ID,ID")
    about = "make two of a topic, or N"
    add("--split", lambda v, t: t.split(*v), about, type=_parts, metavar="ID[=N]")
    add("--drop", lambda v, t: t.drop(v), "do without a topic", type=WHOLE.read, metavar="ID")
    about = "let no topic show these words"
    add("--keep-out", lambda v, t: t.keep_out(v), about, type=_words, metavar="WORD,WORD")
    about = "take the last of these back; twice: two"
    add("--undo", lambda _, t: t.undo(), about, nargs=0)


def run(options: argparse.Namespace) -> None:
    """Find, edit, keep, show: what cannot be done or shown leaves the model as it was."""
    _check(options)
    checks.whole("-n", options.n)
    if options.axes:
        model = models.open_model(options)
        _print(topic_tables.latent_axes(model.top_words(options.n), options.json), options)
        return
    with ExitStack() as held:
        refused = _claim(options, held)
        _show(options, models.open_model(options), refused)


def _claim(options: argparse.Namespace, held: ExitStack) -> ArtifactError | None:
    """Keep others from what is written, until the end.

    Topics that are kept because there are none yet are only kept if they can be: what says no.
    """
    from tenor.model.artifact import read_config
    from tenor.model.topic_files import editing
    from tenor.storage.claim import Claim

    folder = checks.path(options.model)
    read_config(folder)  # says what is wrong with it, before anything is written there
    try:
        if options.edits or _to_keep(options):
            held.enter_context(editing(folder))
    except ArtifactError as error:
        if options.edits or options.keep:
            raise
        return error
    if options.plot:
        held.enter_context(Claim("tenor topics", checks.path(options.plot)))
    return None


def _show(options: argparse.Namespace, model: DocumentModel, refused: ArtifactError | None) -> None:
    from tenor.cli.progress import display

    with or_named(SHOW), display(options.quiet) as shown:
        documents = _documents(options, model, shown)
        topics = _topics(options, model, documents, shown)
        for edit in options.edits:
            edit(topics)
        if _to_keep(options) or not any(getattr(options, name) for name in UNMEASURED):
            topics.measure(shown.steps)
    with or_named(SHOW):
        answer, *notes = _answer(options, model, topics)
    _keep(options, topics, refused)
    for line in topics.lost:
        output.note(line)
    if options.json and documents is not None:
        read, known = documents.origin, documents.coverage
        answer |= {"read": read.to_json(), "coverage": known.to_json()}
    _print(answer, options)
    for line in notes:
        output.note(line)


def _print(answer: Any, options: argparse.Namespace) -> None:
    if options.json:
        output.print_json(answer)
    else:
        output.show(*answer)


def _check(options: argparse.Namespace) -> None:
    edited, again = bool(options.edits), _again(options)
    if options.keep and not again:
        options.refuse("--keep keeps topics that are found again; say how many with --topics")
    if sum(bool(getattr(options, name)) for name in SHOWN) + (options.topic is not None) > 1:
        options.refuse("--topic, --axes, --tree, --by and --export are answers of their own: one")
    if options.axes and (edited or again or options.source):
        options.refuse("--axes lists latent dimensions; topics have nothing to do with them")
    if edited and again and not options.keep:
        options.refuse("edits are of the model's own topics; add --keep to make these its own")
    if options.free_seeds and not options.seed_words:
        options.refuse("--free-seeds says what --seed-words do; give some")
    if options.plot and not (options.by or options.topics == "auto"):
        options.refuse("--plot draws --by label, or what --topics auto estimates")
    if bool(options.export) != bool(options.output):
        options.refuse("--export and -o go together: what to write, and where")
    if source_flags.given(options) and not options.source:
        options.refuse("which documents? flags of a source need a SOURCE")
    if options.plot:
        from tenor.explore.pictures import checked_path

        checked_path(options.plot, "a picture of topics", options.overwrite)
    if options.export:
        from tenor.topics.export import check_target

        check_target(options.export, checks.path(options.output), options.overwrite)


def _again(options: argparse.Namespace) -> bool:
    """Whether topics are found again: when asked for, or in a source where none are kept."""
    asked = options.topics is not None or bool(options.seed_words)
    return asked or (bool(options.source) and (options.keep or not _are_kept(options)))


def _are_kept(options: argparse.Namespace) -> bool:
    from tenor.model.topic_files import FOLDER

    return (checks.path(options.model) / FOLDER).exists()


def _to_keep(options: argparse.Namespace) -> bool:
    """Whether these topics become the model's: it was asked for, or it has none yet."""
    return options.keep or not (_again(options) or _are_kept(options))


def _documents(options: argparse.Namespace, model: DocumentModel, shown: Display) -> Corpus | None:
    """Those of the source, where one is named."""
    from tenor.model.inputs import read_documents

    documents = None
    if options.source:
        documents = read_documents(model.trained_, source_flags.source_of(options), shown.reading)
        shown.read(documents.origin, model.trained_)
    if options.by:
        _check_labels(model, documents)
    return documents


def _topics(
    options: argparse.Namespace, model: DocumentModel, documents: Corpus | None, shown: Display
) -> ModelTopics:
    """Found again, or the model's own, beside other documents where there are any."""
    if not _again(options):
        own = model.topics_
        return own if documents is None else own.with_documents(documents)
    seeds: dict[str, list[str]] = {}
    for name, words in options.seed_words:
        seeds.setdefault(name, []).extend(words)
    return model.find_topics(
        options.topics,
        seed_words=seeds,
        hold=not options.free_seeds,
        documents=documents,
        progress=shown.steps,
    )


def _check_labels(model: DocumentModel, documents: Corpus | None) -> None:
    """Refuse documents without labels before topics are found in them."""
    if documents is not None:
        labels = documents.strings("label")
        if labels is None or not any(labels):
            raise InputError("the documents have no labels; name their column with --label-column")
    elif model.documents_ is not None and not any(model.documents_.labels):
        raise InputError(
            "the model's documents have no labels; fit documents with a --label-column, "
            "or name some that have: tenor topics MODEL SOURCE"
        )


def _answer(options: argparse.Namespace, model: DocumentModel, topics: ModelTopics) -> list[Any]:
    """What is asked for, as JSON or as parts to show, and notes beside it."""
    as_json = options.json
    if options.export:
        exported = topics.export(options.export, options.output, options.overwrite)
        path = str(exported.path)
        return [{"written": [path]} if as_json else [path], exported.note]
    if options.by:
        shares = topics.shares()
        if options.plot:
            from tenor.topics.shares_plot import draw_shares

            draw_shares(shares, topics.names, options.plot, overwrite=True)
        return [topic_tables.topic_shares(shares, topics.names, as_json)]
    if options.tree:
        return [topic_tables.topic_tree(topics.tree(), model.vocabulary_, as_json)]
    if options.topic is not None:
        return [topic_tables.one_topic(topics, options.topic, options.n, as_json)]
    if options.plot and topics.found.number is not None:
        from tenor.topics.number_plot import draw_curve

        draw_curve(topics.found.number, options.plot, overwrite=True)
    return [topic_tables.all_topics(topics, options.n, as_json)]


def _keep(options: argparse.Namespace, topics: ModelTopics, refused: ArtifactError | None) -> None:
    """Write what is to be kept into the model's folder."""
    from tenor.model.artifact import read_config
    from tenor.model.topic_files import write_edits, write_kept

    folder, kept = checks.path(options.model), _to_keep(options)
    try:
        if kept or options.edits:
            digest = topics.trained.digest()
            if refused is not None:
                raise refused
            if read_config(folder).get("digest", digest) != digest:
                raise ArtifactError(f"{folder} holds another model than a moment ago")
        if kept:
            write_kept(folder, topics.found, digest, topics.edits)
        elif options.edits:
            write_edits(folder, topics.edits)
    except ArtifactError as error:
        if options.keep or options.edits:
            raise
        output.note(f"the topics are found anew each time: {error}")


def _named(text: str) -> tuple[int, str]:
    topic, equals, name = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r} is no ID=NAME")
    return WHOLE.read(topic), name


def _ids(text: str) -> list[int]:
    return [WHOLE.read(part) for part in text.split(",")]


def _parts(text: str) -> tuple[int, int]:
    topic, _, parts = text.partition("=")
    return WHOLE.read(topic), WHOLE.read(parts) if parts else 2


def _words(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ArgumentTypeError(f"{text!r} is no WORD,WORD")
    return words


def _seeds(text: str) -> tuple[str, list[str]]:
    name, equals, words = text.partition("=")
    if not equals or not name.strip():
        raise ArgumentTypeError(f"{text!r} is no NAME=WORD,WORD")
    return name.strip(), _words(words)


def _format(text: str) -> str:
    from tenor.topics.export import SUFFIXES  # NumPy, which --help does without

    if text not in SUFFIXES:
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(SUFFIXES)}")
    return text

"""Train a model on documents, or go on with a fit that was stopped."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tenor import checks
from tenor.cli import output, parameters, source_flags
from tenor.cli.kinds import PLACE, WHOLE, choice
from tenor.cli.parser import Parser
from tenor.errors import TenorError
from tenor.settings import MODELS, PRESETS, preset

if TYPE_CHECKING:
    from pathlib import Path

    from tenor.cli.progress import Display
    from tenor.estimators.base import DocumentModel

EXAMPLE = """
tenor fit 20newsgroups --remove headers,footers,quotes -o news
tenor fit reviews.csv --text-column review --label-column stars -o reviews --topics 30
cat lines.txt | tenor fit - -o lines --min-df 3 --stop-words english
tenor fit --resume news        # after Ctrl-C or a crash; ends as if never stopped
tenor fit more.csv --continue-from reviews -o reviews-2 --epochs 5
"""

CHECKPOINT_EVERY = 10  # epochs
SLOW = (
    "tenor was installed without its compiled kernels, so training takes up to twice as long; "
    "install it again where a C compiler with OpenMP is"
)


def declare(parser: Parser) -> None:
    """Add the flags: where from, where to, and every parameter of the model."""
    source_flags.declare_sources(parser, "documents; see tenor --help", optional=True)
    add = parser.add_argument
    add("-o", "--output", type=PLACE.read, metavar="MODEL", help="the folder to write into")
    add("--resume", type=PLACE.read, metavar="MODEL", help="go on with this folder's fit instead")
    about = "start from this finished model and its words; flags of the training may differ"
    add("--continue-from", type=PLACE.read, metavar="MODEL", help=about)
    kind = choice(*MODELS)
    about = "kind of model (nvdm)"
    add("--model", type=kind.read, default="nvdm", metavar=kind.placeholder, help=about)
    names = choice(*PRESETS)
    about = "settings for the best vectors (the default) or the best held-out likelihood"
    add("--preset", type=names.read, metavar=names.placeholder, help=about)
    add("--overwrite", action="store_true", help="replace what is in the folder")
    about = "epochs between checkpoints (10)"
    add("--checkpoint-every", type=WHOLE.read, metavar="EPOCHS", help=about)
    add("-q", "--quiet", action="store_true", help="do not tell how the fit goes")
    source_flags.declare(parser, keeps=True)
    parameters.declare(parser)
    parser.set_defaults(refuse=parser.error)


def run(options: argparse.Namespace) -> None:
    """Fit, then say what came out."""
    _check(options)
    folder = checks.path(options.resume or options.output)
    from tenor.cli.progress import display

    try:
        with display(options.quiet) as shown:
            _fit(options, folder, shown)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(_how_to_go_on(folder, str(stop))) from stop
    _report(options, folder)


def _check(options: argparse.Namespace) -> None:
    if options.resume is None:
        if not options.source:
            options.refuse("which documents? name a SOURCE, or a folder to --resume")
        if options.output is None:
            options.refuse("where to? name a folder with -o MODEL")
        if options.checkpoint_every is not None and options.checkpoint_every < 1:
            options.refuse("--checkpoint-every must be at least 1")
        return
    alone = ("source", "output", "overwrite", "checkpoint_every", "preset", "continue_from")
    if (
        any(getattr(options, name) for name in alone)
        or parameters.given(options)
        or source_flags.given(options)
    ):
        options.refuse("--resume stands alone: source and settings are in the folder")


def _fit(options: argparse.Namespace, folder: Path, shown: Display) -> DocumentModel:
    from tenor import runs
    from tenor.estimators.loading import make_estimator

    told: dict[str, Any] = {
        "watcher": shown.watcher(),
        "on_progress": shown.reading,
        "on_read": shown.read,
        "on_topics": shown.steps,
    }
    if options.resume is not None:
        return runs.resume(folder, **told)
    chosen = preset(options.preset) if options.preset else {}
    chosen |= parameters.given(options)
    _tell_of_speed(chosen.get("device", "auto"), shown)
    source = source_flags.source_of(options)
    told["checkpoint_every"] = options.checkpoint_every or CHECKPOINT_EVERY
    told["overwrite"] = options.overwrite
    if options.continue_from is not None:
        base = checks.path(options.continue_from)
        return runs.start_from(base, chosen, source, folder, **told)
    return runs.start(make_estimator(options.model, chosen), source, folder, **told)


def _tell_of_speed(device: str, shown: Display) -> None:
    from tenor.kernels import COMPILED
    from tenor.training.world import choose_device

    if not COMPILED and choose_device(device).type == "cpu":
        shown.note(SLOW)


def _how_to_go_on(folder: Path, when: str) -> str:
    """Where a stopped fit stands; nothing is there when it had not begun to train."""
    from tenor.model.description import UNFINISHED, describe

    try:
        facts = describe(folder)
    except TenorError:
        return "stopped before the training began; nothing was written"
    if facts["what"] != UNFINISHED:
        return "stopped"
    when = when or f"stopped at epoch {facts['epochs_done'] + 1}"
    return f"{when}; go on with: tenor fit --resume {folder}"


def _report(options: argparse.Namespace, folder: Path) -> None:
    from tenor.cli.info import show_model
    from tenor.model.description import describe

    facts = describe(folder)
    if options.json:
        output.print_json(facts)
        return
    show_model(facts, settings=False)
    for line in facts["lost_edits"]:
        output.note(line)
    output.note(f"next: tenor topics {folder}   tenor map {folder} -o map.html")

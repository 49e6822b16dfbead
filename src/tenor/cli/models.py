"""What verbs that read a model have in common: its folder, flags, and what is said of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tenor.cli.kinds import PLACE, WHOLE, choice
from tenor.errors import InputError

if TYPE_CHECKING:
    from tenor.estimators.base import DocumentModel

SHOW = "tenor topics MODEL SOURCE"  # shows kept topics by the documents of a source …
KEEP = f"{SHOW} --keep"  # … and this finds topics there, which stay


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the argument and the device it runs on."""
    about = "a folder that tenor fit made"
    parser.add_argument("model", type=PLACE.read, metavar="MODEL", help=about)


def declare_device(parser: argparse.ArgumentParser) -> None:
    """Add the device, for verbs that run the network."""
    about = "auto, cpu, cuda, cuda:1, mps (auto)"
    parser.add_argument("--device", default="auto", metavar="NAME", help=about)


def declare_count(parser: argparse.ArgumentParser, what: str) -> None:
    """Add -n."""
    parser.add_argument("-n", type=WHOLE.read, default=10, metavar="N", help=f"{what} (10)")


def declare_space(parser: argparse.ArgumentParser) -> None:
    """Add the space documents are compared in."""
    from tenor.settings import SIMILARITY_SPACE

    space = choice("latent", "metric", "logits", "smoothed")
    about = (
        "compare documents by their latent vectors, these scaled by how strongly the decoder "
        "reacts, the decoder's logits weighted by idf, or the latent vectors smoothed over the "
        f"documents near them ({SIMILARITY_SPACE})"
    )
    parser.add_argument("--space", type=space.read, metavar=space.placeholder, help=about)


def open_model(options: argparse.Namespace) -> DocumentModel:
    """The model the options name."""
    from tenor.estimators.loading import load

    return load(options.model, device=getattr(options, "device", "cpu"))


@contextmanager
def or_named(command: str) -> Iterator[None]:
    """Say by which command documents are named where a model keeps none, not how Python does it."""
    from tenor.model.discovery import NOT_KEPT

    try:
        yield
    except InputError as error:
        if str(error) != NOT_KEPT:
            raise
        raise InputError(f"{NOT_KEPT.partition(';')[0]}; name some: {command}") from error

"""The data sets: their names and subsets, and the documents of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenor.checks import listed, one_of
from tenor.errors import InputError, ParameterName
from tenor.sources import newsgroups, python_docs
from tenor.sources.columns import RawDocument

SUBSETS = ("train", "test", "all")
_DEFAULT_SUBSET = {"20newsgroups": "train", "nvdm-20news": "train", "python-docs": "all"}


def names() -> list[str]:
    """The names of the data sets."""
    return list(_DEFAULT_SUBSET)


def documents(name: str, subset: str, remove: tuple[str, ...]) -> Iterator[RawDocument]:
    """The documents of a checked subset, in order."""
    if name == "python-docs":
        return python_docs.documents(subset)
    if name == "nvdm-20news":
        posts = newsgroups.documents(subset)  # without headers: what follows the first blank line
        return (post._replace(text=post.text.partition("\n\n")[2]) for post in posts)
    return newsgroups.documents(subset, remove)


def checked_subset(name: str, subset: str | None, remove: Sequence[str]) -> str:
    """The subset, or the usual one for None."""
    if not isinstance(name, str) or name not in _DEFAULT_SUBSET:
        raise InputError(f'there is no data set "{name}"; there are: {", ".join(names())}')
    if subset is None:
        subset = _DEFAULT_SUBSET[name]
    one_of("subset", subset, SUBSETS)
    known = ("headers", "footers", "quotes")
    if isinstance(remove, str) or not all(part in known for part in listed("remove", remove)):
        said = f" takes a list of any of {', '.join(known)}, not {remove!r}"
        raise InputError(ParameterName("remove"), said)
    if len(remove) and name != "20newsgroups":
        raise InputError(f"{name} has nothing to remove; leave ", ParameterName("remove"), " out")
    return subset

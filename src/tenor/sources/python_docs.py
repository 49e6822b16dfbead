"""The docstrings of the running Python's own standard library: real text that is always there.

The sources are parsed, never imported. A document is the docstring of a module, class, function
or method with a public name; where a name is defined twice, the first docstring counts.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

from tenor.errors import SourceError
from tenor.sources.columns import RawDocument
from tenor.text.decoding import storable

_LEFT_OUT = {
    "test", "tests", "idle_test", "idlelib", "lib2to3", "turtledemo",
    "site-packages", "dist-packages", "__pycache__", "_bundled", "__phello__",
}  # fmt: skip
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def documents(subset: str) -> Iterator[RawDocument]:
    """The docstrings of "train", "test" or "all", sorted by module and then as written."""
    library = Path(sysconfig.get_path("stdlib"))
    seen: set[str] = set()
    for path in _sources(library):
        for name, text in _docstrings(path, _module_name(path, library)):
            if name not in seen and _is_public(name) and subset in ("all", _subset_of(name)):
                yield RawDocument(name, storable(text), name.partition(".")[0], f"{path}: {name}")
            seen.add(name)
    if not seen:
        raise SourceError(f"python-docs: this Python has no library sources in {library}")


def _sources(library: Path) -> list[Path]:
    """The modules of the library, in the order of their names."""
    found: list[Path] = []
    for place, folders, files in os.walk(library):
        folders[:] = [name for name in folders if _is_library(name)]
        found += [Path(place, name) for name in files if name.endswith(".py") and _is_library(name)]
    return sorted(found, key=lambda path: path.relative_to(library).with_suffix("").parts)


def _is_library(name: str) -> bool:
    return name not in _LEFT_OUT and not name.startswith(("config-", "lib-", "_sysconfig", "."))


def _module_name(path: Path, library: Path) -> str:
    parts = path.relative_to(library).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _docstrings(path: Path, module: str) -> Iterator[tuple[str, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in old modules
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return  # templates and broken files are no documents
    yield from _of_definition(tree, module)


def _of_definition(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """The docstring of a module, class or function, then those of what is defined inside."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text and text.strip():
            yield name, text
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            yield from _of_definition(child, f"{name}.{child.name}")
        elif isinstance(child, ast.If | ast.Try | ast.With):  # definitions by platform or version
            yield from _of_definition(child, name)


def _is_public(name: str) -> bool:
    """Whether no part of a name is private; __init__ and the like are not."""
    return not any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def _subset_of(name: str) -> str:
    """A fixed fifth of the names is for testing; it does not change with the Python version."""
    return "test" if hashlib.sha256(name.encode()).digest()[0] % 5 == 0 else "train"

"""Word's .docx: paragraphs, tables, text boxes and notes in their order; a blank line between."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from tenor.sources.extracting import extracting, refuse_larger
from tenor.sources.opening import File

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT, _PARAGRAPH, _FALLBACK = (
    f"{_W}t",
    f"{_W}p",
    ("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"),
)
_BETWEEN = {
    _PARAGRAPH: "\n\n",
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}
_NOTES = ("/footnotes", "/endnotes")
_MOST, _MOST_OF_ALL = 1 << 26, 1 << 29  # bytes of markup, and with pictures


def text(file: File, errors: str) -> str:
    """The text of a document; "" where it has none."""
    with extracting(file, "Word document") as opened:
        return re.sub(r"\n{3,}", "\n\n", "".join(_pieces(opened, str(file)))).strip()


def _pieces(opened: IO[bytes], where: str) -> Iterator[str]:
    import docx
    from docx.oxml import parse_xml

    with zipfile.ZipFile(opened) as packed:
        parts = packed.infolist()
    refuse_larger(sum(p.file_size for p in parts if not _is_media(p.filename)), _MOST, where)
    refuse_larger(sum(p.file_size for p in parts), _MOST_OF_ALL, where)
    opened.seek(0)
    document = docx.Document(opened)
    yield from _of(document.element.body)
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(_NOTES):
            yield from _of(parse_xml(relation.target_part.blob))


def _is_media(name: str) -> bool:
    return not name.lower().endswith((".xml", ".rels"))


def _of(root: Any) -> Iterator[str]:
    for again in list(root.iter(_FALLBACK)):  # the same text, for older programs
        again.getparent().remove(again)
    for element in root.iter(_TEXT, *_BETWEEN):
        yield _BETWEEN.get(element.tag) or element.text or ""

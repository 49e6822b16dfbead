"""HTML: what a reader of the page sees, without menus and forms; a blank line between blocks."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Mapping
from typing import final

from tenor.errors import SourceError
from tenor.sources.extracting import extracting, refuse_larger
from tenor.sources.opening import File
from tenor.text.decoding import REPLACING, decode

_UNSEEN = (
    *("head", "script", "style", "template", "noscript", "nav", "svg", "iframe", "object", "audio"),
    *("video", "canvas", "button", "select", "textarea", "datalist", "dialog"),
)
_BLOCK, _LINE = "\u2029", "\u2028"  # Unicode's own separators of paragraphs and lines
_BLOCKS = (
    *("address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "div"),
    *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table"),
    *("td", "th", "tr", "ul", "nav", "dialog", "button", "select", "textarea"),
)
_BEFORE = {**dict.fromkeys(_BLOCKS, _BLOCK), "br": _LINE}
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MOST = 1 << 25  # bytes of a page; the standard of HTML itself has 15 million
_LOOKED_AT = 4096  # bytes, for what the page says of its encoding
_SAYS = re.compile(
    rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_MEANT = {  # by the standard of HTML, whatever the name says
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii"), "cp1252"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-8"),  # else it could not be read
    "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-9": "cp1254", "shift_jis": "cp932",
}  # fmt: skip


def text(file: File, errors: str) -> str:
    """The text of a page; "" where it has none."""
    with extracting(file, "HTML") as opened:
        data = opened.read(_MOST + 1)
        refuse_larger(len(data), _MOST, str(file))
        return _seen(_decoded(data, str(file), errors))


def _decoded(data: bytes, where: str, errors: str) -> str:
    """By its byte order mark, else by what it says, else UTF-8."""
    for mark, named in _BOMS.items():
        if data.startswith(mark):
            return _by(named, data, where, errors)
    said = _SAYS.search(data[:_LOOKED_AT])
    if said is None:
        return decode(data, where, errors)
    name = (said[1] or said[2]).decode("ascii", "replace").lower()
    try:
        return _by(_MEANT.get(name, name), data, where, errors)
    except LookupError:  # no encoding of text has such a name
        return decode(data, where, errors)


def _by(encoding: str, data: bytes, where: str, errors: str) -> str:
    try:
        return data.decode(encoding, errors).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{where} says it is {encoding}, and is not at byte {error.start}; "
            "mend it, or read it with ",
            REPLACING,
        ) from error


def _seen(page: str) -> str:
    from lxml import etree

    if not page.strip():
        return ""
    parser = etree.HTMLParser(target=_Seen(), encoding="utf-8", huge_tree=True, no_network=True)
    found: str = etree.fromstring(page.encode("utf-8", "replace"), parser)
    found = re.sub(r"[ \t\n\r\f]+", " ", found)
    found = re.sub(f"{_BLOCK}[ {_LINE}{_BLOCK}]*", "\n\n", found)
    return re.sub(r" *\n *", "\n", found.replace(_LINE, "\n")).strip()


@final
class _Seen:
    """What is told of a page, an element after the other, so that no tree of it is made.

    It keeps the text in its order, with a mark where a block begins or ends and where a line does.
    """

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._unseen = 0  # so many elements are open that are not shown

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unseen or tag in _UNSEEN or "hidden" in attributes:
            self._unseen += 1
        else:
            self._text.write(_BEFORE.get(tag, ""))

    def end(self, tag: str) -> None:
        self._unseen = max(self._unseen - 1, 0)
        if not self._unseen and tag in _BLOCKS:
            self._text.write(_BLOCK)

    def data(self, text: str) -> None:
        if not self._unseen:
            self._text.write(text)

    def close(self) -> str:
        return self._text.getvalue()

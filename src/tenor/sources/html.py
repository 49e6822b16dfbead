"""HTML: what a reader of the page sees, without menus and forms; a blank line between blocks."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from tenor.errors import SourceError
from tenor.sources.extracting import extracting, refuse_larger
from tenor.sources.opening import File
from tenor.text.decoding import REPLACING, decode

_UNSEEN = (
    *("script", "style", "template", "noscript", "nav", "svg", "iframe", "object", "audio"),
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
        return _seen(_decoded(data, str(file), errors), str(file))


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


def _seen(page: str, where: str) -> str:
    body = _parsed(page, where)
    if body is None:
        return ""
    found = re.sub(r"[ \t\n\r\f]+", " ", "".join(_pieces(body)))
    found = re.sub(f"{_BLOCK}[ {_LINE}{_BLOCK}]*", "\n\n", found)
    return re.sub(r" *\n *", "\n", found.replace(_LINE, "\n")).strip()


def _pieces(body: Any) -> Iterator[str]:
    """The text in its order, with a mark where a block begins or ends and where a line does."""
    from lxml import etree

    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        is_unseen = element.tag in _UNSEEN or element.get("hidden") is not None
        if event == "end":
            yield _BLOCK if element.tag in _BLOCKS else ""
            yield (element.tail or "") if element is not body else ""
        elif is_unseen:
            walk.skip_subtree()
        else:
            yield _BEFORE.get(element.tag, "")
            yield element.text or ""


def _parsed(page: str, where: str) -> Any:
    """The body; None where there is none."""
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    root = etree.fromstring(page.encode("utf-8", "replace"), parser) if page.strip() else None
    if any(fault.level_name == "FATAL" for fault in parser.error_log):
        raise SourceError(f"{where}: the HTML is nested too deep to be read; leave it out")
    return None if root is None else root.find("body")

"""HTML: what a reader of the page sees, without menus and forms; a blank line between blocks."""

from __future__ import annotations

import codecs
import re
from typing import Any

from tenor.errors import SourceError
from tenor.sources.extracting import extracting
from tenor.sources.opening import File
from tenor.text.decoding import LONGEST, REPLACING, decode, refuse_longer

_UNSEEN = (
    *(
        "script",
        "style",
        "template",
        "noscript",
        "nav",
        "svg",
        "iframe",
        "object",
        "audio",
        "video",
    ),
    *("canvas", "button", "select", "textarea", "datalist", "dialog"),
)
_BLOCKS = (
    *("address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "div"),
    *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table"),
    *("td", "th", "tr", "ul"),
)
_BLOCK, _LINE = "\u2029", "\u2028"  # Unicode's own separators of paragraphs and lines
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
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
        data = opened.read(LONGEST + 1)
        refuse_longer(len(data), str(file))
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
    for hidden in body.xpath(".//*[@hidden]"):
        hidden.tag = _UNSEEN[0]
    _strip(body)
    for line in body.iter("br"):
        line.tail = _LINE + (line.tail or "")
    for block in body.iter(*_BLOCKS):
        block.text = _BLOCK + (block.text or "")
        block.tail = _BLOCK + (block.tail or "")
    found = re.sub(r"[ \t\n\r\f]+", " ", "".join(body.itertext()))
    found = re.sub(f"{_BLOCK}[ {_LINE}{_BLOCK}]*", "\n\n", found)
    return re.sub(r" *\n *", "\n", found.replace(_LINE, "\n")).strip()


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


def _strip(body: Any) -> None:
    from lxml import etree

    etree.strip_elements(body, *_UNSEEN, with_tail=False)

"""What users' data look like where it is read: no sign that a terminal obeys is sent as it is."""

from __future__ import annotations

import json
import re
from typing import Any

# C0 and C1, the ends of lines and paragraphs, signs that turn the direction of writing, tags, and
# half surrogate pairs, which no encoding knows. Joiners stay: words of many scripts hold them.
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HALVES = re.compile("[\ud800-\udfff]")


def legible(text: str) -> str:
    """The text in one line, signs that are obeyed rather than shown as their escapes."""
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def json_for_files(value: Any, indent: int | None = None, **how: Any) -> str:
    """JSON that UTF-8 can hold: half surrogate pairs, as in names of files, are escaped."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, **how)
    return _HALVES.sub(_json_escape, text)


def json_for_screens(value: Any, encoding: str | None) -> str:
    """JSON for whoever reads it, a terminal as well; all in ASCII where the encoding knows less."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    lines = (_CONTROLS.sub(_json_escape, line) for line in text.split("\n"))
    text = "\n".join(lines)
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(value, indent=2, allow_nan=False)
    return text


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]

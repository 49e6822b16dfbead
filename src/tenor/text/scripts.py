"""Whether texts are in scripts that put no blanks between words, and what to do then."""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tenor.errors import ParameterName, TenorWarning
from tenor.text.segmenting import BURMESE, HAN, KANA, KHMER, LAO, THAI
from tenor.text.tokenizer import Tokenizer

_SAMPLE, _LENGTH = 2048, 128  # documents, spread evenly, and letters looked at of each
_LEAST, _ENOUGH = 0.05, 100  # share and number of letters: less may be quotations
_KANA = 0.1  # of the letters of Chinese and Japanese, in Japanese
_TIBETAN = "Tibetan"  # no dictionary of ICU
_SCRIPTS = {
    "Chinese": HAN,
    "Japanese": KANA,
    "Thai": THAI,
    "Lao": LAO,
    "Khmer": KHMER,
    "Burmese": BURMESE,
    _TIBETAN: "\u0f40-\u0fbc",
}
_OF = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_OTHER = re.compile(rf"[^\W\d_{''.join(_SCRIPTS.values())}]")


def unspaced_share(texts: Any) -> dict[str, float]:
    """Which share of the letters is in each script without blanks, the largest first.

    ``texts``: an Arrow string array. Counted in a sample; nothing where that is next to nothing.
    """
    rows = np.unique(np.linspace(0, max(len(texts) - 1, 0), _SAMPLE).astype(np.int64))
    some = texts.take(pa.array(rows[: len(texts)])).drop_null()
    sample = pc.utf8_slice_codeunits(some, 0, _LENGTH)
    if pc.all(pc.string_is_ascii(sample)).as_py() is not False:
        return {}
    text = "\n".join(sample.to_pylist())
    found = {name: len(letters.findall(text)) for name, letters in _OF.items()}
    if found["Japanese"] >= _KANA * (found["Japanese"] + found["Chinese"]):
        found["Japanese"] += found.pop("Chinese")
    else:
        found["Chinese"] += found.pop("Japanese")
    unspaced = sum(found.values())
    letters = unspaced + len(_OTHER.findall(text))
    if unspaced < max(_LEAST * letters, _ENOUGH):
        return {}
    shares = {name: number / letters for name, number in found.items() if number}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def warn_of_unspaced(texts: Any, tokenizer: Tokenizer) -> None:
    """Warn where words are looked for between blanks and there are none; say what to do."""
    if tokenizer.function_name is not None or tokenizer.icu is not None:
        return
    shares = unspaced_share(texts)
    if not shares:
        return
    named = ", ".join(name for name, share in shares.items() if share >= 0.2 * max(shares.values()))
    said = (
        f"{sum(shares.values()):.0%} of the letters are of scripts that put no blanks between "
        f"words ({named}); their words are not found by blanks: "
    )
    if next(iter(shares)) == _TIBETAN:
        parts: tuple[Any, ...] = ("in Python, pass a function as ", ParameterName("tokenizer"))
    else:
        missing = "" if find_spec("icu4py") else ', with pip install "tenor[icu]"'
        icu = ParameterName("tokenizer", 'tokenizer="icu"', "icu")
        parts = ("take ", icu, missing)
    warnings.warn(TenorWarning(said, *parts), stacklevel=2)

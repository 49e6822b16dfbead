"""A file of any size: Zipf text with ids and misspellings, tens of millions of distinct tokens.

    python benchmarks/generated.py big.parquet --gigabytes 5

One block of 32 MB of documents is drawn and written again and again; each time its ids (4 % of
the tokens, 8 random letters and digits) and its misspellings (2 %, one letter changed) are drawn
anew, so that words repeat as in any text and the rest hardly ever does.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

BLOCK = 32_000_000  # bytes
WORDS, LENGTH, SPREAD = 200_000, 100, 0.8
IDS, MISSPELT = 0.04, 0.02
ID, LETTER = b"\x01" * 8, b"\x02"  # where they go in the block
LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
SIGNS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz0123456789", dtype=np.uint8)


@dataclass(frozen=True)
class Block:
    """Documents without their ids and misspellings.

    Attributes:
        text: the bytes of all documents.
        starts: (D + 1,) where each begins.
        signs: where a random sign goes.
        letters: where a random letter goes.
    """

    text: NDArray[np.uint8]
    starts: NDArray[np.int32]
    signs: NDArray[np.int64]
    letters: NDArray[np.int64]

    def drawn(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """The block with what is random filled in."""
        text = self.text.copy()
        text[self.signs] = SIGNS[rng.integers(0, len(SIGNS), len(self.signs), dtype=np.uint8)]
        text[self.letters] = LETTERS[rng.integers(0, 26, len(self.letters), dtype=np.uint8)]
        return text


def write(path: Path, gigabytes: float, seed: int = 0) -> int:
    """Write ``gigabytes`` (10^9 bytes of text) as .parquet or .jsonl; the exact bytes of text."""
    lines = path.suffix == ".jsonl"
    size = min(BLOCK, int(gigabytes * 1e9))
    block = _block(size, *((b'{"text": "', b'"}\n') if lines else (b"", b"")), seed)
    rng, written = np.random.default_rng(seed + 1), 0
    frame = 13 * (len(block.starts) - 1) if lines else 0
    blocks = int(np.ceil(gigabytes * 1e9 / (len(block.text) - frame)))
    if lines:
        with path.open("wb") as file:
            for _ in range(blocks):
                written += file.write(block.drawn(rng).tobytes()) - frame
        return written
    schema = pa.schema({"text": pa.string()})
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for _ in range(blocks):
            buffers = [None, pa.py_buffer(block.starts), pa.py_buffer(block.drawn(rng))]
            array = pa.StringArray.from_buffers(len(block.starts) - 1, buffers[1], buffers[2])
            writer.write_batch(pa.record_batch([array], schema=schema))
            written += len(block.text)
    return written


def _block(size: int, before: bytes, after: bytes, seed: int) -> Block:
    rng = np.random.default_rng(seed)
    words = _words(rng)
    cumulated = np.cumsum(1.0 / (np.arange(WORDS) + 3.0))
    pieces: list[bytes] = []
    total = 0
    while total < size:
        length = max(1, int(rng.lognormal(np.log(LENGTH) - SPREAD**2 / 2, SPREAD)))
        ranks = np.searchsorted(cumulated, rng.random(length) * cumulated[-1])
        piece = before + b" ".join(_tokens(words[ranks].tolist(), rng)) + after
        pieces.append(piece)
        total += len(piece)
    starts = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
    text = np.frombuffer(b"".join(pieces), dtype=np.uint8)
    return Block(
        text=text,
        starts=starts.astype(np.int32),
        signs=np.flatnonzero(text == ID[0]),
        letters=np.flatnonzero(text == LETTER[0]),
    )


def _tokens(tokens: list[bytes], rng: np.random.Generator) -> list[bytes]:
    chance = rng.random(len(tokens))
    for place in np.flatnonzero(chance < IDS + MISSPELT):
        token = tokens[place]
        if chance[place] < IDS:
            tokens[place] = ID
        else:
            at = int(chance[place] * 1e6) % len(token)
            tokens[place] = token[:at] + LETTER + token[at + 1 :]
    return tokens


def _words(rng: np.random.Generator) -> NDArray[np.object_]:
    """Different words, the common ones short."""
    lengths = np.clip(np.log2(np.arange(WORDS) + 4).round().astype(int) // 2 + 1, 2, 12)
    found: dict[bytes, None] = {}
    for length in lengths:
        while True:
            word = LETTERS[rng.integers(0, 26, length)].tobytes()
            if word not in found:
                found[word] = None
                break
            length += 1
    return np.array(list(found), dtype=object)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("path", type=Path, help=".parquet or .jsonl")
    parser.add_argument("--gigabytes", type=float, default=5)
    asked = parser.parse_args()
    print(f"{write(asked.path, asked.gigabytes):,} bytes of text in {asked.path}")


if __name__ == "__main__":
    main()

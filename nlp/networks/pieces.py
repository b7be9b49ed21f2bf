"""What the networks read: word pieces, the shapes of their letters, and where each word begins.

Offsets are Unicode code points into the text as it was given.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, pre_tokenizers

from nlp.errors import Location, ModelError

WORD_SHAPES: Final = 16
PIECE_SHAPES: Final = 16
NAME_CODES: Final = 34
SHAPE_TABLES: Final = (WORD_SHAPES, PIECE_SHAPES, NAME_CODES)

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A text cut into word pieces, without the marks that open and close a window.

    Attributes:
        ids: (pieces,) int32
        shapes: (pieces, 3) uint8, codes of the word, of the piece, and of the name that the word belongs to
            (``nlp.networks.names``; 0 where no names were looked up)
        firsts: (words,) int32, the first piece of each word
        spans: (words, 2) int32, where each word starts and ends in the text
    """

    ids: NDArray[np.int32]
    shapes: NDArray[np.uint8]
    firsts: NDArray[np.int32]
    spans: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)


class PieceTokenizer:
    """An uncased WordPiece tokenizer whose words also end at every symbol, so that names joined by arrows come apart.

    Raises:
        ModelError: if its vocabulary lacks the marks that open and close a window.
    """

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"[\p{S}\p{P}]"), "isolated")]
        )
        self.open = self._mark("[CLS]", path)
        self.close = self._mark("[SEP]", path)

    def _mark(self, mark: str, path: Path) -> int:
        id = self._tokenizer.token_to_id(mark)
        if id is None:
            raise ModelError("the tokenizer lacks a mark", expected=mark, where=Location(str(path)))
        return id

    def __len__(self) -> int:
        """Number of pieces in the vocabulary."""
        return int(self._tokenizer.get_vocab_size())

    def vocabulary(self) -> dict[str, int]:
        """Id of each piece."""
        return self._tokenizer.get_vocab()

    def __call__(self, texts: Sequence[str]) -> list[Pieces]:
        """Cut each text."""
        encodings = self._tokenizer.encode_batch([plain(text) for text in texts], add_special_tokens=False)
        return [_pieces(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]


def plain(text: str) -> str:
    """``text`` with compatibility forms and dashes in their plain form, every character still in its place."""
    if text.isascii():
        return text
    return "".join(_plain(character) for character in text)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character).translate(_DASHES)
    return normal if len(normal) == 1 else character


def _pieces(text: str, encoding: Any) -> Pieces:
    offsets, words = encoding.offsets, encoding.word_ids
    firsts = [index for index, word in enumerate(words) if index == 0 or word != words[index - 1]]
    bounds = [*firsts[1:], len(words)] if firsts else []
    spans = [(offsets[first][0], offsets[last - 1][1]) for first, last in zip(firsts, bounds, strict=True)]
    shapes = [
        (word_code, piece_shape(text[offsets[index][0] : offsets[index][1]]), 0)
        for first, last, (start, end) in zip(firsts, bounds, spans, strict=True)
        for word_code in (word_shape(text[start:end]),)
        for index in range(first, last)
    ]
    return Pieces(
        np.asarray(encoding.ids, np.int32),
        np.asarray(shapes, np.uint8).reshape(-1, len(SHAPE_TABLES)),
        np.asarray(firsts, np.int32),
        np.asarray(spans, np.int32).reshape(-1, 2),
    )


@lru_cache(maxsize=65536)
def word_shape(word: str) -> int:
    """Code of a word's shape, from 1: case pattern, with or without digits, Greek, symbol."""
    letters = [character for character in word if character.isalpha()]
    if not letters:
        return 9 if any(map(str.isdigit, word)) else 11
    if any("GREEK" in unicodedata.name(character, "") for character in letters if character > "\x7f"):
        return 10
    pattern = _case(letters)
    if len(word) == 1:
        return 12 if pattern == 3 else 14
    if pattern == 4 and letters[0].islower():
        return 13  # a species or modification letter before a symbol: hTERT, pERK, mTOR
    return pattern + 4 if any(map(str.isdigit, word)) else pattern


@lru_cache(maxsize=65536)
def piece_shape(piece: str) -> int:
    """Code of a piece's own shape, from 1; 8 more if any character is not ASCII."""
    letters = [character for character in piece if character.isalpha()]
    code = _case(letters) if letters else 5 if any(map(str.isdigit, piece)) else 6
    return code if piece.isascii() else code + 8


def _case(letters: Iterable[str]) -> int:
    """1 lower, 2 capitalised, 3 upper, 4 mixed."""
    uppers = [letter.isupper() for letter in letters]
    if not any(uppers):
        return 1
    if all(uppers):
        return 3
    return 2 if uppers[0] and not any(uppers[1:]) else 4

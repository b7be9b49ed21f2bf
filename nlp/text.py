"""Folding of names: one key for all the spellings of a name, with the way back to the unchanged text.

Two names are the same to the lexicon if they fold to the same key. Folding drops case, hyphens, dashes, spaces, quotes
and accents; it spells Greek letters out, brings superscripts and other compatibility characters to their plain form,
and reads a Roman numeral that stands alone after a word as a number. All other punctuation stays.

    >>> key("TNF-α"), key("TNF alpha"), key("Ca²⁺"), key("collagen type II")
    ('tnfalpha', 'tnfalpha', 'ca2+', 'collagentype2')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zlib import crc32

GREEK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "δ": "delta",
        "ε": "epsilon",
        "ζ": "zeta",
        "η": "eta",
        "θ": "theta",
        "ι": "iota",
        "κ": "kappa",
        "λ": "lambda",
        "μ": "mu",
        "ν": "nu",
        "ξ": "xi",
        "ο": "omicron",
        "π": "pi",
        "ρ": "rho",
        "σ": "sigma",
        "ς": "sigma",
        "τ": "tau",
        "υ": "upsilon",
        "φ": "phi",
        "χ": "chi",
        "ψ": "psi",
        "ω": "omega",
    }
)
GREEK_WORDS: Final = frozenset(GREEK.values())

# An eszett in a caption is nearly always a beta from a keyboard without Greek.
_LOOK_ALIKES: Final = {"ß": "beta", "ϐ": "beta", "∂": "delta", "∆": "delta", "ƙ": "kappa"}

_DASHES: Final = "-‐‑‒–—―−﹣－\u00ad"
_QUOTES: Final = "'\"`´‘’‚‛“”„′″‴ʹʼ"
_DOTS: Final = "·•∙⋅・‧"
_SPACES: Final = "\u200b\u200c\u200d\u2060\ufeff_®™©"
DASHES: Final = frozenset(_DASHES)
SEPARATORS: Final = frozenset(_DASHES + _QUOTES + _DOTS + _SPACES)

_NUMERALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        numeral: str(number)
        for number, numeral in enumerate(
            ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII"), start=1
        )
        if numeral != "X"  # far more often an unknown, a cross or a chromosome
    }
)
_NUMERAL: Final = re.compile(
    rf"(?<=[^\W_][\s/{re.escape(_DASHES)}])(?:{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})(?![^\W_]|\+)"
)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """The folded form of one character; empty for a separator."""
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    folded: list[str] = []
    for part in unicodedata.normalize("NFKD", character):
        if part in SEPARATORS or part.isspace() or unicodedata.category(part) in ("Mn", "Cc", "Cf"):
            continue
        lower = part.casefold()
        folded.append(GREEK.get(lower) or lower)
    return "".join(folded)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded, with the way back.

    Attributes:
        source: the text as it was given.
        key: the folded text, ``k`` characters.
        starts: for each of the ``k`` characters, the offset in ``source`` of what it came from.
        ends: likewise, the offset just behind.
    """

    source: str
    key: str
    starts: Sequence[int]
    ends: Sequence[int]


def fold(text: str) -> Folded:
    """Fold ``text`` and keep for each character of the key where it came from."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for numeral in _NUMERAL.finditer(text):
        _fold_piece(text, position, numeral.start(), characters, starts, ends)
        digits = _NUMERALS[numeral.group()]
        characters.append(digits)
        starts.extend([numeral.start()] * len(digits))
        ends.extend([numeral.end()] * len(digits))
        position = numeral.end()
    _fold_piece(text, position, len(text), characters, starts, ends)
    return Folded(text, "".join(characters), starts, ends)


def _fold_piece(
    text: str,
    start: int,
    end: int,
    characters: list[str],
    starts: list[int],
    ends: list[int],
) -> None:
    folded = list(map(_fold_character, text[start:end]))
    origins = [offset for offset, own in enumerate(folded, start) for _ in own]
    characters.extend(folded)
    starts.extend(origins)
    ends.extend(map((1).__add__, origins))


def key(name: str) -> str:
    """The key of a name: ``fold(name).key``, faster."""
    if _NUMERAL.search(name):
        name = _NUMERAL.sub(lambda match: _NUMERALS[match.group()], name)
    return "".join(map(_fold_character, name))


NO_LETTERS: Final = 0
LOWER: Final = 1
UPPER: Final = 2
CAPITALISED: Final = 3
TITLE: Final = 4
NUMERAL: Final = 5
_MIXED: Final = 10


def case_code(name: str) -> int:
    """How a name is cased, in one byte.

    0: it has no Latin letters; 1: all lower; 2: all upper; 3: its first letter only is upper; 4: the first letter of
    each word is; plus 5 if it has a Roman numeral; from 10 on: a hash of any other pattern. Separators and Greek
    letters do not count, so that ``IL-6`` and ``IL6`` have the same code, and so do ``TNF-α`` and ``TNFα``.
    """
    plain = _NUMERAL.sub("1", name)
    numeral = NUMERAL if plain != name else 0
    letters = [letter for letter in plain if letter.isalpha() and letter.casefold() not in GREEK]
    word = "".join(letters)
    if not letters:
        return NO_LETTERS + numeral
    if word.islower():
        return LOWER + numeral
    if word.isupper():
        return UPPER + numeral
    if word[1:].islower():
        return CAPITALISED + numeral
    if plain.istitle():
        return TITLE + numeral
    pattern = "".join("U" if letter.isupper() else "l" for letter in letters) + "I" * (numeral > 0)
    return _MIXED + crc32(pattern.encode("ascii")) % (256 - _MIXED)


def split_case(code: int) -> tuple[int, bool]:
    """A case code as the case alone and whether there is a Roman numeral; a hash stays as it is, without one."""
    return (code % NUMERAL, code >= NUMERAL) if code < _MIXED else (code, False)


def has_separator(name: str) -> bool:
    """Whether a space, hyphen or the like stands inside a name."""
    return any(character in SEPARATORS or character.isspace() for character in name.strip())

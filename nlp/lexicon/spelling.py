"""How near a surface is to a name that folds to the same key."""

from __future__ import annotations

import re
from typing import Final

from nlp.text import CAPITALISED, GREEK_WORDS, LOWER, NO_LETTERS, TITLE, UPPER, split_case

INITIAL: Final = 0.05  # a capital at the beginning of a sentence or title
CASE: Final = 0.3
MIXED_CASE: Final = 0.5
PLURAL: Final = 0.1
HEAD: Final = 0.1  # HeLa cells for HeLa
NUMERAL_READ: Final = 0.2  # type 2 for type II
GREEK_GUESS: Final = 0.6
RELAXED: Final = 1.0

# Names with more letters are told by their letters alone, whatever their case.
_LONG: Final = 10
_SHORT: Final = 4

_GAP: Final = re.compile(r"(\S+)\s+(?=(\S+))")


def case_edits(surface: int, name: int, letters: int) -> float:
    """What the difference of two case codes costs; ``letters`` is the length of the key."""
    if surface == name:
        return 0.0
    (surface, surface_numeral), (name, name_numeral) = split_case(surface), split_case(name)
    numeral = NUMERAL_READ if surface_numeral != name_numeral else 0.0
    return numeral + _letter_edits(surface, name, letters)


def _letter_edits(surface: int, name: int, letters: int) -> float:
    if surface == name or NO_LETTERS in (surface, name):
        return 0.0
    plain = (LOWER, CAPITALISED, TITLE)
    if surface in plain and name in plain and letters > 3:
        return INITIAL
    if letters > _LONG:
        return INITIAL
    if UPPER in (surface, name) and CAPITALISED in (surface, name):
        return CASE
    return MIXED_CASE


def is_too_weak(surface: int, name: int, letters: int) -> bool:
    """Whether a short surface is cased too differently to be trusted: ``ros`` for ``ROS``, or any two letters."""
    if surface == name:
        return False
    return letters <= 2 or (letters <= _SHORT and surface == LOWER and name not in (CAPITALISED, TITLE))


def bridges_words(surface: str) -> bool:
    """Whether gaps in ``surface`` may be bridged for a name without: ``IL 6``, ``TNF alpha``, but not ``no x``."""
    for gap in _GAP.finditer(surface):
        left, right = gap.groups()
        if left[-1].isdigit() or right[0].isdigit() or right.casefold() in GREEK_WORDS or not right[0].isalnum():
            continue
        if not left[-1].isalnum() or right[0].casefold() not in "abcdefghijklmnopqrstuvwxyz":
            continue
        return False
    return True

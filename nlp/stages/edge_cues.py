"""What the relation rules know, as codes for a network: which words state relations, and which pairs the rules join.

A network that learns from some hundred captions cannot meet every verb, but it can learn when to believe a list of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.arrows import ARROWS
from nlp.schema import RELATION_TYPES
from nlp.stages.edge_decoding import LABELS
from nlp.stages.relation_rules.scene import Edge
from nlp.stages.relation_rules.tokens import HYPHENS
from nlp.stages.relation_rules.triggers import ASPECTS, LOSS, PRODUCING, SUFFIXES, Effect, read_table
from nlp.types import SIGNS

_TYPES: Final = (*RELATION_TYPES, "*", "", "yield")
_FORMS: Final = {"base": 0, "s": 0, "ing": 0, "ed": 1, "noun": 2, "agent": 3}
_PREFIXES: Final = frozenset("up down co de re trans auto hyper over hetero homo half knock".split())

WORD_CUES: Final = 1 + len(_TYPES) * len(SIGNS) * 4 + 3 * len(SIGNS) + 4 + 6
"""Number of codes of words."""
PAIR_CUES: Final = 1 + 2 * len(LABELS) + 2
"""Number of codes of pairs."""


@cache
def _words() -> dict[str, int]:
    """The code of each word that has one."""
    size = len(_TYPES) * len(SIGNS) * 4
    codes: dict[str, int] = {}
    for word, entry in read_table().items():
        codes[word] = 1 + _effect(entry.effect) * 4 + _FORMS[entry.form]
    for word, effect in SUFFIXES.items():
        codes.setdefault(word, 1 + size + SIGNS.index(effect.sign))
    for word, effect in PRODUCING.items():
        codes.setdefault(word, 1 + size + len(SIGNS) + SIGNS.index(effect.sign))
    start = 1 + size + 3 * len(SIGNS)
    for word in sorted(LOSS):
        codes.setdefault(word, start)
    for word, aspect in ASPECTS.items():
        codes.setdefault(word, start + 1 + ("expression", "activation", "role").index(aspect))
    for symbol, arrow in ARROWS.items():
        codes.setdefault(symbol, start + 4 + (arrow.direction + 1) * 2 + (arrow.sign > 0))
    return codes


def _effect(effect: Effect) -> int:
    return _TYPES.index(effect.type) * len(SIGNS) + SIGNS.index(effect.sign)


def word_cues(text: str, words: NDArray[np.int32]) -> NDArray[np.int64]:
    """A code for each word: 0, or more by what it states as the rules see it.

    Args:
        text: as it was given.
        words: (words, 2) offsets, in order.

    Returns:
        (words,) below ``WORD_CUES``
    """
    table = _words()
    surfaces = [text[start:end].lower() for start, end in words.tolist()]
    codes = np.zeros(len(surfaces), np.int64)
    for index, surface in enumerate(surfaces):
        codes[index] = table.get(surface, 0)
        if index > 1 and surfaces[index - 1] in HYPHENS and surfaces[index - 2] in _PREFIXES:
            codes[index] = table.get(surfaces[index - 2] + surface, codes[index])
    return codes


def pair_cues(edges: Iterable[Edge], index: Sequence[str]) -> NDArray[np.int64]:
    """What the rules find.

    Args:
        edges: of a draft (``nlp.stages.relations.rule_edges``).
        index: ids of its mentions, in the order that counts.

    Returns:
        (found, 3) source, target and a code below ``PAIR_CUES``: the label of the rule, or that of the turned pair.
    """
    places = {id: place for place, id in enumerate(index)}
    codes: dict[tuple[int, int], int] = {}
    for edge in edges:
        source, target = places[edge.source.id], places[edge.target.id]
        label = 1 + LABELS.index((edge.type, edge.sign))
        codes.setdefault((source, target), 1 + 2 * len(LABELS) if edge.negated else label)
    for (source, target), code in list(codes.items()):
        turned = code + (1 if code > 2 * len(LABELS) else len(LABELS))
        codes.setdefault((target, source), turned)
    found = sorted((source, target, code) for (source, target), code in codes.items())
    return np.asarray(found, np.int64).reshape(-1, 3)

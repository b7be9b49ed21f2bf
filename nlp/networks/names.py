"""What the lexicon says of each word, as the encoder is given it: the type of the name, the place in it, how sure.

A small encoder cannot hold the names of a million things, but it can learn when to believe a list of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.networks.edge_inputs import mention_words
from nlp.networks.inputs import Window
from nlp.networks.pieces import Pieces
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.schema import MENTION_TYPES
from nlp.types import Mention

TAGS: Final = TagSet(MENTION_TYPES)
SURE: Final = 0.8
"""Score from which a name counts as sure."""
NO_NAME: Final = 1
"""Code of a word that was looked up and belongs to no name."""


def name_codes(words: NDArray[np.int32], names: Sequence[Mention]) -> NDArray[np.uint8]:
    """One code a word: ``NO_NAME``, or more by the type of its name, whether it begins it, and whether it is sure.

    Args:
        words: (words, 2) offsets, in order.
        names: what the lexicon marks, without overlaps.

    Returns:
        (words,) from 1 to ``NAME_CODES`` - 1
    """
    spans = [(LabelledSpan(name.start, name.end, name.type), name.score >= SURE) for name in names]
    given = TAGS.encode(words, [span for span, _ in spans])
    sure = np.zeros(len(words), np.bool_)
    for (first, last), (_, is_sure) in zip(mention_words(words, [span[:2] for span, _ in spans]), spans, strict=True):
        sure[first : last + 1] = is_sure
    return np.where(given > 0, NO_NAME + 2 * given - sure, NO_NAME).astype(np.uint8)


def with_names(pieces: Pieces, names: Sequence[Mention]) -> Pieces:
    """``pieces`` with the code of its word's name at every piece."""
    codes = name_codes(pieces.spans, names)
    shapes = pieces.shapes.copy()
    shapes[:, -1] = np.repeat(codes, np.diff(np.append(pieces.firsts, len(pieces))))
    return replace(pieces, shapes=shapes)


def without_names(window: Window) -> Window:
    """``window`` as if no names had been looked up."""
    shapes = window.shapes.copy()
    shapes[:, -1] = 0
    return replace(window, shapes=shapes)

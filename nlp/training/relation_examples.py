"""Labelled relations between marked mentions, as the relation model learns from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from nlp.networks.tags import LabelledSpan
from nlp.schema import RELATION_TYPES
from nlp.types import SIGNS, Span

SIGN_MARKS: Final[Mapping[int, str]] = MappingProxyType({1: "+", -1: "-", 0: "0"})


def caption_label(type: str, sign: int) -> str:
    """Type and sign of a caption's relation in one, e.g. ``activation+``.

    Raises:
        KeyError: if the type or the sign is unknown.
    """
    return RELATION_TYPES[type].name + SIGN_MARKS[sign]


CAPTION_LABELS: Final = tuple(caption_label(type, sign) for type in RELATION_TYPES for sign in SIGNS)
"""The labels of captions: each type with each sign."""

CAPTION_MEANINGS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({label: (label,) for label in CAPTION_LABELS})
"""What the labels of captions mean to captions: themselves."""


@dataclass(frozen=True, slots=True)
class LabelledRelation:
    """A directed relation between two mentions.

    Attributes:
        source: index of the mention that acts.
        target: index of the mention that is acted on.
        label: of the corpus, e.g. ``activation+`` or ``INHIBITOR``.
        negated: whether the text denies it; None where the corpus does not say.
        speculative: whether the text hedges it; None where the corpus does not say.
        trigger: the words that state it; None where the corpus does not say.
    """

    source: int
    target: int
    label: str
    negated: bool | None = None
    speculative: bool | None = None
    trigger: Span | None = None


@dataclass(frozen=True, slots=True)
class RelatedExample:
    """A text, its mentions, and what it says of ordered pairs of them.

    Attributes:
        id: of the text.
        text: as it was given.
        mentions: spans with caption types, by start, the longer first. Flat, but for ChemProt, whose names may nest.
        relations: at most one a pair and label.
        judged: ordered pairs of mention indices that the annotation rules on, sorted; each related pair is among them.
            Those without a relation are known to have none. Pairs outside are unknown.
    """

    id: str
    text: str
    mentions: Sequence[LabelledSpan]
    relations: Sequence[LabelledRelation]
    judged: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class RelationCorpus:
    """Examples of one source with one label set.

    Attributes:
        name: of the corpus.
        labels: what its relations are called, in a fixed order.
        meanings: for each label the caption labels (``CAPTION_LABELS``) it may stand for; a label that is missing says
            nothing of them.
        examples: texts.
    """

    name: str
    labels: Sequence[str]
    meanings: Mapping[str, Sequence[str]]
    examples: Sequence[RelatedExample] = field(default=())

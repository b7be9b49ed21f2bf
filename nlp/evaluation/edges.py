"""Edges of a caption as the names they join, whichever mention of a name they were marked at.

Relations are annotated once for a pair and meaning, at one of the many mentions of the two names. So edges are compared
at the level of the caption first of all: two are the same if they join the same names, or if they join mentions that
overlap. At the level of mentions both ends must be marked with the same span and type (the strict evaluation of Taillé
et al. 2020, "Let's stop incorrect comparisons in end-to-end relation extraction"). Denied relations state no edge and
are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from nlp.evaluation.counts import Counts
from nlp.schema import RELATION_TYPES
from nlp.types import Document, Mention, Relation, Span

_NOT_OF_A_NAME: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Label:
    """What an edge says besides its ends: a type and a sign, None where only the type is looked at."""

    type: str
    sign: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of a caption.

    Attributes:
        source, target: names, without regard to case, punctuation and spaces.
        label: type and sign; None where only the pair is looked at.
        places: the mentions it was marked at, one pair for each relation that states it.
        score: that of the surest of these relations.
        triggers: the words that state it, for those of the relations that tell them.
    """

    source: str
    target: str
    label: Label | None
    places: tuple[tuple[Mention, Mention], ...]
    score: float = field(default=1.0, compare=False)
    triggers: tuple[Span, ...] = field(default=(), compare=False)

    def agrees(self, other: Edge) -> bool:
        """Whether both have one label, and join the same names or overlapping mentions."""
        return self.label == other.label and self.joins_same(other)

    def joins_same(self, other: Edge) -> bool:
        """Whether both join the same names or overlapping mentions, whatever they say."""
        if self.source == other.source and self.target == other.target:
            return True
        for source, target in self.places:
            for other_source, other_target in other.places:
                if _overlap(source, other_source) and _overlap(target, other_target):
                    return True
        return False


#: A mention's start, end and type.
Place = tuple[int, int, str]

_Key = tuple[str, str, Label | None]


def name_key(surface: str) -> str:
    """A surface without regard to case, punctuation and spaces."""
    return _NOT_OF_A_NAME.sub("", surface.casefold())


def asserted_edges(document: Document, *, labelled: bool) -> tuple[Edge, ...]:
    """The distinct edges that a document asserts.

    Args:
        document: gold or predicted.
        labelled: whether edges with another type or sign are other edges; else only the pair counts.
    """
    mentions = {mention.id: mention for mention in document.mentions}
    found: dict[_Key, list[tuple[Relation, Mention, Mention]]] = {}
    for relation in document.relations:
        if not relation.negated:
            source, target = _ends(relation, mentions)
            label = Label(relation.type, relation.sign) if labelled else None
            key = (name_key(source.text), name_key(target.text), label)
            found.setdefault(key, []).append((relation, source, target))
    return tuple(
        Edge(
            *key,
            places=tuple((source, target) for _, source, target in stated),
            score=max(relation.score for relation, _, _ in stated),
            triggers=tuple(relation.trigger.span for relation, _, _ in stated if relation.trigger is not None),
        )
        for key, stated in found.items()
    )


def without_signs(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Labelled edges by names and type: those with another sign are not other edges."""
    return _merged((edge, Label(edge.label.type, None) if edge.label else None) for edge in edges)


def without_labels(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Labelled edges by names only."""
    return _merged((edge, None) for edge in edges)


def edges_of_mentions(edges: Iterable[Edge]) -> frozenset[tuple[Place, Place, Label | None]]:
    """Edges by the mentions that they were marked at and what they say; those without direction in one order."""
    found = set()
    for edge in edges:
        directed = edge.label is None or RELATION_TYPES[edge.label.type].directed
        for source, target in edge.places:
            ends = _place(source), _place(target)
            found.add((*(ends if directed else sorted(ends)), edge.label))
    return frozenset(found)


def _merged(edges: Iterable[tuple[Edge, Label | None]]) -> tuple[Edge, ...]:
    """Edges with other labels; those that thereby say the same become one."""
    found: dict[_Key, list[Edge]] = {}
    for edge, label in edges:
        found.setdefault((edge.source, edge.target, label), []).append(edge)
    return tuple(
        Edge(
            *key,
            places=tuple(place for edge in same for place in edge.places),
            score=max(edge.score for edge in same),
            triggers=tuple(span for edge in same for span in edge.triggers),
        )
        for key, same in found.items()
    )


def _place(mention: Mention) -> Place:
    return mention.start, mention.end, mention.type


def _overlap(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end


def _ends(relation: Relation, mentions: Mapping[str, Mention]) -> tuple[Mention, Mention]:
    source, target = mentions[relation.source], mentions[relation.target]
    if not RELATION_TYPES[relation.type].directed and name_key(source.text) > name_key(target.text):
        return target, source
    return source, target


@dataclass(frozen=True, slots=True)
class EdgeMatch:
    """The edges of one caption and which of them have a counterpart on the other side.

    Attributes:
        found, missed: gold edges with a counterpart and without.
        right, spurious: predicted edges with a counterpart and without.
        found_scores: for each edge of ``found`` the score of its surest counterpart.
    """

    found: tuple[Edge, ...]
    missed: tuple[Edge, ...]
    right: tuple[Edge, ...]
    spurious: tuple[Edge, ...]
    found_scores: tuple[float, ...]

    def counts(self, type: str | None = None) -> Counts:
        """Of all edges, or of those of one relation type."""
        return Counts(
            tp_predicted=_number(self.right, type),
            predicted=_number(self.right, type) + _number(self.spurious, type),
            tp_gold=_number(self.found, type),
            gold=_number(self.found, type) + _number(self.missed, type),
        )

    def types(self) -> set[str]:
        edges = (*self.found, *self.missed, *self.right, *self.spurious)
        return {edge.label.type for edge in edges if edge.label is not None}


def match_edges(gold: Sequence[Edge], predicted: Sequence[Edge]) -> EdgeMatch:
    """Tell edges with a counterpart from those without, on both sides."""
    by_label: dict[Label | None, list[tuple[int, Edge]]] = {}
    for place, edge in enumerate(predicted):
        by_label.setdefault(edge.label, []).append((place, edge))
    surest: dict[int, float] = {}
    hit: set[int] = set()
    for place, edge in enumerate(gold):
        for other_place, other in by_label.get(edge.label, ()):
            if edge.joins_same(other):
                surest[place] = max(other.score, surest.get(place, 0.0))
                hit.add(other_place)
    return EdgeMatch(
        found=tuple(gold[place] for place in surest),
        missed=tuple(edge for place, edge in enumerate(gold) if place not in surest),
        right=tuple(edge for place, edge in enumerate(predicted) if place in hit),
        spurious=tuple(edge for place, edge in enumerate(predicted) if place not in hit),
        found_scores=tuple(surest.values()),
    )


def _number(edges: Iterable[Edge], type: str | None) -> int:
    return sum(type is None or (edge.label is not None and edge.label.type == type) for edge in edges)


@dataclass(frozen=True, slots=True)
class PairLabels:
    """What was predicted for a gold edge whose pair was found: the label nearest to gold's."""

    gold: Label
    predicted: Label


def compare_labels(gold: Sequence[Edge], predicted: Sequence[Edge]) -> tuple[PairLabels, ...]:
    """For each labelled gold edge whose pair is predicted at all, both labels.

    Where several edges are predicted for the pair, the one that agrees best is taken: in both type and sign, else in
    type, else in sign, else the first.
    """
    result = []
    for edge in gold:
        candidates = [other.label for other in predicted if edge.joins_same(other) and other.label is not None]
        if edge.label is not None and candidates:
            wanted = edge.label
            best = max(candidates, key=lambda label: (label.type == wanted.type, label.sign == wanted.sign))
            result.append(PairLabels(wanted, best))
    return tuple(result)

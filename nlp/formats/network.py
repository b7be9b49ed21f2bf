"""A network of what many captions say: things, and edges between them with their evidence counted.

A node is what mentions mean: the best reference's CURIE, or, without a reference, type and folded name. A coordinated
name (``ERK1/2``) is one node for each gene. An edge is all relations of one type and sign between two nodes; of a type
without direction (binding) the ends are in the order of their ids.

A negated relation makes no edge. It is counted on the edge that it denies, where other captions state that one. A
speculative relation makes an edge like any other, and is counted apart, so that edges that are only speculated can be
told: those of which ``speculative`` is ``relations``.

What is kept grows with the network, not with the number of captions. Nothing depends on the order of the captions.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from nlp.formats.statements import Thing, one_line, statements
from nlp.schema import RELATION_TYPES
from nlp.text import key
from nlp.types import Document, Relation

MAX_EXAMPLES: Final = 3
# Scores are summed as whole numbers, so that the sum does not depend on the order.
_DIGITS: Final = 10_000

SIGN_MARKS: Final = {1: "+", -1: "-", 0: ""}
"""How the sign of an edge is written behind its type; nothing where it is not said."""


@dataclass(frozen=True, slots=True)
class Node:
    """A thing that takes part in an edge.

    Attributes:
        id: the CURIE, or type and folded name, as ``GENE/erk5``.
        name: the preferred name; without a reference the most frequent surface.
        type: the mention type; the most frequent one where captions differ.
        curie: None if the mentions have no reference.
        captions: in how many captions it takes part in an edge.
    """

    id: str
    name: str
    type: str
    curie: str | None
    captions: int


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A caption that states an edge: its id, the words that state it (empty if not known), and the score."""

    caption: str
    trigger: str
    score: float

    def __str__(self) -> str:
        return f"{self.caption}: {self.trigger}" if self.trigger else self.caption


@dataclass(frozen=True, slots=True)
class Edge:
    """All relations of one type and sign between two nodes.

    Attributes:
        source, target: ids of nodes.
        type: relation type.
        sign: +1, -1 or 0.
        captions: how many captions state it.
        relations: how many relations do, the negated ones left out.
        best_score, mean_score: of those relations, rounded to four digits.
        speculative: how many of them are hedged.
        negated: how many relations deny it.
        examples: the best of them, at most ``MAX_EXAMPLES``.
    """

    source: str
    target: str
    type: str
    sign: int
    captions: int
    relations: int
    best_score: float
    mean_score: float
    speculative: int
    negated: int
    examples: tuple[Example, ...]

    @property
    def interaction(self) -> str:
        """Type and sign in one word: ``activation+``, ``expression-``, ``binding``."""
        return f"{self.type}{SIGN_MARKS[self.sign]}"

    @property
    def directed(self) -> bool:
        return RELATION_TYPES[self.type].directed


_EdgeKey: TypeAlias = tuple[str, str, str, int]


@dataclass(slots=True)
class _NodeCounts:
    curie: str | None
    captions: int = 0
    names: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _EdgeCounts:
    captions: int = 0
    relations: int = 0
    best: int = 0
    total: int = 0
    speculative: int = 0
    negated: int = 0
    # The best first: by score, then by caption and trigger.
    examples: list[tuple[int, str, str]] = field(default_factory=list)


class Network:
    """Counts the edges of documents, added one by one."""

    def __init__(self) -> None:
        self._nodes: dict[str, _NodeCounts] = {}
        self._edges: dict[_EdgeKey, _EdgeCounts] = {}

    def write(self, document: Document) -> None:
        """Count a document's relations. Each call counts as one more caption."""
        nodes: set[str] = set()
        edges: set[_EdgeKey] = set()
        for statement in statements(document):
            relation = statement.relation
            ends = node_id(statement.source), node_id(statement.target)
            source, target = ends if RELATION_TYPES[relation.type].directed else sorted(ends)
            place = (source, target, relation.type, relation.sign)
            counts = self._edges.setdefault(place, _EdgeCounts())
            if relation.negated:
                counts.negated += 1
                continue
            _count(counts, relation, document.id)
            edges.add(place)
            nodes.update(ends)
            for id, thing in zip(ends, (statement.source, statement.target), strict=True):
                self._count_node(id, thing)
        for place in edges:
            self._edges[place].captions += 1
        for id in nodes:
            self._nodes[id].captions += 1

    def nodes(self) -> Iterator[Node]:
        """The nodes that have an edge, by id."""
        for id, counts in sorted(self._nodes.items()):
            yield Node(id, _most(counts.names), _most(counts.types), counts.curie, counts.captions)

    def edges(self) -> Iterator[Edge]:
        """The edges that any caption states, by source, target, type and sign."""
        for (source, target, type, sign), counts in sorted(self._edges.items(), key=lambda item: item[0]):
            if counts.relations:
                yield Edge(
                    source,
                    target,
                    type,
                    sign,
                    captions=counts.captions,
                    relations=counts.relations,
                    best_score=counts.best / _DIGITS,
                    mean_score=round(counts.total / counts.relations / _DIGITS, 4),
                    speculative=counts.speculative,
                    negated=counts.negated,
                    examples=tuple(
                        Example(caption, trigger, -score / _DIGITS) for score, caption, trigger in counts.examples
                    ),
                )

    def _count_node(self, id: str, thing: Thing) -> None:
        if id not in self._nodes:
            self._nodes[id] = _NodeCounts(id if thing.reference else None)
        self._nodes[id].names[thing.name] += 1
        self._nodes[id].types[thing.mention.type] += 1


def node_id(thing: Thing) -> str:
    """The id of the node that a thing belongs to."""
    if thing.reference is not None:
        return one_line(thing.reference.curie)
    return f"{thing.mention.type}/{one_line(key(thing.mention.text)) or thing.name}"


def _count(counts: _EdgeCounts, relation: Relation, caption: str) -> None:
    score = round(relation.score * _DIGITS)
    counts.relations += 1
    counts.best = max(counts.best, score)
    counts.total += score
    counts.speculative += relation.speculative
    insort(counts.examples, (-score, one_line(caption), one_line(relation.trigger.text) if relation.trigger else ""))
    del counts.examples[MAX_EXAMPLES:]


def _most(counts: Counter[str]) -> str:
    """What was counted most; of several the first in the alphabet."""
    return min(counts, key=lambda name: (-counts[name], name))

"""Relations by rules: trigger words and arrows between the mentions of a sentence.

The baseline that a learned model must beat. It needs no parser: a sentence is cut into words in which each mention is
one symbol (``relation_rules.tokens``), these are read into phrases by a table of trigger words (``triggers``,
``phrases``), and patterns over the phrases tell who acts on whom (``nominal``, ``patterns``). A few things are carried
from a sentence to the next ("It also inhibits …").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from nlp.stages.base import Draft, Stage
from nlp.stages.relation_rules.patterns import interpret
from nlp.stages.relation_rules.phrases import Reader
from nlp.stages.relation_rules.scene import Edge, Memory
from nlp.stages.relation_rules.tokens import tokenize
from nlp.types import Mention, Relation, Trigger

# How often an edge of each pattern is right (source, target, type and sign), measured on the 829 gold training captions
# with gold mentions. Arrows, labels and openings are too rare there to be measured and get the average; "agent" and
# "compound" are rare and drawn towards it.
PRECISION: Final[Mapping[str, float]] = {
    "active": 0.74,  # A activates B
    "passive": 0.65,  # B is activated by A
    "carried": 0.66,  # A … and activates B
    "which": 0.62,  # …, which activates B
    "recalled": 0.46,  # It activates B
    "infinitive": 0.59,  # A … to activate B
    "means": 0.57,  # A … via B
    "through": 0.72,  # … B via A
    "result": 0.69,  # A …, activating B
    "chain": 0.60,  # … A, leading to B
    "nominal": 0.62,  # activation of B by A
    "suffix": 0.72,  # A-induced B
    "agent": 0.80,  # A, an inhibitor of B
    "compound": 0.75,  # A/B axis
    "arrow": 0.68,  # A → B
    "label": 0.68,  # the B inhibitor A
    "opening": 0.68,  # In response to A, B is activated
}

# "Red arrows indicate inhibition", "Box: complex": what a figure's marks mean, no statement about the names beside it.
_LEGEND: Final = re.compile(
    r"\b(?:arrow(?:head)?s?|(?:T-)?bars?|lines?|box(?:es)?|circles?|colou?rs?|symbols?|ovals?|rectangles?|squares?|triangles?)\b"
    r"[^.;:]{0,40}?(?:\b(?:indicat|represent|denot|depict|show|mean|signif|correspond)|[:=])",
    re.IGNORECASE,
)


class RelationRules(Stage[tuple[Relation, ...]]):
    """Edges from the words between two mentions of a sentence, with the precision of their pattern as score."""

    name: ClassVar[str] = "relation-rules"
    requires: ClassVar[frozenset[str]] = frozenset({"sentences", "mentions"})
    provides: ClassVar[frozenset[str]] = frozenset({"relations"})

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Relation, ...]]:
        return [_relations(draft) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Relation, ...]) -> None:
        draft.relations = prediction


def _relations(draft: Draft) -> tuple[Relation, ...]:
    """The relations of a caption, each once: what is said again of a pair of names is not stated anew.

    What is denied in one place and asserted in another stays both.
    """
    relations: list[Relation] = []
    seen: set[tuple[str, str, str, int, bool]] = set()
    for edge, trigger in rule_edges(draft):
        key = (edge.source.text.casefold(), edge.target.text.casefold(), edge.type, edge.sign, edge.negated)
        if key in seen:
            continue
        seen.add(key)
        relations.append(stated(edge, trigger, f"R{len(relations) + 1}"))
    return tuple(relations)


def stated(edge: Edge, trigger: Trigger, id: str) -> Relation:
    """An edge of the rules as a relation, with the precision of its pattern for a score."""
    return Relation(
        id=id,
        source=edge.source.id,
        target=edge.target.id,
        type=edge.type,
        sign=edge.sign,
        score=PRECISION[edge.pattern],
        trigger=trigger,
        negated=edge.negated,
        speculative=edge.hedged,
    )


def rule_edges(draft: Draft) -> Iterator[tuple[Edge, Trigger]]:
    """The edges of a draft as its sentences state them, with the words that state them; one may come again."""
    text = draft.text
    mentions = sorted(draft.mentions, key=lambda mention: mention.start)
    memory = Memory()
    first = 0
    for sentence in draft.sentences:
        while first < len(mentions) and mentions[first].start < sentence.start:
            first += 1
        inside: list[Mention] = []
        while first < len(mentions) and mentions[first].end <= sentence.end:
            inside.append(mentions[first])
            first += 1
        if not inside or _LEGEND.search(text, sentence.start, sentence.end):
            continue
        tokens = tokenize(text, sentence, inside)
        edges, memory = interpret(Reader(tokens).read(), memory)
        for edge in edges:
            start, end = tokens[edge.trigger.start].start, tokens[edge.trigger.end - 1].end
            yield edge, Trigger(start, end, text[start:end])

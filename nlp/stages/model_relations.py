"""Relations by a trained network, which reads on from the words of the tagger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from nlp.networks.edge_scores import EdgeGraph, EdgeInputs, EdgeScores, judge
from nlp.networks.names import TAGS
from nlp.networks.tags import LabelledSpan
from nlp.stages.base import Draft, Stage
from nlp.stages.edge_cues import pair_cues, word_cues
from nlp.stages.edge_decoding import Decoding, as_relations, name_keys
from nlp.stages.pronouns import subjects
from nlp.stages.relation_rules.scene import Edge
from nlp.stages.relations import rule_edges, stated
from nlp.types import Mention, Relation, Trigger


class ModelRelations(Stage[tuple[Relation, ...]]):
    """States what a network finds between mentions; chosen rules have the last word where they find something.

    Args:
        edges: the network.
        threshold: as in ``Decoding``.
        temperature: as in ``Decoding``.
        rules: patterns (``nlp.stages.relations.PRECISION``) whose edges take the place of what the network says between
            the same two names.
    """

    name: ClassVar[str] = "model-relations"
    requires: ClassVar[frozenset[str]] = frozenset({"sentences", "abbreviations", "mentions", "reading"})
    provides: ClassVar[frozenset[str]] = frozenset({"relations"})

    def __init__(
        self,
        edges: EdgeGraph,
        threshold: float = 0.5,
        temperature: float = 1.0,
        rules: Collection[str] = (),
    ) -> None:
        self._edges = edges
        self._decoding = Decoding(threshold, temperature)
        self._rules = frozenset(rules)

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Relation, ...]]:
        ruled = [list(rule_edges(draft)) for draft in drafts]
        ends = list(map(_ends, drafts))
        said = self._judged(drafts, list(map(_inputs, drafts, ends, ruled)))
        return [self._relations(*own) for own in zip(drafts, ends, said, ruled, strict=True)]

    def write(self, draft: Draft, prediction: tuple[Relation, ...]) -> None:
        draft.relations = prediction

    def _judged(self, drafts: Sequence[Draft], asked: Sequence[EdgeInputs | None]) -> Iterable[EdgeScores | None]:
        """What the network says of the pairs of each draft."""

        def one(draft: Draft, inputs: EdgeInputs | None) -> EdgeScores | None:
            return (
                None if inputs is None or draft.reading is None else judge(self._edges, inputs, draft.reading.vectors)
            )

        return map(one, drafts, asked)

    def _relations(
        self, draft: Draft, ends: Sequence[Mention], said: EdgeScores | None, ruled: Sequence[tuple[Edge, Trigger]]
    ) -> tuple[Relation, ...]:
        if said is None or draft.reading is None:
            return ()
        names = name_keys(draft.text, draft.mentions, draft.abbreviations)
        name_of = dict(zip((mention.id for mention in draft.mentions), names, strict=True))
        decoded = self._decoding(said, [name_of[end.id] for end in ends])
        found = as_relations(draft.text, draft.reading.words, ends, said, decoded)
        trusted = [(edge, trigger) for edge, trigger in ruled if edge.pattern in self._rules]
        certain: dict[tuple[str, str], Relation] = {}
        for edge, trigger in trusted:
            joined = name_of[edge.source.id], name_of[edge.target.id]
            if joined[0] != joined[1]:
                certain.setdefault(joined, stated(edge, trigger, id=""))
        decided = set(map(frozenset, certain))
        kept = [item for item in found if frozenset((name_of[item.source], name_of[item.target])) not in decided]
        places = {mention.id: place for place, mention in enumerate(draft.mentions)}
        both = sorted((*kept, *certain.values()), key=lambda item: (places[item.source], places[item.target]))
        return tuple(replace(relation, id=f"R{number}") for number, relation in enumerate(both, start=1))


def _ends(draft: Draft) -> list[Mention]:
    """What relations may join: the mentions, and pronouns, which have the ids of the mentions they stand for."""
    pronouns = [
        Mention(meant.id, meant.type, span.start, span.end, span.of(draft.text))
        for span, meant in subjects(draft.text, draft.sentences, draft.mentions)
    ]
    return [*draft.mentions, *pronouns]


def _inputs(draft: Draft, ends: Sequence[Mention], ruled: Iterable[tuple[Edge, Trigger]]) -> EdgeInputs | None:
    """What the network is asked about a draft; None where there is nothing to ask."""
    reading = draft.reading
    if reading is None or len(draft.mentions) < 2:
        return None
    spans = [LabelledSpan(end.start, end.end, end.type) for end in ends]
    cues = word_cues(draft.text, reading.words)
    pairs = pair_cues((edge for edge, _ in ruled), [mention.id for mention in draft.mentions])
    inputs = EdgeInputs.of(draft.text, reading.words, spans, TAGS, cues, pairs)
    return inputs if len(inputs.pairs) else None

"""Relations by a trained network, which reads on from the words of the tagger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from nlp.networks.edge_scores import EdgeGraph, EdgeInputs
from nlp.networks.names import TAGS
from nlp.networks.tags import LabelledSpan
from nlp.stages.base import Draft, Stage
from nlp.stages.edge_cues import pair_cues, word_cues
from nlp.stages.edge_decoding import Decoding, as_relations, name_keys
from nlp.stages.relations import rule_edges, stated
from nlp.types import Relation


class ModelRelations(Stage[tuple[Relation, ...]]):
    """States what a network finds between mentions, and what chosen rules find where it finds nothing.

    Args:
        edges: the network.
        threshold: as in ``Decoding``.
        temperature: as in ``Decoding``.
        rules: patterns (``nlp.stages.relations.PRECISION``) whose edges are added.
    """

    name: ClassVar[str] = "model-relations"
    requires: ClassVar[frozenset[str]] = frozenset({"sentences", "abbreviations", "mentions", "reading"})
    provides: ClassVar[frozenset[str]] = frozenset({"relations"})

    def __init__(
        self, edges: EdgeGraph, threshold: float = 0.5, temperature: float = 1.0, rules: Collection[str] = ()
    ) -> None:
        self._edges = edges
        self._decoding = Decoding(threshold, temperature)
        self._rules = frozenset(rules)

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Relation, ...]]:
        return [self._relations(draft) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Relation, ...]) -> None:
        draft.relations = prediction

    def _relations(self, draft: Draft) -> tuple[Relation, ...]:
        found = self._found(draft)
        if not self._rules:
            return found
        return tuple(
            replace(relation, id=f"R{number}")
            for number, relation in enumerate((*found, *self._added(draft, found)), start=1)
        )

    def _found(self, draft: Draft) -> tuple[Relation, ...]:
        reading = draft.reading
        if reading is None or len(draft.mentions) < 2:
            return ()
        spans = [LabelledSpan(mention.start, mention.end, mention.type) for mention in draft.mentions]
        cues = word_cues(draft.text, reading.words)
        ruled = pair_cues(draft, [mention.id for mention in draft.mentions])
        inputs = EdgeInputs.of(draft.text, reading.words, spans, TAGS, cues, ruled)
        if not len(inputs.pairs):
            return ()
        said = self._edges(inputs, reading.vectors)
        names = name_keys(draft.text, draft.mentions, draft.abbreviations)
        return as_relations(draft.text, reading.words, draft.mentions, said, self._decoding(said, names))

    def _added(self, draft: Draft, found: Sequence[Relation]) -> Iterator[Relation]:
        """What the rules find between names that the network found nothing between, each pair of names once."""
        names = dict(
            zip(
                (mention.id for mention in draft.mentions),
                name_keys(draft.text, draft.mentions, draft.abbreviations),
                strict=True,
            )
        )
        known = {frozenset((names[relation.source], names[relation.target])) for relation in found}
        for edge, trigger in rule_edges(draft):
            ends = frozenset((names[edge.source.id], names[edge.target.id]))
            if edge.pattern in self._rules and ends not in known:
                known.add(ends)
                yield stated(edge, trigger, id="")

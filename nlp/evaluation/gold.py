"""Scoring documents against gold captions: mentions, and edges at the level of the caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nlp.errors import InputError, Location
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Estimate, Scores
from nlp.evaluation.edges import EdgeMatch, PairLabels, asserted_edges, compare_labels, match_edges
from nlp.evaluation.predictions import Predictions
from nlp.types import Document, Mention

# The two that readers confuse most: does the source change the activity or the amount of its target?
_EASILY_CONFUSED: Final = frozenset({"activation", "expression"})


@dataclass(frozen=True, slots=True)
class CaptionScore:
    """What was found and missed in one caption.

    Attributes:
        id: caption id.
        gold, predicted: the mentions of either side.
        edges: by names, type and sign.
        pairs: by names only.
        labels: gold's and predicted labels of the pairs that were found.
    """

    id: str
    gold: tuple[Mention, ...]
    predicted: tuple[Mention, ...]
    edges: EdgeMatch
    pairs: EdgeMatch
    labels: tuple[PairLabels, ...]

    @property
    def missed(self) -> tuple[Mention, ...]:
        """Gold mentions that were not predicted with this very span and type."""
        return _without(self.gold, self.predicted)

    @property
    def spurious(self) -> tuple[Mention, ...]:
        """Predicted mentions that are not gold with this very span and type."""
        return _without(self.predicted, self.gold)

    def strict(self, type: str | None = None) -> Counts:
        """Mentions with the same span and type; a span marked twice counts once."""
        gold, predicted = _keys(_of_type(self.gold, type)), _keys(_of_type(self.predicted, type))
        right = len(gold & predicted)
        return Counts(right, len(predicted), right, len(gold))

    def overlap(self, type: str | None = None) -> Counts:
        """Mentions that overlap one of their type on the other side."""
        gold, predicted = _of_type(self.gold, type), _of_type(self.predicted, type)
        return Counts(_touching(predicted, gold), len(predicted), _touching(gold, predicted), len(gold))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of ``evaluate``.

    Attributes:
        mentions_strict: mentions with the same span and type.
        mentions_overlap: mentions that overlap one of the same type.
        strict_by_type, overlap_by_type: the same, for each mention type.
        edges: asserted edges with the same type and sign.
        edges_untyped: the same pairs, whatever the type and sign.
        edges_by_type: asserted edges with the same type and sign, for each relation type.
        sign_accuracy: share of the gold edges whose pair was found that have gold's sign.
        type_accuracy: share of them that have gold's type.
        activation_expression: share of the gold activation and expression edges whose pair was found that were taken
            for the other of the two.
        confusion: how many gold edges of one type had their pair found as which type.
        captions: each caption's outcome, in gold's order.
        missing: ids of gold captions without a prediction; all they hold counts as missed.
        text_changed: ids of captions whose prediction was made from another text.
        bootstrap: how the intervals were drawn.
    """

    mentions_strict: Scores
    mentions_overlap: Scores
    strict_by_type: Mapping[str, Scores]
    overlap_by_type: Mapping[str, Scores]
    edges: Scores
    edges_untyped: Scores
    edges_by_type: Mapping[str, Scores]
    sign_accuracy: Estimate
    type_accuracy: Estimate
    activation_expression: Estimate
    confusion: Mapping[tuple[str, str], int]
    captions: tuple[CaptionScore, ...]
    missing: tuple[str, ...]
    text_changed: tuple[str, ...]
    bootstrap: Bootstrap


def evaluate(
    gold: Sequence[Document],
    predicted: Mapping[str, Document],
    *,
    bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
) -> Evaluation:
    """Score predictions against gold captions.

    Args:
        gold: gold documents; what is predicted for other ids is left out.
        predicted: documents by id.
        bootstrap: how to draw for the intervals, over captions.

    Raises:
        InputError: if two gold documents have one id.
    """
    captions: dict[str, CaptionScore] = {}
    predictions = Predictions(predicted)
    for document in gold:
        if document.id in captions:
            raise InputError("a gold caption comes twice", where=Location(id=document.id))
        captions[document.id] = score_caption(document, predictions.of(document.id, document.text))
    return _summarise(tuple(captions.values()), predictions, bootstrap)


def score_caption(gold: Document, predicted: Document) -> CaptionScore:
    """Compare one prediction with one gold caption."""
    gold_edges, predicted_edges = asserted_edges(gold, labelled=True), asserted_edges(predicted, labelled=True)
    return CaptionScore(
        id=gold.id,
        gold=gold.mentions,
        predicted=predicted.mentions,
        edges=match_edges(gold_edges, predicted_edges),
        pairs=match_edges(asserted_edges(gold, labelled=False), asserted_edges(predicted, labelled=False)),
        labels=compare_labels(gold_edges, predicted_edges),
    )


def _summarise(captions: tuple[CaptionScore, ...], predictions: Predictions, bootstrap: Bootstrap) -> Evaluation:
    mention_types = sorted({mention.type for caption in captions for mention in (*caption.gold, *caption.predicted)})
    relation_types = sorted({type for caption in captions for type in caption.edges.types()})
    scores = bootstrap.scores(
        {
            "pairs": [caption.pairs.counts() for caption in captions],
            **{("strict", type): [caption.strict(type) for caption in captions] for type in (None, *mention_types)},
            **{("overlap", type): [caption.overlap(type) for caption in captions] for type in (None, *mention_types)},
            **{
                ("edges", type): [caption.edges.counts(type) for caption in captions]
                for type in (None, *relation_types)
            },
        }
    )
    shares = bootstrap.ratios(
        {
            "sign": [_share(pair.gold.sign == pair.predicted.sign for pair in caption.labels) for caption in captions],
            "type": [_share(pair.gold.type == pair.predicted.type for pair in caption.labels) for caption in captions],
            "swapped": [
                _share(
                    {pair.gold.type, pair.predicted.type} == _EASILY_CONFUSED
                    for pair in caption.labels
                    if pair.gold.type in _EASILY_CONFUSED
                )
                for caption in captions
            ],
        }
    )
    return Evaluation(
        mentions_strict=scores["strict", None],
        mentions_overlap=scores["overlap", None],
        strict_by_type=MappingProxyType({type: scores["strict", type] for type in mention_types}),
        overlap_by_type=MappingProxyType({type: scores["overlap", type] for type in mention_types}),
        edges=scores["edges", None],
        edges_untyped=scores["pairs"],
        edges_by_type=MappingProxyType({type: scores["edges", type] for type in relation_types}),
        sign_accuracy=shares["sign"],
        type_accuracy=shares["type"],
        activation_expression=shares["swapped"],
        confusion=MappingProxyType(
            Counter((pair.gold.type, pair.predicted.type) for caption in captions for pair in caption.labels)
        ),
        captions=captions,
        missing=tuple(predictions.missing),
        text_changed=tuple(predictions.text_changed),
        bootstrap=bootstrap,
    )


def _share(facts: Iterable[bool]) -> tuple[int, int]:
    held = list(facts)
    return sum(held), len(held)


def _key(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.type


def _keys(mentions: Iterable[Mention]) -> set[tuple[int, int, str]]:
    return {_key(mention) for mention in mentions}


def _of_type(mentions: Sequence[Mention], type: str | None) -> Sequence[Mention]:
    return mentions if type is None else [mention for mention in mentions if mention.type == type]


def _without(mentions: Iterable[Mention], others: Iterable[Mention]) -> tuple[Mention, ...]:
    keys = _keys(others)
    return tuple(mention for mention in mentions if _key(mention) not in keys)


def _touching(mentions: Iterable[Mention], others: Collection[Mention]) -> int:
    return sum(
        any(mention.type == other.type and mention.start < other.end and other.start < mention.end for other in others)
        for mention in mentions
    )

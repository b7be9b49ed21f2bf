"""Scoring documents against gold captions: mentions and what they refer to, edges, and the scores of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from nlp.errors import InputError, Location
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.calibration import BINS, Judged, Reliability, reliability, shares_of_bins
from nlp.evaluation.counts import Counts, Estimate, Scores
from nlp.evaluation.curves import CurvePoint, precision_recall
from nlp.evaluation.edges import (
    EdgeMatch,
    PairLabels,
    asserted_edges,
    compare_labels,
    edges_of_mentions,
    match_edges,
    without_labels,
    without_signs,
)
from nlp.evaluation.grounding import Grounding, score_grounding
from nlp.evaluation.predictions import Predictions
from nlp.evaluation.references import Judge, Judgement, once
from nlp.types import Document, Mention

# The two that readers confuse most: does the source change the activity or the amount of its target?
_EASILY_CONFUSED: Final = frozenset({"activation", "expression"})
_SHOWN: Final = 40
"""Characters of two texts that are shown where they part."""


@dataclass(frozen=True, slots=True)
class CaptionScore:
    """What was found and missed in one caption.

    Attributes:
        id: caption id.
        text: of the gold caption.
        text_changed: whether the prediction was made from another text, so that its mentions and triggers stand
            elsewhere.
        gold, predicted: the mentions of either side.
        edges: by names, type and sign.
        typed: by names and type.
        pairs: by names only.
        labels: gold's and predicted labels of the pairs that were found.
        mention_edges, mention_typed, mention_pairs: the same as ``edges``, ``typed`` and ``pairs``, but between the
            very mentions.
        references: how the mentions were grounded; empty where gold has no references.
    """

    id: str
    text: str
    text_changed: bool
    gold: tuple[Mention, ...]
    predicted: tuple[Mention, ...]
    edges: EdgeMatch
    typed: EdgeMatch
    pairs: EdgeMatch
    labels: tuple[PairLabels, ...]
    mention_edges: Counts
    mention_typed: Counts
    mention_pairs: Counts
    references: Judgement

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
        return _counts(_keys(_of_type(self.gold, type)), _keys(_of_type(self.predicted, type)))

    def overlap(self, type: str | None = None) -> Counts:
        """Mentions that overlap one of their type on the other side."""
        gold, predicted = _of_type(self.gold, type), _of_type(self.predicted, type)
        return Counts(_touching(predicted, gold), len(predicted), _touching(gold, predicted), len(gold))

    def judged_mentions(self) -> list[Judged]:
        """Scores of the predicted mentions, and whether span and type are right; of those that agree the surest."""
        surest: dict[tuple[int, int, str], float] = {}
        for mention in self.predicted:
            surest[_key(mention)] = max(mention.score, surest.get(_key(mention), 0.0))
        gold = _keys(self.gold)
        return [(score, key in gold) for key, score in surest.items()]

    def judged_edges(self) -> list[Judged]:
        """Scores of the predicted edges, and whether names, type and sign are right."""
        right, spurious = ((edge.score for edge in edges) for edges in (self.edges.right, self.edges.spurious))
        return [*((score, True) for score in right), *((score, False) for score in spurious)]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of ``evaluate``.

    Attributes:
        mentions_strict: mentions with the same span and type.
        mentions_overlap: mentions that overlap one of the same type.
        strict_by_type, overlap_by_type: the same, for each mention type.
        edges: asserted edges with the same type and sign.
        edges_typed: asserted edges with the same type, whatever the sign.
        edges_untyped: the same pairs, whatever the type and sign.
        edges_by_type: asserted edges with the same type and sign, for each relation type.
        mention_edges, mention_edges_typed, mention_edges_untyped: the same as ``edges``, ``edges_typed`` and
            ``edges_untyped`` between the very mentions, with the same spans and types.
        sign_accuracy: share of the gold edges whose pair was found that have gold's sign.
        type_accuracy: share of them that have gold's type.
        activation_expression: share of the gold activation and expression edges whose pair was found that were taken
            for the other of the two.
        confusion: how many gold edges of one type had their pair found as which type.
        grounding: of mentions; None where gold has no references.
        mention_reliability: of the scores of mentions, against ``mentions_strict``.
        edge_reliability: of the scores of edges, against ``edges``.
        mention_curve, edge_curve: precision and recall of ``mentions_strict`` and ``edges`` over the threshold of the
            score.
        captions: each caption's outcome, in gold's order.
        missing: ids of gold captions without a prediction; all they hold counts as missed.
        text_changed: ids of captions whose prediction was made from another text.
        bootstrap: how the intervals were drawn.
        judge: how the references were judged.
    """

    mentions_strict: Scores
    mentions_overlap: Scores
    strict_by_type: Mapping[str, Scores]
    overlap_by_type: Mapping[str, Scores]
    edges: Scores
    edges_typed: Scores
    edges_untyped: Scores
    edges_by_type: Mapping[str, Scores]
    mention_edges: Scores
    mention_edges_typed: Scores
    mention_edges_untyped: Scores
    sign_accuracy: Estimate
    type_accuracy: Estimate
    activation_expression: Estimate
    confusion: Mapping[tuple[str, str], int]
    grounding: Grounding | None
    mention_reliability: Reliability
    edge_reliability: Reliability
    mention_curve: tuple[CurvePoint, ...]
    edge_curve: tuple[CurvePoint, ...]
    captions: tuple[CaptionScore, ...]
    missing: tuple[str, ...]
    text_changed: tuple[str, ...]
    bootstrap: Bootstrap
    judge: Judge


def evaluate(
    gold: Sequence[Document],
    predicted: Mapping[str, Document],
    *,
    bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
    judge: Judge = Judge(beyond=True),  # noqa: B008 — nothing changes it
) -> Evaluation:
    """Score predictions against gold captions.

    Args:
        gold: gold documents; what is predicted for other ids is left out.
        predicted: documents by id.
        bootstrap: how to draw for the intervals, over captions.
        judge: of references; without one of a lexicon, an identifier is the same as itself alone.

    Raises:
        InputError: if two gold documents have one id.
    """
    predictions = Predictions(predicted)
    return _summarise(score_captions(gold, predictions, judge), predictions, bootstrap, judge)


def of_same_text(
    gold: Iterable[Document], predicted: Mapping[str, Document], on_error: Callable[[InputError], None]
) -> dict[str, Document]:
    """The predictions that were made from gold's own text; spans in another one mean nothing in it.

    Args:
        gold: gold documents.
        predicted: documents by id.
        on_error: told of each prediction that was made from another text, with the place where they part.
    """
    texts = {document.id: document.text for document in gold}
    kept = {}
    for id, document in predicted.items():
        text = texts.get(id, document.text)
        if document.text == text:
            kept[id] = document
            continue
        same = takewhile(lambda pair: pair[0] == pair[1], zip(text, document.text, strict=False))
        place = sum(1 for _ in same)
        on_error(
            InputError(
                "a prediction was made from another text than gold's",
                expected=f"{text[place : place + _SHOWN]!r} at character {place:,}",
                found=repr(document.text[place : place + _SHOWN]),
                where=Location(id=id),
            )
        )
    return kept


def score_captions(
    gold: Iterable[Document], predictions: Predictions, judge: Judge | None = None
) -> tuple[CaptionScore, ...]:
    """Compare the prediction for each gold caption with it; references only if there is a judge and gold has some.

    Raises:
        InputError: if two gold documents have one id.
    """
    documents = list(gold)
    if not any(mention.references for document in documents for mention in document.mentions):
        judge = None
    captions: dict[str, CaptionScore] = {}
    for document in documents:
        if document.id in captions:
            raise InputError("a gold caption comes twice", where=Location(id=document.id))
        captions[document.id] = score_caption(document, predictions.of(document.id, document.text), judge)
    return tuple(captions.values())


def score_caption(gold: Document, predicted: Document, judge: Judge | None = None) -> CaptionScore:
    """Compare one prediction with one gold caption; references only if there is a judge of them."""
    sides = asserted_edges(gold, labelled=True), asserted_edges(predicted, labelled=True)
    typed = without_signs(sides[0]), without_signs(sides[1])
    pairs = without_labels(sides[0]), without_labels(sides[1])
    return CaptionScore(
        id=gold.id,
        text=gold.text,
        text_changed=predicted.text != gold.text,
        gold=gold.mentions,
        predicted=predicted.mentions,
        edges=match_edges(*sides),
        typed=match_edges(*typed),
        pairs=match_edges(*pairs),
        labels=compare_labels(*sides),
        mention_edges=_counts(*map(edges_of_mentions, sides)),
        mention_typed=_counts(*map(edges_of_mentions, typed)),
        mention_pairs=_counts(*map(edges_of_mentions, pairs)),
        references=judge.judge(once(gold.mentions), once(predicted.mentions)) if judge else Judgement(),
    )


def _summarise(
    captions: tuple[CaptionScore, ...], predictions: Predictions, bootstrap: Bootstrap, judge: Judge
) -> Evaluation:
    mention_types = sorted({mention.type for caption in captions for mention in (*caption.gold, *caption.predicted)})
    relation_types = sorted({type for caption in captions for type in caption.edges.types()})
    mentions = [caption.judged_mentions() for caption in captions]
    edges = [caption.judged_edges() for caption in captions]
    scores, shares = bootstrap.estimates(
        {
            **{("strict", type): [caption.strict(type) for caption in captions] for type in (None, *mention_types)},
            **{("overlap", type): [caption.overlap(type) for caption in captions] for type in (None, *mention_types)},
            **{
                ("edges", type): [caption.edges.counts(type) for caption in captions]
                for type in (None, *relation_types)
            },
            "typed": [caption.typed.counts() for caption in captions],
            "pairs": [caption.pairs.counts() for caption in captions],
            "mention edges": [caption.mention_edges for caption in captions],
            "mention typed": [caption.mention_typed for caption in captions],
            "mention pairs": [caption.mention_pairs for caption in captions],
        },
        {
            **_label_shares(captions),
            **{("mention bin", place): units for place, units in enumerate(shares_of_bins(mentions))},
            **{("edge bin", place): units for place, units in enumerate(shares_of_bins(edges))},
        },
    )
    return Evaluation(
        mentions_strict=scores["strict", None],
        mentions_overlap=scores["overlap", None],
        strict_by_type=MappingProxyType({type: scores["strict", type] for type in mention_types}),
        overlap_by_type=MappingProxyType({type: scores["overlap", type] for type in mention_types}),
        edges=scores["edges", None],
        edges_typed=scores["typed"],
        edges_untyped=scores["pairs"],
        edges_by_type=MappingProxyType({type: scores["edges", type] for type in relation_types}),
        mention_edges=scores["mention edges"],
        mention_edges_typed=scores["mention typed"],
        mention_edges_untyped=scores["mention pairs"],
        sign_accuracy=shares["sign"],
        type_accuracy=shares["type"],
        activation_expression=shares["swapped"],
        confusion=MappingProxyType(
            Counter((pair.gold.type, pair.predicted.type) for caption in captions for pair in caption.labels)
        ),
        grounding=score_grounding([caption.references for caption in captions], bootstrap),
        mention_reliability=reliability(mentions, [shares["mention bin", place] for place in range(BINS)]),
        edge_reliability=reliability(edges, [shares["edge bin", place] for place in range(BINS)]),
        mention_curve=_mention_curve(captions, mentions),
        edge_curve=_edge_curve(captions, edges),
        captions=captions,
        missing=tuple(predictions.missing),
        text_changed=tuple(predictions.text_changed),
        bootstrap=bootstrap,
        judge=judge,
    )


def _label_shares(captions: Sequence[CaptionScore]) -> dict[Hashable, list[tuple[float, float]]]:
    """For each caption how many of the pairs found have gold's sign, gold's type, or the type easily confused."""
    shares: dict[Hashable, list[tuple[float, float]]] = {"sign": [], "type": [], "swapped": []}
    for caption in captions:
        pairs = caption.labels
        confusable = [pair for pair in pairs if pair.gold.type in _EASILY_CONFUSED]
        swapped = sum({pair.gold.type, pair.predicted.type} == _EASILY_CONFUSED for pair in confusable)
        shares["sign"].append((sum(pair.gold.sign == pair.predicted.sign for pair in pairs), len(pairs)))
        shares["type"].append((sum(pair.gold.type == pair.predicted.type for pair in pairs), len(pairs)))
        shares["swapped"].append((swapped, len(confusable)))
    return shares


def _mention_curve(captions: Iterable[CaptionScore], judged: Iterable[Iterable[Judged]]) -> tuple[CurvePoint, ...]:
    predicted = [one for units in judged for one in units]
    gold = sum(caption.strict().gold for caption in captions)
    return precision_recall(predicted, [score for score, is_right in predicted if is_right], gold)


def _edge_curve(captions: Iterable[CaptionScore], judged: Iterable[Iterable[Judged]]) -> tuple[CurvePoint, ...]:
    matches = [caption.edges for caption in captions]
    found = [score for match in matches for score in match.found_scores]
    gold = len(found) + sum(len(match.missed) for match in matches)
    return precision_recall([one for units in judged for one in units], found, gold)


def _counts(gold: Set[Hashable], predicted: Set[Hashable]) -> Counts:
    right = len(gold & predicted)
    return Counts(right, len(predicted), right, len(gold))


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

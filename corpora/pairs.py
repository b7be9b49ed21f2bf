"""Which pairs of mentions an annotation rules on, and texts cut into pieces that a model can read at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from nlp.networks.tags import LabelledSpan
from nlp.training.relation_examples import LabelledRelation, RelatedExample
from nlp.types import Span

Pair = tuple[int, int]


def in_order(spans: Iterable[LabelledSpan]) -> list[LabelledSpan]:
    """Distinct spans by start, the longer first."""
    return sorted(set(spans), key=lambda span: (span.start, -span.end, span.label))


def sentence_numbers(mentions: Iterable[LabelledSpan], sentences: Sequence[Span]) -> list[int]:
    """For each mention the sentence that it begins in."""
    starts = [sentence.start for sentence in sentences]
    return [max(bisect_right(starts, mention.start) - 1, 0) for mention in mentions]


def near_pairs(numbers: Sequence[int], reach: int) -> set[Pair]:
    """Ordered pairs of mentions whose sentences are at most ``reach`` apart."""
    return {
        (source, target)
        for source, one in enumerate(numbers)
        for target, other in enumerate(numbers)
        if source != target and abs(one - other) <= reach
    }


def unlabelled_twins(names: Sequence[Hashable], relations: Iterable[LabelledRelation]) -> set[Pair]:
    """Pairs of mentions with the names of a related pair, but not related themselves.

    A relation is marked at one pair of mentions only, so its twins are unknown rather than negative. Binding has no
    direction, so its twins are those with the names swapped too, but for the related pair itself turned round, whose
    direction the annotation chose.
    """
    related: set[Pair] = set()
    named: set[tuple[Hashable, Hashable]] = set()
    turned: set[Pair] = set()
    for relation in relations:
        source, target = relation.source, relation.target
        related.add((source, target))
        named.add((names[source], names[target]))
        if relation.label.startswith("binding"):
            named.add((names[target], names[source]))
            turned.add((target, source))
    twins = {
        (source, target)
        for source, one in enumerate(names)
        for target, other in enumerate(names)
        if source != target and (one, other) in named
    }
    return twins - related - turned


def judged_pairs(
    known: Collection[Pair], unknown: Collection[Pair], relations: Iterable[LabelledRelation]
) -> tuple[Pair, ...]:
    """Sorted: the known pairs without the unknown, and all that are related."""
    return tuple(sorted({*known} - {*unknown} | {(relation.source, relation.target) for relation in relations}))


def cut(example: RelatedExample, sentences: Sequence[Span], limit: int | None) -> Iterator[RelatedExample]:
    """Pieces of at most ``limit`` characters, cut between sentences; a longer sentence is a piece of its own.

    Without a limit the text stays whole.

    No mention is cut. Relations and judged pairs that reach from one piece into another are left out. Pieces without a
    mention are left out as well; if there are several, ``#`` and a number are added to their id.
    """
    spans = _pieces(example, sentences, limit)
    for number, span in enumerate(spans):
        kept = {
            index: position
            for position, index in enumerate(
                index for index, mention in enumerate(example.mentions) if span.start <= mention.start < span.end
            )
        }
        if not kept:
            continue
        yield RelatedExample(
            id=example.id if len(spans) == 1 else f"{example.id}#{number}",
            text=span.of(example.text),
            mentions=tuple(
                LabelledSpan(mention.start - span.start, mention.end - span.start, mention.label)
                for mention in (example.mentions[index] for index in kept)
            ),
            relations=tuple(
                replace(
                    relation,
                    source=kept[relation.source],
                    target=kept[relation.target],
                    trigger=_moved(relation.trigger, span),
                )
                for relation in example.relations
                if relation.source in kept and relation.target in kept
            ),
            judged=tuple(
                (kept[source], kept[target]) for source, target in example.judged if source in kept and target in kept
            ),
        )


def _pieces(example: RelatedExample, sentences: Sequence[Span], limit: int | None) -> list[Span]:
    cuts = [
        sentence.start
        for sentence in (() if limit is None else sentences[1:])
        if not any(mention.start < sentence.start < mention.end for mention in example.mentions)
    ]
    starts = [0]
    for cut, end in pairwise((*cuts, len(example.text))):
        if limit is not None and end - starts[-1] > limit:
            starts.append(cut)
    ends = [*starts[1:], len(example.text)]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _moved(trigger: Span | None, piece: Span) -> Span | None:
    if trigger is None or not piece.contains(trigger):
        return None
    return Span(trigger.start - piece.start, trigger.end - piece.start)

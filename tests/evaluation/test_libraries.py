"""Agreement with seqeval and nervaluate on what they measure too.

seqeval in its strict mode, and nervaluate's ``strict``, are ``mentions_strict``. nervaluate's ``ent_type`` is
``mentions_overlap`` where a mention overlaps at most one of the other side: it pairs mentions one to one, so that of
two predicted halves of a gold mention one is spurious, while here both are right. Its ``partial`` does not look at
types and gives half a point where only the spans overlap: of one type, that is the mean of strict and overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate.entities import EvaluationResult
from nervaluate.evaluator import Evaluator
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Scores
from nlp.evaluation.gold import Evaluation, evaluate
from nlp.types import Document, Mention

WORDS = "the active form of AKT kinase blocks cell death in liver".split()
TEXT = " ".join(WORDS)
STARTS = [len(" ".join(WORDS[:place])) + (place > 0) for place in range(len(WORDS))]
TYPES = ("CHEMICAL", "GENE", "PROCESS")

#: First word, the word after the last, and type.
Marked = tuple[int, int, str]

GOLD: list[list[Marked]] = [[(4, 6, "GENE"), (7, 9, "PROCESS")], [(0, 4, "CHEMICAL"), (10, 11, "GENE")], []]
PREDICTED: list[list[Marked]] = [
    [(4, 5, "GENE"), (7, 9, "PROCESS"), (10, 11, "CHEMICAL")],
    [(1, 4, "GENE"), (10, 11, "GENE")],
    [(0, 1, "PROCESS")],
]


def document(id: int, marked: Sequence[Marked]) -> Document:
    spans = [(STARTS[first], STARTS[last - 1] + len(WORDS[last - 1]), type) for first, last, type in marked]
    mentions = (Mention(f"T{n}", type, start, end, TEXT[start:end]) for n, (start, end, type) in enumerate(spans))
    return Document(str(id), TEXT, tuple(mentions))


def own(gold: Sequence[Sequence[Marked]], predicted: Sequence[Sequence[Marked]]) -> Evaluation:
    documents = [document(id, marked) for id, marked in enumerate(predicted)]
    return evaluate(
        [document(id, marked) for id, marked in enumerate(gold)],
        {one.id: one for one in documents},
        bootstrap=Bootstrap(resamples=2),
    )


def tags(marked: Sequence[Marked]) -> list[str]:
    """IOB2 tags of the words."""
    made = ["O"] * len(WORDS)
    for first, last, type in marked:
        made[first:last] = [f"B-{type}", *[f"I-{type}"] * (last - first - 1)]
    return made


def nervaluate(
    gold: Sequence[Sequence[Marked]], predicted: Sequence[Sequence[Marked]], how: str, type: str | None = None
) -> EvaluationResult:
    sides = [
        [[{"label": type, "start": first, "end": last - 1} for first, last, type in marked] for marked in side]
        for side in (gold, predicted)
    ]
    results = Evaluator(*sides, tags=[*TYPES], loader="dict").evaluate()
    return results["overall"][how] if type is None else results["entities"][type][how]


def same(scores: Scores, precision: float, recall: float, f1: float) -> bool:
    return (scores.precision.value, scores.recall.value, scores.f1.value) == pytest.approx((precision, recall, f1))


@st.composite
def flat(draw: st.DrawFn, types: Sequence[str] = TYPES) -> list[Marked]:
    """Mentions of one caption that do not overlap."""
    marked, place = [], 0
    while place < len(WORDS):
        length, type = draw(st.integers(0, 3)), draw(st.sampled_from([*types]))
        last = min(place + length, len(WORDS))
        if length:
            marked.append((place, last, type))
        place = last + draw(st.integers(0 if length else 1, 2))
    return marked


captions = st.lists(st.tuples(flat(), flat()), min_size=1, max_size=4)


@st.composite
def one_to_one(draw: st.DrawFn, types: Sequence[str] = TYPES) -> tuple[list[Marked], list[Marked]]:
    """Both sides of one caption, where no mention overlaps two of the other side."""
    gold, predicted = [], []
    for first in range(0, len(WORDS) - 2, 3):
        for side in (gold, predicted):
            start, end = draw(st.sampled_from([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (0, 0)]))
            if end:
                side.append((first + start, first + end, draw(st.sampled_from([*types]))))
    return gold, predicted


def test_the_example_is_scored_as_counted_by_hand() -> None:
    result = own(GOLD, PREDICTED)
    assert result.mentions_strict.counts == Counts(2, 6, 2, 4)
    assert result.mentions_overlap.counts == Counts(3, 6, 3, 4)


@given(captions)
def test_strict_is_that_of_seqeval(pairs: list[tuple[list[Marked], list[Marked]]]) -> None:
    gold, predicted = [one for one, _ in pairs], [one for _, one in pairs]
    result = own(gold, predicted)
    settings = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    sides = [[tags(marked) for marked in side] for side in (gold, predicted)]
    if not result.strict_by_type:
        return  # seqeval has no answer where nothing is marked at all
    measures = (precision_score, recall_score, f1_score)
    assert same(result.mentions_strict, *(measure(*sides, average="micro", **settings) for measure in measures))
    by_type = (measure(*sides, average=None, **settings) for measure in measures)
    for scores, *theirs in zip(result.strict_by_type.values(), *by_type, strict=True):
        assert same(scores, *theirs)


@given(captions)
def test_strict_is_that_of_nervaluate(pairs: list[tuple[list[Marked], list[Marked]]]) -> None:
    gold, predicted = [one for one, _ in pairs], [one for _, one in pairs]
    result = own(gold, predicted)
    for type, scores in {None: result.mentions_strict, **result.strict_by_type}.items():
        other = nervaluate(gold, predicted, "strict", type)
        assert same(scores, other.precision, other.recall, other.f1)
        assert scores.counts == Counts(other.correct, other.actual, other.correct, other.possible)


@given(st.lists(one_to_one(), min_size=1, max_size=4))
def test_overlap_is_ent_type_of_nervaluate_where_mentions_meet_one_to_one(
    pairs: list[tuple[list[Marked], list[Marked]]],
) -> None:
    gold, predicted = [one for one, _ in pairs], [one for _, one in pairs]
    result = own(gold, predicted)
    for type, scores in {None: result.mentions_overlap, **result.overlap_by_type}.items():
        other = nervaluate(gold, predicted, "ent_type", type)
        assert scores.counts == Counts(other.correct, other.actual, other.correct, other.possible)


@given(st.lists(one_to_one(("GENE",)), min_size=1, max_size=4))
def test_partial_of_nervaluate_is_the_mean_of_strict_and_overlap_of_one_type(
    pairs: list[tuple[list[Marked], list[Marked]]],
) -> None:
    gold, predicted = [one for one, _ in pairs], [one for _, one in pairs]
    result, other = own(gold, predicted), nervaluate(gold, predicted, "partial")
    strict, overlap = result.mentions_strict, result.mentions_overlap
    assert other.precision == pytest.approx((strict.precision.value + overlap.precision.value) / 2)
    assert other.recall == pytest.approx((strict.recall.value + overlap.recall.value) / 2)


def test_of_two_halves_of_a_mention_nervaluate_calls_one_spurious() -> None:
    gold: list[list[Marked]] = [[(0, 4, "GENE")]]
    halves: list[list[Marked]] = [[(0, 2, "GENE"), (2, 4, "GENE")]]
    other = nervaluate(gold, halves, "ent_type")
    assert (other.correct, other.spurious) == (1, 1)
    assert own(gold, halves).mentions_overlap.counts == Counts(2, 2, 1, 1)


@given(captions)
def test_overlap_is_never_less_than_ent_type(pairs: list[tuple[list[Marked], list[Marked]]]) -> None:
    gold, predicted = [one for one, _ in pairs], [one for _, one in pairs]
    result, other = own(gold, predicted), nervaluate(gold, predicted, "ent_type")
    assert result.mentions_overlap.counts.tp_predicted >= other.correct
    assert result.mentions_overlap.counts.tp_gold >= other.correct

"""Comparing two predictions of the same captions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markup import parse

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.comparison import compare
from nlp.evaluation.gold import evaluate
from nlp.types import Document

CAPTION = parse(
    """
    ⟦T1:GENE|ERK⟧ activates ⟦T2:GENE|BAD⟧ and ⟦T3:GENE|AKT⟧.
    R T1 T2 activation +
    R T1 T3 activation +
    """
)
GOLD = [replace(CAPTION, id=str(number)) for number in range(30)]


def worse(document: Document, *, sign: bool = False, drop: bool = False) -> Document:
    first, second = document.relations
    if sign:
        second = replace(second, sign=-1)
    return replace(document, relations=(first,) if drop else (first, second))


def test_each_measure_is_compared() -> None:
    wrong_signs = {document.id: worse(document, sign=int(document.id) % 2 == 0) for document in GOLD}
    dropped = {document.id: worse(document, drop=int(document.id) % 3 == 0) for document in GOLD}
    result = evaluate(GOLD, wrong_signs)
    comparison = compare(result, GOLD, dropped)
    other = evaluate(GOLD, dropped)
    assert [*comparison.measures] == ["mentions_strict", "edges", "edges_untyped"]
    for name, one in comparison.measures.items():
        assert one.first == getattr(result, name).f1.value
        assert one.second == getattr(other, name).f1.value
        assert one.difference.value == pytest.approx(one.first - one.second)
        assert one.difference.low <= one.difference.value <= one.difference.high
    assert comparison.measures["mentions_strict"].p == 1
    assert comparison.measures["edges"].difference.high < 0
    assert comparison.measures["edges"].p < 0.05
    assert comparison.measures["edges_untyped"].difference.low > 0
    assert comparison.measures["edges_untyped"].p < 0.05


def test_a_small_difference_may_be_chance() -> None:
    result = evaluate(GOLD, {document.id: document for document in GOLD})
    comparison = compare(result, GOLD, {document.id: worse(document, sign=document.id == "3") for document in GOLD})
    edges = comparison.measures["edges"]
    assert edges.difference.low == 0 < edges.difference.value
    assert edges.p > 0.2


def test_what_is_wanting_among_the_others_is_told_and_counts_as_missed() -> None:
    everything = {document.id: document for document in GOLD}
    other = {**everything, "4": Document("4", "another text")}
    del other["7"]
    result = evaluate(GOLD, everything, bootstrap=Bootstrap(50, 3))
    comparison = compare(result, GOLD, other)
    assert (comparison.missing, comparison.text_changed) == (("7",), ("4",))
    assert comparison.measures["mentions_strict"].second == pytest.approx(2 * (28 / 30) / (1 + 28 / 30))
    assert comparison.bootstrap == Bootstrap(50, 3)

"""Comparing two predictions of the same captions."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import parse

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.comparison import ACCURACY, END_TO_END, compare, holm
from nlp.evaluation.gold import evaluate
from nlp.evaluation.gold_report import evaluation_summary
from nlp.types import Document, Reference

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
    assert [*comparison.measures] == [
        "mentions_strict", "mentions_overlap", "mentions_strict_by_type.GENE", "edges", "edges_typed", "edges_untyped",
        "mention_edges", "mention_edges_typed", "mention_edges_untyped",
    ]  # fmt: skip
    mine, theirs = evaluation_summary(result), evaluation_summary(other)
    for name, one in comparison.measures.items():
        assert (one.first, one.second) == (value_of(mine, name), value_of(theirs, name))
        assert one.difference.value == pytest.approx(one.first - one.second)
        assert one.difference.low <= one.difference.value <= one.difference.high
    assert comparison.measures["mentions_strict"].p == 1
    assert comparison.measures["edges"].difference.high < 0
    assert comparison.measures["edges"].p < 0.05
    assert comparison.measures["edges_untyped"].difference.low > 0
    assert comparison.measures["edges_untyped"].p < 0.05


def value_of(summary: dict[str, Any], name: str) -> float:
    """What a measure is, by its name in ``summary.json``."""
    for part in name.split("."):
        summary = summary[part]
    value: float = summary.get("f1", summary)["value"]
    return value


def test_references_are_compared_where_gold_has_them() -> None:
    def grounded(*curies: str) -> dict[str, Document]:
        mentions = tuple(
            replace(mention, references=(Reference(curie, "name"),) if curie else ())
            for mention, curie in zip(CAPTION.mentions, curies, strict=True)
        )
        return {document.id: replace(document, mentions=mentions) for document in GOLD}

    gold = [*grounded("FPLX:ERK", "HGNC:936", "FPLX:AKT").values()]
    ours, theirs = grounded("FPLX:ERK", "HGNC:936", "HGNC:391"), grounded("FPLX:ERK", "", "HGNC:391")
    result = evaluate(gold, ours)
    measures = compare(result, gold, theirs).measures
    for name in (ACCURACY, END_TO_END):
        assert measures[name].first == value_of(evaluation_summary(result), name)
        assert measures[name].second == value_of(evaluation_summary(evaluate(gold, theirs)), name)
    assert (measures[ACCURACY].first, measures[ACCURACY].second) == pytest.approx((2 / 3, 1 / 3))
    assert measures[END_TO_END].difference.value == pytest.approx(2 / 3 - 0.4)
    assert measures[ACCURACY].p < 0.05
    without = compare(evaluate(GOLD, ours), GOLD, theirs).measures
    assert not {ACCURACY, END_TO_END} & {*without}


def test_where_mentions_were_given_they_are_not_compared() -> None:
    result = evaluate(GOLD, {document.id: document for document in GOLD})
    assert {*compare(result, GOLD, {"3": GOLD[3]}, edges_only=True).measures} == {
        "edges", "edges_typed", "edges_untyped", "mention_edges", "mention_edges_typed", "mention_edges_untyped"
    }  # fmt: skip


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({"a": 0.6, "b": 0.7}) == {"a": 1, "b": 1}
    assert holm({"a": 0.2}) == {"a": 0.2}
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=2), st.floats(0.001, 1), min_size=1, max_size=9))
def test_holm_rejects_what_the_step_down_procedure_rejects(p_values: dict[str, float]) -> None:
    corrected = holm(p_values)
    ranked = sorted(p_values.values())
    passed = itertools.takewhile(lambda pair: pair[1] * (len(ranked) - pair[0]) <= 0.05, enumerate(ranked))
    assert sum(one <= 0.05 for one in corrected.values()) == sum(1 for _ in passed)
    assert all(p_values[name] <= one <= 1 for name, one in corrected.items())


def test_p_is_corrected_for_all_measures() -> None:
    wrong_signs = {document.id: worse(document, sign=int(document.id) % 2 == 0) for document in GOLD}
    comparison = compare(evaluate(GOLD, wrong_signs), GOLD, {document.id: document for document in GOLD})
    assert {*comparison.corrected} == {*comparison.measures}
    assert comparison.corrected == holm({name: one.p for name, one in comparison.measures.items()})
    assert comparison.measures["edges"].p < comparison.corrected["edges"] < 0.05


def test_many_captions_are_compared_quickly() -> None:
    gold = [replace(CAPTION, id=str(number)) for number in range(1500)]
    result = evaluate(gold, {document.id: document for document in gold}, bootstrap=Bootstrap(10))
    result = replace(result, bootstrap=Bootstrap(1000))
    started = time.process_time()
    compare(result, gold, {document.id: worse(document, drop=True) for document in gold})
    assert time.process_time() - started < 10


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

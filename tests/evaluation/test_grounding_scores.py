"""Scoring references against annotated identifiers."""

from __future__ import annotations

import pytest

from nlp import Pipeline
from nlp.evaluation.grounding import (
    Bin,
    ErrorKind,
    Judge,
    Outcome,
    accuracy,
    calibration_error,
    end_to_end,
    reliability,
)
from nlp.types import Document, Mention, Reference

TEXT = "ERK2 and AKT bind p53 in zebrafish"


@pytest.fixture(scope="module")
def judge(pipeline: Pipeline) -> Judge:
    return Judge(pipeline.lexicon)


def mention(surface: str, *curies: str, type: str = "GENE", score: float = 1.0) -> Mention:
    start = TEXT.index(surface)
    references = tuple(Reference(curie, "", score) for curie in curies)
    return Mention(f"T{start}", type, start, start + len(surface), surface, references=references)


def document(*mentions: Mention, id: str = "1 A") -> Document:
    return Document(id, TEXT, mentions)


GOLD = document(
    mention("ERK2", "NCBIGene:5594"),  # MAPK1
    mention("AKT", "UniProt:P31749", "UniProt:P31751"),  # AKT1, AKT2
    mention("p53", "UniProt:P04637"),
    mention("zebrafish", "NCBIGene:30590"),  # tp53 of zebrafish: in no lexicon of human genes
)


def test_identifiers_lead_to_entries_by_cross_references(judge: Judge) -> None:
    erk, akt, _, fish = (judge.meant(one) for one in GOLD.mentions)
    assert erk == {"HGNC:6871"}
    assert akt == {"HGNC:391", "HGNC:392"}
    assert fish == frozenset()
    assert judge.meant(mention("p53", "MESH:D016159")) != {"HGNC:11998"}  # a gene is no class of proteins


@pytest.mark.parametrize(
    ("curie", "outcome"),
    [
        ("HGNC:391", Outcome.RIGHT),
        ("FPLX:AKT", Outcome.FAMILY),
        ("HGNC:393", Outcome.WRONG),
        (None, Outcome.NONE),
    ],
)
def test_outcomes(judge: Judge, curie: str | None, outcome: Outcome) -> None:
    assert judge.outcome(curie, {"HGNC:391", "HGNC:392"}) is outcome


def test_accuracy_counts_what_is_in_scope(judge: Judge) -> None:
    predicted = (
        mention("ERK2", "HGNC:6871"),
        mention("AKT", "FPLX:AKT"),
        mention("p53"),
        mention("zebrafish", "HGNC:1"),
    )
    scores = accuracy(judge.judge(GOLD, predicted))["GENE"]
    assert scores.mentions == 3
    shares = (scores.coverage.value, scores.at_one.value, scores.with_families.value)
    assert shares == pytest.approx((2 / 3, 1 / 3, 2 / 3))


def test_only_the_first_reference_counts(judge: Judge) -> None:
    predicted = (mention("ERK2", "HGNC:6877", "HGNC:6871"), *GOLD.mentions[1:])
    (first, *_) = judge.judge(GOLD, predicted)
    assert (first.found, first.outcome) == ("HGNC:6877", Outcome.WRONG)


def test_articles_are_what_is_drawn(judge: Judge) -> None:
    right, wrong = (mention("ERK2", "HGNC:6871"),), (mention("ERK2", "HGNC:6877"),)
    gold = [document(GOLD.mentions[0], id=id) for id in ("1 A", "1 B", "2 A")]
    judged = [one for own, made in zip(gold, (right, right, wrong), strict=True) for one in judge.judge(own, made)]
    by_article = accuracy(judged, lambda one: one.partition(" ")[0])["GENE"].at_one
    assert by_article.value == pytest.approx(2 / 3)
    assert (by_article.low, by_article.high) == (0.0, 1.0)
    assert accuracy(judged[:2])["GENE"].at_one.low == 1.0


def test_reliability_and_calibration_error() -> None:
    bins = reliability([(0.95, True), (0.85, True), (0.85, False), (1.0, True)])
    assert bins == (Bin(2, 0.85, 0.5), Bin(2, 0.975, 1.0))
    assert calibration_error(bins) == pytest.approx(0.5 * 0.35 + 0.5 * 0.025)
    assert calibration_error(()) == 0.0


def score(judge: Judge, *predicted: Mention, overlap: bool = False) -> tuple[float, float, float, dict[str, int]]:
    result = end_to_end([(GOLD, document(*predicted))], judge, "GENE", overlap=overlap)
    counts = result.scores.counts
    errors = {kind.value: count for kind, count in result.errors.items() if count}
    return counts.precision, counts.recall, result.with_families.counts.recall, errors


def test_end_to_end_wants_span_and_identifier(judge: Judge) -> None:
    precision, recall, with_families, errors = score(
        judge, mention("ERK2", "HGNC:6871"), mention("AKT", "FPLX:AKT"), mention("p53", "HGNC:391")
    )
    assert (precision, recall, with_families) == pytest.approx((1 / 3, 1 / 3, 2 / 3))
    assert errors == {ErrorKind.FAMILY.value: 1, ErrorKind.MISGROUNDED.value: 1}


def test_end_to_end_errors(judge: Judge) -> None:
    precision, recall, _, errors = score(
        judge, mention("ERK2 and", "HGNC:6871"), mention("AKT"), mention("bind", "HGNC:391")
    )
    assert (precision, recall) == (0.0, 0.0)
    assert errors == {
        ErrorKind.BOUNDS.value: 1,
        ErrorKind.UNGROUNDED.value: 1,
        ErrorKind.UNMARKED.value: 1,
        ErrorKind.SPURIOUS.value: 1,
    }


def test_overlapping_spans_may_be_enough(judge: Judge) -> None:
    precision, recall, _, errors = score(judge, mention("ERK2 and", "HGNC:6871"), overlap=True)
    assert (precision, recall) == (1.0, 1 / 3)
    assert errors == {ErrorKind.UNMARKED.value: 2}


def test_predictions_of_what_is_in_no_lexicon_are_passed_over(judge: Judge) -> None:
    everything = [mention("ERK2", "HGNC:6871"), mention("AKT", "HGNC:391"), mention("p53", "HGNC:11998")]
    assert score(judge, *everything, mention("zebrafish", "HGNC:11998"))[:2] == (1.0, 1.0)
    assert score(judge, *everything, mention("in", "HGNC:11998"))[:2] == (0.75, 1.0)
    assert score(judge, *everything, mention("in", "HGNC:11998", type="CHEMICAL"))[:2] == (1.0, 1.0)

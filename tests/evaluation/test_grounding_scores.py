"""Scoring references against annotated identifiers."""

from __future__ import annotations

import pytest

from nlp import Pipeline
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.grounding import ReferenceScores, reference_counts, reference_scores, scores_by_type
from nlp.evaluation.references import ErrorKind, Judge, Outcome
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


def given(judge: Judge, *groups: list[tuple[Mention, ...]]) -> ReferenceScores:
    """Scores where spans are given: of several articles, each with the predictions for its captions."""
    judgements = [[judge.judge(GOLD.mentions, predicted) for predicted in group] for group in groups]
    return scores_by_type(judgements, Bootstrap())["GENE"]


def test_accuracy_counts_what_is_in_scope(judge: Judge) -> None:
    predicted = (
        mention("ERK2", "HGNC:6871"),
        mention("AKT", "FPLX:AKT"),
        mention("p53"),
        mention("zebrafish", "HGNC:1"),
    )
    scores = given(judge, [predicted])
    assert scores.found == 3
    shares = (scores.coverage.value, scores.accuracy.value, scores.accuracy_with_families.value)
    assert shares == pytest.approx((2 / 3, 1 / 3, 2 / 3))


def test_only_the_first_reference_counts(judge: Judge) -> None:
    predicted = (mention("ERK2", "HGNC:6877", "HGNC:6871"), *GOLD.mentions[1:])
    (first, *_) = judge.judge(GOLD.mentions, predicted).gold
    assert (first.outcome, first.error) == (Outcome.WRONG, ErrorKind.MISGROUNDED)


def test_articles_are_what_is_drawn(judge: Judge) -> None:
    right, wrong = (mention("ERK2", "HGNC:6871"),), (mention("ERK2", "HGNC:6877"),)

    def scores(*groups: list[tuple[Mention, ...]]) -> ReferenceScores:
        judgements = [[judge.judge(GOLD.mentions[:1], predicted) for predicted in group] for group in groups]
        return scores_by_type([*judgements, []], Bootstrap())["GENE"]

    by_article = scores([right, right], [wrong]).accuracy
    assert by_article.value == pytest.approx(2 / 3)
    assert (by_article.low, by_article.high) == (0.0, 1.0)
    assert scores([right], [right]).accuracy.low == 1.0


def score(judge: Judge, *predicted: Mention, overlap: bool = False) -> tuple[float, float, float, dict[str, int]]:
    judgement = judge.judge(GOLD.mentions, document(*predicted).mentions, overlap=overlap)
    result = reference_scores([reference_counts([judgement], ["GENE"])], Bootstrap(10))
    counts = result.end_to_end.counts
    errors = {kind.value: count for kind, count in result.errors.items() if count}
    return counts.precision, counts.recall, result.end_to_end_with_families.counts.recall, errors


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

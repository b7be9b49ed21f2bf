"""Whether mentions are grounded as gold grounds them, counted by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from markup import parse

from nlp.evaluation.counts import Counts
from nlp.evaluation.gold import evaluate
from nlp.evaluation.references import Grounding
from nlp.types import Document, Reference

TEXT = "⟦T1:GENE|ERK2⟧ and ⟦T2:GENE|AKT⟧ and ⟦T3:CHEMICAL|Ca2+⟧ and ⟦T4:PROCESS|growth⟧"
GOLD = {"T1": ["HGNC:6871"], "T2": ["FPLX:AKT"], "T3": ["CHEBI:29108"]}


def grounded(curies: Mapping[str, list[str]], block: str = TEXT) -> Document:
    document = parse(block)
    return replace(
        document,
        mentions=tuple(
            replace(mention, references=tuple(Reference(curie, "name") for curie in curies.get(mention.id, ())))
            for mention in document.mentions
        ),
    )


def score(gold: Document, predicted: Document, **settings: object) -> Grounding:
    result = evaluate([gold], {gold.id: predicted}, **settings).grounding  # type: ignore[arg-type]
    assert result is not None
    return result


def test_gold_itself_is_perfect() -> None:
    result = score(grounded(GOLD), grounded(GOLD))
    assert (result.overall.found, result.overall.accuracy.value, result.overall.coverage.value) == (3, 1, 1)
    assert result.overall.end_to_end.counts == Counts(3, 3, 3, 3)
    assert {*result.by_type} == {"GENE", "CHEMICAL"}
    assert result.by_type["GENE"].end_to_end.counts == Counts(2, 2, 2, 2)


def test_gold_without_references_says_nothing() -> None:
    assert evaluate([parse(TEXT)], {"caption": grounded(GOLD)}).grounding is None


def test_only_the_first_reference_counts_but_any_of_gold_s() -> None:
    gold = grounded({"T1": ["HGNC:6871", "HGNC:6877"], "T2": ["FPLX:AKT"]})
    result = score(gold, grounded({"T1": ["HGNC:6877"], "T2": ["HGNC:391", "FPLX:AKT"]}))
    assert result.overall.accuracy.value == 0.5
    assert result.overall.end_to_end.counts == Counts(1, 2, 1, 2)


def test_a_mention_left_without_a_reference_is_missed_but_not_wrong_end_to_end() -> None:
    result = score(grounded(GOLD), grounded({"T1": GOLD["T1"]})).overall
    assert (result.found, result.accuracy.value, result.coverage.value) == (
        3, pytest.approx(1 / 3), pytest.approx(1 / 3)
    )  # fmt: skip
    assert result.end_to_end.counts == Counts(1, 1, 1, 3)


def test_mentions_missed_and_added_count_end_to_end_alone() -> None:
    gold = grounded(GOLD, "⟦T1:GENE|ERK2⟧ and ⟦T2:GENE|AKT⟧ and Ca2+ and growth")
    predicted = grounded(GOLD, "⟦T1:GENE|ERK2⟧ and AKT and Ca2+ and ⟦T2:GENE|growth⟧")
    result = score(gold, predicted).overall
    assert (result.found, result.accuracy.value) == (1, 1)
    assert result.end_to_end.counts == Counts(1, 2, 1, 2)


def test_a_mention_of_another_span_or_type_is_not_found() -> None:
    gold = grounded({"T1": ["FPLX:AKT"], "T2": ["HGNC:6871"]}, "⟦T1:GENE|AKT kinase⟧ ⟦T2:GENE|ERK2⟧")
    predicted = grounded({"T1": ["FPLX:AKT"], "T2": ["HGNC:6871"]}, "⟦T1:GENE|AKT⟧ kinase ⟦T2:CHEMICAL|ERK2⟧")
    result = score(gold, predicted).overall
    assert result.found == 0
    # The chemical is of a type that gold does not ground, so it is not judged.
    assert result.end_to_end.counts == Counts(0, 1, 0, 2)


def test_what_gold_leaves_ungrounded_is_not_judged() -> None:
    gold = grounded({"T1": ["HGNC:6871"]})
    predicted = grounded({"T1": ["HGNC:6871"], "T2": ["FPLX:AKT"], "T4": ["GO:0040007"]})
    assert score(gold, predicted).overall.end_to_end.counts == Counts(1, 1, 1, 1)


@pytest.mark.parametrize(
    ("gold", "predicted", "right"),
    [
        ("NCBIGene:5594", "HGNC:6871", 1),  # the prediction's entry knows gold's identifier
        ("HGNC:6871", "ncbigene:5594", 1),  # and the other way round, whatever the case
        ("UniProt:P28482", "NCBIGene:5594", 0),  # two cross references of one entry are not looked up
        ("NCBIGene:5595", "HGNC:6871", 0),
    ],
)
def test_cross_references_count_as_the_same(gold: str, predicted: str, right: int) -> None:
    def identifiers(curie: str) -> Collection[str]:
        return ("HGNC:6871", "NCBIGene:5594", "UniProt:P28482") if curie == "HGNC:6871" else ()

    result = score(grounded({"T1": [gold]}), grounded({"T1": [predicted]}), identifiers=identifiers)
    assert result.overall.accuracy.value == right
    assert score(grounded({"T1": [gold]}), grounded({"T1": [predicted]})).overall.accuracy.value == 0


def test_of_mentions_marked_twice_the_first_counts() -> None:
    gold = grounded({"T1": ["FPLX:AKT"]}, "⟦T1:GENE|AKT⟧")
    (mention,) = gold.mentions
    other = replace(mention, id="T2", references=(Reference("HGNC:391", "AKT1"),))
    assert score(gold, replace(gold, mentions=(mention, other))).overall.end_to_end.counts == Counts(1, 1, 1, 1)
    assert score(gold, replace(gold, mentions=(other, mention))).overall.end_to_end.counts == Counts(0, 1, 0, 1)

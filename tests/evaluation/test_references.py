"""Whether mentions are grounded as gold grounds them, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from markup import parse

from nlp.evaluation.counts import Counts
from nlp.evaluation.gold import evaluate
from nlp.evaluation.grounding import Grounding, WrongReference
from nlp.evaluation.references import ErrorKind, Judge
from nlp.lexicon.entries import Entry
from nlp.types import Document, Reference

TEXT = "⟦T1:GENE|ERK2⟧ and ⟦T2:GENE|AKT⟧ and ⟦T3:CHEMICAL|Ca2+⟧ and ⟦T4:PROCESS|growth⟧"
ENTRIES = {
    entry.curie: entry
    for entry in (
        Entry("HGNC:6871", "MAPK1", "GENE", "gene", ("NCBIGene:5594", "UniProt:P28482", "MESH:D019950", "EC:2.7.11")),
        Entry("HGNC:6877", "MAPK3", "GENE", "gene", ("NCBIGene:5595", "UniProt:P27361", "MESH:D019950")),
        Entry("FPLX:ERK", "ERK", "GENE", "family", ("MESH:D048049",)),
        Entry("CHEBI:29108", "calcium(2+)", "CHEMICAL", "chemical", ("MESH:D002118", "DRUGBANK:DB14577")),
        Entry("DRUGBANK:DB14577", "Calcium cation", "CHEMICAL", "chemical"),
    )
}


class ToyLexicon:
    """Two genes, their family, and a chemical that has two entries."""

    def entries(self) -> Iterator[Entry]:
        return iter(ENTRIES.values())

    def members(self, curie: str) -> tuple[Entry, ...]:
        return (ENTRIES["HGNC:6871"], ENTRIES["HGNC:6877"]) if curie == "FPLX:ERK" else ()


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


def test_what_touches_something_that_gold_leaves_ungrounded_is_not_judged() -> None:
    gold = grounded({"T1": ["HGNC:6871"]}, "⟦T1:GENE|ERK2⟧ and ⟦T2:GENE|AKT kinase⟧ and BAD")
    near = grounded({"T1": ["HGNC:6871"], "T2": ["FPLX:AKT"]}, "⟦T1:GENE|ERK2⟧ and ⟦T2:GENE|AKT⟧ kinase and BAD")
    assert score(gold, near).overall.end_to_end.counts == Counts(1, 1, 1, 1)
    beside = grounded({"T1": ["HGNC:6871"], "T2": ["HGNC:936"]}, "⟦T1:GENE|ERK2⟧ and AKT kinase and ⟦T2:GENE|BAD⟧")
    assert score(gold, beside).overall.end_to_end.counts == Counts(1, 2, 1, 1)
    assert score(gold, beside).overall.errors[ErrorKind.SPURIOUS] == 1


@pytest.mark.parametrize(
    ("gold", "predicted", "right"),
    [
        ("NCBIGene:5594", "HGNC:6871", 1),  # the prediction's entry has gold's identifier
        ("HGNC:6871", "ncbigene:5594", 1),  # and the other way round, whatever the case
        ("UniProt:P28482", "NCBIGene:5594", 1),  # two cross references of one entry
        ("NCBIGene:5595", "HGNC:6871", 0),
        ("NCBIGene:5595", "UniProt:P28482", 0),
        ("MESH:D019950", "HGNC:6871", 0),  # a class of proteins is none of its genes
        ("EC:2.7.11", "HGNC:6871", 0),  # and so is a class of enzymes
        ("MESH:D048049", "FPLX:ERK", 1),  # but a family's descriptor is that family
        ("FPLX:ERK", "HGNC:6871", 0),
        ("UniProt:Q00000", "uniprot:q00000", 1),  # in no lexicon, but the same
        ("UniProt:Q00000", "HGNC:6871", 0),
    ],
)
def test_cross_references_count_as_the_same(gold: str, predicted: str, right: int) -> None:
    judge = Judge(ToyLexicon(), beyond=True)
    result = score(grounded({"T1": [gold]}), grounded({"T1": [predicted]}), judge=judge)
    assert result.overall.accuracy.value == right
    without = score(grounded({"T1": [gold]}), grounded({"T1": [predicted]})).overall.accuracy.value
    assert without == (gold.casefold() == predicted.casefold())


def test_an_entry_that_is_also_a_cross_reference_is_both() -> None:
    judge = Judge(ToyLexicon())
    assert judge.entries("DRUGBANK:DB14577") == {"CHEBI:29108", "DRUGBANK:DB14577"}
    assert judge.entries("MESH:D002118") == {"CHEBI:29108"}
    assert judge.entries("MESH:D000000") == frozenset()
    assert Judge(ToyLexicon(), beyond=True).entries("MESH:D000000") == {"mesh:d000000"}


def test_a_family_is_told_from_what_is_wrong() -> None:
    gold = grounded({"T1": ["NCBIGene:5594"], "T2": ["NCBIGene:5595"]})
    predicted = grounded({"T1": ["FPLX:ERK"], "T2": ["HGNC:6871"]})
    result = score(gold, predicted, judge=Judge(ToyLexicon(), beyond=True)).overall
    assert (result.accuracy.value, result.accuracy_with_families.value) == (0, 0.5)
    assert result.end_to_end.counts == Counts(0, 2, 0, 2)
    assert result.end_to_end_with_families.counts == Counts(1, 2, 1, 2)
    assert {kind: count for kind, count in result.errors.items() if count} == {
        ErrorKind.FAMILY: 1, ErrorKind.MISGROUNDED: 1
    }  # fmt: skip
    assert (result.reliability.error, result.reliability_with_families.error) == (1, 0.5)


def test_wrong_references_are_counted_by_what_was_taken_for_what() -> None:
    block = "⟦T1:GENE|ERK2⟧ and ⟦T2:GENE|p42⟧ and ⟦T3:GENE|ERK2⟧ and ⟦T4:GENE|ERK⟧ and ⟦T5:GENE|BAD⟧"
    erk2, erk1 = ["NCBIGene:5594", "UniProt:P28482"], ["HGNC:6877"]
    gold = grounded({"T1": erk2, "T2": erk2, "T3": erk2, "T4": erk2, "T5": ["HGNC:936"]}, block)
    predicted = grounded({"T1": erk1, "T2": erk1, "T3": erk1, "T4": ["FPLX:ERK"]}, block)
    result = score(gold, predicted, judge=Judge(ToyLexicon(), beyond=True))
    assert result.wrong == (
        WrongReference(tuple(erk2), "HGNC:6877", is_family=False, type="GENE", texts=("ERK2", "p42"), count=3),
        WrongReference(tuple(erk2), "FPLX:ERK", is_family=True, type="GENE", texts=("ERK",), count=1),
    )


def test_scores_of_references_are_held_against_what_is_right() -> None:
    gold = grounded({"T1": ["HGNC:6871"], "T2": ["FPLX:AKT"], "T3": ["CHEBI:29108"]})
    mentions = tuple(
        replace(one, references=(Reference(curie, "name", score),)) if curie else one
        for one, (curie, score) in zip(
            gold.mentions, [("HGNC:6871", 0.75), ("HGNC:391", 0.85), ("", 0.0), ("", 0.0)], strict=True
        )
    )
    ungrounded = tuple(replace(one, references=()) if one.id == "T3" else one for one in mentions)
    diagram = score(gold, replace(gold, mentions=ungrounded)).overall.reliability
    assert [(one.low, one.count, one.share_right.value) for one in diagram.bins if one.count] == [
        (0.7, 1, 1), (0.8, 1, 0)
    ]  # fmt: skip
    assert diagram.error == pytest.approx((0.25 + 0.85) / 2)


def test_of_mentions_marked_twice_the_first_counts() -> None:
    gold = grounded({"T1": ["FPLX:AKT"]}, "⟦T1:GENE|AKT⟧")
    (mention,) = gold.mentions
    other = replace(mention, id="T2", references=(Reference("HGNC:391", "AKT1"),))
    assert score(gold, replace(gold, mentions=(mention, other))).overall.end_to_end.counts == Counts(1, 1, 1, 1)
    assert score(gold, replace(gold, mentions=(other, mention))).overall.end_to_end.counts == Counts(0, 1, 0, 1)

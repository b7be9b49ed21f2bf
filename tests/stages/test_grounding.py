"""Which identifiers mentions get."""

import pytest

from nlp import Pipeline
from nlp.types import Mention


def mention(pipeline: Pipeline, text: str, surface: str) -> Mention:
    return next(found for found in pipeline(text).mentions if found.text == surface)


def curie(pipeline: Pipeline, text: str, surface: str) -> str | None:
    references = mention(pipeline, text, surface).references
    return references[0].curie if references else None


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("ERK", "FPLX:ERK"),
        ("MAPK1", "HGNC:6871"),
        ("BDNF", "HGNC:1033"),
        ("TNF-α", "HGNC:11892"),
        ("TNFα", "HGNC:11892"),
        ("TNF alpha", "HGNC:11892"),
        ("IL-1β", "HGNC:5992"),
        ("PSD-95", "HGNC:2903"),
        ("TrkB", "HGNC:8032"),
        ("p-CREB", "FPLX:CREB"),
        ("hTERT", "HGNC:11730"),
        ("NF-κB", "FPLX:NFkappaB"),
        ("caspase-3", "HGNC:1504"),
        ("(R)-ketamine", "CHEBI:580604"),
        ("Ca2+", "CHEBI:29108"),
        ("ROS", "CHEBI:26523"),
        ("apoptosis", "GO:0006915"),
    ],
)
def test_names(pipeline: Pipeline, surface: str, expected: str) -> None:
    assert curie(pipeline, f"It acts on {surface} there.", surface) == expected


def test_the_long_form_decides_what_a_short_form_means(pipeline: Pipeline) -> None:
    assert curie(pipeline, "PC falls. Abbreviations: PC: pyruvate carboxylase.", "PC") == "HGNC:8636"
    assert curie(pipeline, "ADH rises (ADH, alcohol dehydrogenase).", "ADH") == "FPLX:ADH"
    assert curie(pipeline, "The ER (endoplasmic reticulum of the cell) swells.", "ER") == "GO:0005783"


def test_explaining_a_name_does_not_make_a_class_of_it(pipeline: Pipeline) -> None:
    for text, surface, expected in (
        ("AMPK (AMP-activated protein kinase) rises.", "AMPK", "FPLX:AMPK"),
        ("MMP falls. MMP, matrix metalloproteinase.", "MMP", "FPLX:MMP"),
    ):
        assert curie(pipeline, text, surface) == expected == curie(pipeline, f"{surface} rises.", surface)


def test_an_explanation_speaks_against_what_only_shares_the_letters(pipeline: Pipeline) -> None:
    assert curie(pipeline, "LT binds LTBR.", "LT") == "HGNC:6709"
    found = pipeline("LT binds LTBR. LT, lipid transfer protein.")
    assert {reference.curie for one in found.mentions if one.text == "LT" for reference in one.references} == set()


def test_references_are_of_the_mentions_type_best_first_with_scores(pipeline: Pipeline) -> None:
    found = mention(pipeline, "LPS activates p38.", "p38")
    scores = [reference.score for reference in found.references]
    assert scores == sorted(scores, reverse=True)
    assert 1 < len(scores) <= 5
    assert 0 < sum(scores) <= 1
    for reference in found.references:
        entry = pipeline.lexicon.entry(reference.curie)
        assert entry is not None
        assert entry.type == "GENE"


def test_a_name_without_entry_stays_without_reference(pipeline: Pipeline) -> None:
    found = mention(pipeline, "XQZ falls. XQZ, xanthoquinazoline dehydrogenase.", "XQZ")
    assert found.references == ()

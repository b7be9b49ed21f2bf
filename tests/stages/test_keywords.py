"""Keywords in the two profiles."""

import pytest

from nlp import Pipeline
from nlp.errors import ConfigError
from nlp.stages.keywords import Keywords


def names(pipeline: Pipeline, text: str, profile: str, type: str = "GENE") -> set[str]:
    document = pipeline(text)
    keywords = Keywords(pipeline.lexicon, profile).of(text, document.mentions)
    return {keyword.keyword for keyword in keywords if keyword.type == type}


def test_a_family_named_as_such_gives_its_members(pipeline: Pipeline) -> None:
    assert names(pipeline, "Ketamine activates ERK.", "precise") == {"MAPK1", "MAPK3"}
    assert names(pipeline, "Insulin activates AKT.", "precise") == {"INS", "AKT1", "AKT2", "AKT3"}


def test_a_gene_gives_itself_and_no_relatives(pipeline: Pipeline) -> None:
    assert names(pipeline, "BDNF raises PSD-95.", "precise") == {"BDNF", "DLG4"}


def test_coordinated_names_give_each_gene(pipeline: Pipeline) -> None:
    assert names(pipeline, "It activates ERK1/2.", "precise") == {"MAPK3", "MAPK1"}
    assert names(pipeline, "It activates SMAD2/3.", "precise") == {"SMAD2", "SMAD3"}


def test_pfocr_gives_all_that_an_alias_may_mean(pipeline: Pipeline) -> None:
    text = "ADH is active."
    assert "AVP" in names(pipeline, text, "pfocr")
    assert "AVP" not in names(pipeline, text, "precise")
    assert names(pipeline, text, "precise") <= names(pipeline, text, "pfocr")


def test_precise_leaves_out_families_too_large_to_be_meant(pipeline: Pipeline) -> None:
    text = "Cytochrome P450 enzymes act."
    assert names(pipeline, text, "precise") == set()
    assert len(names(pipeline, text, "pfocr")) > 40


def test_chemicals_are_named_as_the_caption_has_them_and_once(pipeline: Pipeline) -> None:
    text = "Pyruvate enters; pyruvate leaves as lactate."
    document = pipeline(text)
    keywords = {keyword.keyword: keyword for keyword in document.keywords}
    assert set(keywords) == {"Pyruvate", "lactate"}
    assert keywords["Pyruvate"].mentions == ("T1", "T2")
    assert (keywords["lactate"].curie or "").startswith("CHEBI:")


def test_processes_and_places_are_no_keywords(pipeline: Pipeline) -> None:
    document = pipeline("Apoptosis of the liver in mouse mitochondria.")
    assert document.mentions
    assert document.keywords == ()


def test_an_unknown_profile_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(ConfigError, match=r"precise \| pfocr"):
        Keywords(pipeline.lexicon, "exact")

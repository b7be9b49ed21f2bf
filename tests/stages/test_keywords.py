"""Keywords in the two profiles."""

import pytest

from nlp import Pipeline
from nlp.errors import ConfigError
from nlp.stages.keywords import Keywords
from nlp.types import Keyword, Mention, Reference

ERK, ERK1, ERK2 = "FPLX:ERK", "HGNC:6877", "HGNC:6871"


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


@pytest.mark.parametrize("profile", ["precise", "pfocr"])
def test_families_too_large_to_be_meant_are_left_out(pipeline: Pipeline, profile: str) -> None:
    document = pipeline("Cytochrome P450 enzymes act.")
    assert document.mentions
    some, more = (
        [one for one in stage.of(document.text, document.mentions) if one.type == "GENE"]
        for stage in (Keywords(pipeline.lexicon, profile), Keywords(pipeline.lexicon, profile, max_members=100))
    )
    assert some == []
    assert len(more) > 40


def test_pfocr_reads_no_words_outside_of_mentions(pipeline: Pipeline) -> None:
    text = "MAPK1 acts."
    mention = Mention("T1", "GENE", 0, 5, "MAPK1")
    stage = Keywords(pipeline.lexicon, "pfocr")
    assert {keyword.keyword for keyword in stage.of(text, [mention])} == {"MAPK1"}
    assert stage.of(text, []) == ()


def test_precise_wants_a_mention_and_a_reference_that_are_likely(pipeline: Pipeline) -> None:
    reference = Reference("HGNC:6871", "MAPK1", score=0.8)
    mention = Mention("T1", "GENE", 0, 4, "ERK2", score=0.9, references=(reference,))
    for least, found in ((0.0, 1), (0.7, 1), (0.75, 0)):
        stage = Keywords(pipeline.lexicon, "precise", min_scores={"GENE": least}).with_profile("precise")
        assert len(stage.of("ERK2 acts.", [mention])) == found
    assert Keywords(pipeline.lexicon, min_scores={"CHEMICAL": 1.0}).of("ERK2 acts.", [mention])


def mention(id: str, score: float, *references: tuple[str, float]) -> Mention:
    named = tuple(Reference(curie, "name", chance) for curie, chance in references)
    return Mention(id, "GENE", 0, 3, "ERK", score, named)


@pytest.mark.parametrize(
    ("curie", "mentions", "score"),
    [
        (ERK2, [mention("T1", 0.9, (ERK2, 0.8), ("HGNC:1", 0.1))], 0.72),
        (ERK2, [mention("T1", 0.9, ("HGNC:1", 0.6), (ERK2, 0.3))], 0.27),
        # A member is as likely as its family and itself together, since one of them is meant.
        (ERK1, [mention("T1", 0.9, (ERK, 0.7), (ERK1, 0.2))], 0.81),
        (ERK1, [mention("T1", 0.9, (ERK1, 0.8), (ERK, 0.2000001))], 0.9),
        # The likeliest mention, which need not be the surest.
        (ERK2, [mention("T1", 1.0, (ERK2, 0.3)), mention("T2", 0.8, (ERK, 0.9))], 0.72),
        (ERK2, [mention("T1", 0.9, ("HGNC:1", 0.9))], 0.009),
        (ERK2, [mention("T1", 0.9)], 0.009),
        (None, [mention("T1", 0.9, ("HGNC:1", 0.5))], 0.9),
        (ERK2, [], 0.0),
    ],
)
def test_the_score_of_a_keyword(pipeline: Pipeline, curie: str | None, mentions: list[Mention], score: float) -> None:
    by_id = {one.id: one for one in mentions}
    keyword = Keyword("K", "GENE", curie, tuple(by_id))
    assert Keywords(pipeline.lexicon).score(keyword, by_id) == pytest.approx(score)


def test_of_a_coordinated_name_all_are_meant_each_with_a_probability_of_its_own(pipeline: Pipeline) -> None:
    named = (Reference(ERK, "ERK", 0.5), Reference(ERK1, "MAPK3", 0.4))
    for text, score in (("ERK1/2", 0.5), ("ERK", 0.9)):
        one = Mention("T1", "GENE", 0, len(text), text, 1.0, named)
        assert Keywords(pipeline.lexicon).score(Keyword("K", "GENE", ERK1, ("T1",)), {"T1": one}) == pytest.approx(
            score
        )


SURE_AND_UNSURE = (
    "CAT, p38 and SMAD2/3 act on ERK, EMT and MMP-2/-9; CAT and AKT are ligands of ER.",
    "Insulin activates PI3K, by way of IRS1, and AMPK; LT is lymphotoxin.",
)


@pytest.mark.parametrize("text", SURE_AND_UNSURE)
@pytest.mark.parametrize("least", [0.3, 0.8, 0.97])
def test_keywords_are_the_candidates_with_score_enough(pipeline: Pipeline, text: str, least: float) -> None:
    mentions = pipeline(text).mentions
    by_id = {one.id: one for one in mentions}
    stage = Keywords(pipeline.lexicon, min_scores={"GENE": least})
    candidates = stage.candidates(text, mentions)
    assert candidates == Keywords(pipeline.lexicon).of(text, mentions)
    kept = stage.of(text, mentions)
    assert [(one.type, one.curie) for one in kept] == [
        (one.type, one.curie) for one in candidates if one.type != "GENE" or stage.score(one, by_id) >= least
    ]
    # Only mentions that are likely enough by themselves stand behind a keyword.
    for keyword in kept:
        for id in keyword.mentions if keyword.type == "GENE" else ():
            assert stage.score(Keyword(keyword.keyword, "GENE", keyword.curie, (id,)), by_id) >= least


def test_the_cut_leaves_out_some_and_not_all(pipeline: Pipeline) -> None:
    stage = Keywords(pipeline.lexicon, min_scores={"GENE": 0.97})
    counts = [
        (len(stage.of(text, mentions)), len(stage.candidates(text, mentions)))
        for text in SURE_AND_UNSURE
        if (mentions := pipeline(text).mentions)
    ]
    assert 0 < sum(kept for kept, _ in counts) < sum(all_of for _, all_of in counts)


def test_pfocr_is_not_cut_but_its_keywords_have_scores(pipeline: Pipeline) -> None:
    text = "ADH is active."
    mentions = pipeline(text).mentions
    stage = Keywords(pipeline.lexicon, "pfocr", min_scores={"GENE": 0.99}, chosen="by nobody")
    assert stage.min_scores == {}
    assert stage.of(text, mentions) == stage.candidates(text, mentions)
    scores = {one.keyword: stage.score(one, {m.id: m for m in mentions}) for one in stage.of(text, mentions)}
    assert len({*scores.values()}) > 1
    assert all(0 < score < 1 for score in scores.values())
    precise = stage.with_profile("precise")
    assert (precise.min_scores, precise.chosen) == ({"GENE": 0.99}, "by nobody")


def test_a_reference_of_another_type_is_no_keyword(pipeline: Pipeline) -> None:
    mention = Mention("T1", "GENE", 0, 3, "LPS", references=(Reference("CHEBI:16412", "lipopolysaccharide"),))
    assert Keywords(pipeline.lexicon).of("LPS acts.", [mention]) == ()


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

"""What is left out of documents, and what hangs on it."""

import re
from typing import Any

import pytest

from nlp import ConfigError, Document, Options, Pipeline, PipelineError
from nlp.formats.records import to_record
from nlp.schema import MENTION_TYPES, RELATION_TYPES

TEXT = (
    "Esketamine activates ERK and AKT, thereby increasing the expression of BDNF in hippocampal neurons; rapamycin "
    "blocks mTOR and thus synaptogenesis. Retinoic acid binds RAR in breast cancer."
)


@pytest.fixture(scope="module")
def whole(pipeline: Pipeline) -> Document:
    document = pipeline(TEXT)
    assert {mention.type for mention in document.mentions} > {"GENE", "CHEMICAL", "PROCESS"}
    assert len({relation.type for relation in document.relations}) > 1
    return document


def test_without_options_all_is_there(pipeline: Pipeline, whole: Document) -> None:
    same = pipeline.with_options()
    assert same.options == Options()
    assert not same.options.narrow
    assert same(TEXT) == whole


def test_other_types_go_with_what_hangs_on_them(pipeline: Pipeline, whole: Document) -> None:
    document = pipeline.with_options(types={"GENE"})(TEXT)
    assert document.mentions == tuple(mention for mention in whole.mentions if mention.type == "GENE")
    kept = {mention.id for mention in document.mentions}
    between = tuple(one for one in whole.relations if {one.source, one.target} <= kept)
    assert document.relations == between
    assert 0 < len(between) < len(whole.relations)
    assert document.keywords == tuple(keyword for keyword in whole.keywords if keyword.type == "GENE")
    assert document.keywords != whole.keywords
    assert document.abbreviations == whole.abbreviations


@pytest.mark.parametrize("profile", ["precise", "pfocr"])
def test_keywords_are_those_of_the_kept_mentions(pipeline: Pipeline, whole: Document, profile: str) -> None:
    least = sorted(mention.score for mention in whole.mentions)[len(whole.mentions) // 2]
    document = pipeline.with_options(profile=profile, min_mention_score=least)(TEXT)
    assert document.mentions == tuple(mention for mention in whole.mentions if mention.score >= least)
    assert document.keywords == pipeline.keywords(profile).of(TEXT, document.mentions)
    assert {id for keyword in document.keywords for id in keyword.mentions} <= {one.id for one in document.mentions}


def test_a_profile_alone_changes_keywords_alone(pipeline: Pipeline, whole: Document) -> None:
    document = pipeline.with_options(profile="pfocr")(TEXT)
    assert document.mentions == whole.mentions
    assert document.relations == whole.relations
    assert document.keywords == pipeline.keywords("pfocr").of(TEXT, whole.mentions)


def test_references_below_their_threshold_go_and_their_keywords_too(pipeline: Pipeline, whole: Document) -> None:
    document = pipeline.with_options(min_reference_score=0.5)(TEXT)
    assert document.relations == whole.relations
    assert [one.references for one in document.mentions] == [
        tuple(reference for reference in one.references if reference.score >= 0.5) for one in whole.mentions
    ]
    assert document.mentions != whole.mentions
    none = pipeline.with_options(min_reference_score=1.0)(TEXT)
    assert [mention.text for mention in none.mentions] == [mention.text for mention in whole.mentions]
    assert not any(mention.references for mention in none.mentions)
    assert not none.keywords


def test_relations_by_type_and_score(pipeline: Pipeline, whole: Document) -> None:
    expression = pipeline.with_options(relation_types=["expression"])(TEXT)
    assert expression.relations == tuple(one for one in whole.relations if one.type == "expression")
    assert expression.relations
    assert expression.mentions == whole.mentions
    least = sorted(one.score for one in whole.relations)[1]
    sure = pipeline.with_options(min_relation_score=least)(TEXT)
    assert len(sure.relations) == len(whole.relations) - 1


def test_relations_that_are_not_wanted_are_not_looked_for(
    pipeline: Pipeline, whole: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stage,) = (stage for stage in pipeline.stages if "relations" in stage.provides)

    def fail(*_: object) -> None:
        raise AssertionError("the stage ran")

    monkeypatch.setattr(stage, "predict", fail)
    document = pipeline.with_options(relation_types=())(TEXT)
    assert document.relations == ()
    assert document.mentions == whole.mentions
    assert document.keywords == whole.keywords
    with pytest.raises(AssertionError, match="the stage ran"):
        pipeline.with_options(relation_types=["binding"])(TEXT)


def test_options_add_up_and_leave_the_first_pipeline_as_it_was(pipeline: Pipeline, whole: Document) -> None:
    genes = pipeline.with_options(types={"GENE"})
    both = genes.with_options(min_relation_score=0.5, profile="pfocr")
    assert both.options == Options("pfocr", {"GENE"}, min_relation_score=0.5)
    assert both.with_options(types=MENTION_TYPES, min_relation_score=0, profile="precise").options == Options("precise")
    assert both.with_options(Options(types={"CELL"}), profile="pfocr").options == Options("pfocr", {"CELL"})
    assert both.stages == pipeline.stages
    assert all(ours is theirs for ours, theirs in zip(both.stages, pipeline.stages, strict=True))
    assert pipeline.options == Options()
    assert pipeline(TEXT) == whole


def test_options_hold_for_a_block(pipeline: Pipeline, whole: Document) -> None:
    with pipeline.using(types={"CHEMICAL"}, min_mention_score=0.1) as narrowed:
        assert {mention.type for mention in narrowed(TEXT).mentions} == {"CHEMICAL"}
        assert pipeline(TEXT) == whole
    with pytest.raises(TypeError, match="minimum"), pipeline.using(minimum=1):
        pass


def test_streams_and_given_mentions_keep_options(pipeline: Pipeline) -> None:
    genes = pipeline.with_options(types={"GENE"})
    assert [to_record(one)["mentions"] for one in genes.stream([TEXT])] == [to_record(genes(TEXT))["mentions"]]
    assert genes.given_mentions().options == genes.options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"profile": "best"}, "unknown profile; expected precise | pfocr; found 'best'"),
        ({"types": {"GENE", "PROTEIN"}}, "unknown types; expected some of GENE, CHEMICAL"),
        ({"types": "GENE"}, "unknown types; expected some of GENE"),
        ({"relation_types": ["inhibition"]}, "unknown relation_types; expected some of activation"),
        ({"min_mention_score": 1.5}, "min_mention_score is not a score; expected a number from 0 to 1; found 1.5"),
        ({"min_relation_score": "high"}, "min_relation_score is not a score"),
        ({"min_reference_score": True}, "min_reference_score is not a score"),
        ({"min_reference_score": float("nan")}, "min_reference_score is not a score"),
    ],
)
def test_options_that_are_not_understood(pipeline: Pipeline, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        pipeline.with_options(**options)


def test_a_profile_needs_keywords(pipeline: Pipeline) -> None:
    without = Pipeline([stage for stage in pipeline.stages if stage.name != "keywords"], pipeline.lexicon)
    assert without.with_options(types={"GENE"})(TEXT).keywords == ()
    with pytest.raises(PipelineError, match="makes no keywords"):
        without.with_options(profile="precise")


def test_any_collection_of_types_will_do() -> None:
    assert Options(types=["GENE", "GENE"]) == Options(types=frozenset({"GENE"}))
    assert Options(types=[*MENTION_TYPES], relation_types=RELATION_TYPES) == Options()
    assert hash(Options(types=["CELL"])) == hash(Options(types={"CELL"}))

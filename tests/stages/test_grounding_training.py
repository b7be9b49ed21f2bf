"""How names and weights are learned from annotated texts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nlp import Pipeline
from nlp.evaluation.grounding import Judge
from nlp.types import Document, Mention, Reference

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import train_grounding as training


@pytest.fixture(scope="module")
def judge(pipeline: Pipeline) -> Judge:
    return Judge(pipeline.lexicon)


def text(id: str, surface: str, curie: str, type: str = "GENE") -> training.Text:
    mention = Mention("T1", type, 0, len(surface), surface, references=(Reference(curie, ""),))
    return training.Text(Document(id, surface, (mention,)), ())


def test_names_are_kept_that_most_of_several_articles_use() -> None:
    entries = {"HGNC:1": frozenset("abc"), "HGNC:2": frozenset("ad"), "HGNC:3": frozenset("e")}
    assert training.kept(entries) == {"HGNC:1": 3}
    assert training.kept(entries, without="a") == {}
    assert training.kept({"HGNC:1": frozenset("a")}) == {}
    assert training.kept({"HGNC:1": frozenset("ab")}) == {"HGNC:1": 2}


def test_usage_is_of_names_that_the_lexicon_does_not_put_first(pipeline: Pipeline, judge: Judge) -> None:
    texts = [text(f"{number} A", "zorkin", "NCBIGene:7157") for number in (1, 2)]
    texts += [text("1 B", "zorkin", "NCBIGene:7157"), text("3 A", "TP53", "NCBIGene:7157")]
    texts += [text("4 A", "AKT", "NCBIGene:207"), text("5 A", "drug resistant", "GO:0009410", "PROCESS")]
    usage = training.usage_of(texts, judge, pipeline.lexicon)
    assert usage == {("zorkin", "GENE"): {"HGNC:11998": frozenset("12")}}


def test_what_an_article_says_of_its_own_names_is_kept_from_it(pipeline: Pipeline, judge: Judge) -> None:
    texts = [text(f"{number} A", "zorkin", "NCBIGene:7157") for number in (1, 2)]
    usage = training.usage_of(texts, judge, pipeline.lexicon)
    assert [len(one.options) for one in training.examples(texts, judge, pipeline.lexicon, usage, {})] == [0, 0]
    texts.append(text("3 A", "zorkin", "NCBIGene:7157"))
    usage = training.usage_of(texts, judge, pipeline.lexicon)
    found = list(training.examples(texts, judge, pipeline.lexicon, usage, {}))
    assert [one.meant for one in found] == [(True,)] * 3


def test_weights_make_what_is_meant_likely() -> None:
    good, bad, common = {"good": 1.0, "x": 1.0}, {"bad": 1.0, "x": 1.0}, {training.ELSEWHERE: 1.0}
    found = [training.Example((good | common, bad), (True, False))] * 30 + [training.Example((bad,), (False,))] * 30
    found += [training.Example(({training.OWN_FORM: 1.0},), (True,))]
    weights = training.fit(found)
    assert weights["good"] > 1 > -1 > weights["bad"]
    assert weights[training.TITLE] == weights[training.ELSEWHERE]
    assert weights[training.OWN_FORM] >= training.OWN_FORM_WEIGHT


def test_held_out_articles_are_always_the_same() -> None:
    documents = [Document(f"{number} {panel}", "x") for number in range(200) for panel in "AB"]
    held = [training.is_held_out(document, 5) for document in documents]
    assert held[::2] == held[1::2]
    assert 20 < sum(held[::2]) < 60


def test_weights_are_written_as_a_module(tmp_path: Path) -> None:
    path = tmp_path / "weights.py"
    path.write_text("from typing import Final\n\nWEIGHTS: Final = {}\n", encoding="utf-8")
    training.write_weights({"b": 1.5, "a": -0.25}, path)
    assert path.read_text(encoding="utf-8").startswith("from typing import Final\n\nWEIGHTS: Final[Mapping")
    assert '        "a": -0.25,\n        "b": 1.5,\n' in path.read_text(encoding="utf-8")

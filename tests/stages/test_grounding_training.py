"""How names and weights are learned from annotated texts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nlp import Pipeline
from nlp.evaluation.references import Judge
from nlp.stages.disambiguation.candidates import Finder
from nlp.stages.disambiguation.context import AROUND, IN_CAPTION, IN_PANEL, IN_TITLE
from nlp.tokens import Tokenizer
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
    good, bad, apart = {"good": 1.0, "x": 1.0}, {"bad": 1.0, "x": 1.0}, {IN_TITLE: 1.0}
    found = [training.Example((good, bad), (True, False))] * 30 + [training.Example((bad,), (False,))] * 30
    found += [training.Example((good, good | apart), (False, True))] * 30
    weights = training.fit(found)
    assert weights["good"] > 1 > -1 > weights["bad"]
    assert weights.keys() == {"good", "bad", "x", IN_TITLE}  # each from its own examples
    assert weights[IN_TITLE] > 1


def test_panels_are_put_together_to_figures() -> None:
    documents = [text(f"1 Figure_{name}", name, "HGNC:1").document for name in ("1-A", "1-B-C", "2-A", "2.-B")]
    first, second = training.figures(documents)
    assert (first.document.id, first.document.text) == ("1 Figure_1", "1-A 1-B-C")
    assert [mention.text for mention in first.document.mentions] == ["1-A", "1-B-C"]
    assert second.document.text == "2-A 2.-B"


def test_articles_are_taken_apart_under_their_titles() -> None:
    whole = "What TNF does. It kills.\n\nTNF acts.\n\nFigure 1\n\nThe way of TNF. (A) TNF kills. (B) It does not."
    starts = [place for place in range(len(whole)) if whole.startswith("TNF", place)]
    mentions = [Mention(f"T{start}", "GENE", start, start + 3, "TNF") for start in starts]
    texts = [*training.passages([Document("1", whole, tuple(mentions))], Tokenizer())]
    told = {one.document.text.strip(): (one.title, one.paper, len(one.document.mentions)) for one in texts}
    paper = "What TNF does."
    assert told[paper] == ("", "", 1)
    assert told["It kills."] == ("", paper, 0)
    assert told["TNF acts."] == ("", paper, 1)
    assert told["(A) TNF kills. (B) It does not."] == ("The way of TNF.", paper, 1)
    assert told["The way of TNF."] == ("", paper, 1)
    assert sum(count for _, _, count in told.values()) == len(mentions)


def test_what_stands_around_a_name_is_learned_of(pipeline: Pipeline, judge: Judge) -> None:
    words = "(A) DRP1 as DNM1L. (B) DRP1 acts."
    references = (Reference("NCBIGene:10059", ""),)
    starts = [(name, place) for name in ("DRP1", "DNM1L") for place in range(40) if words.startswith(name, place)]
    mentions = [
        Mention(f"T{start}", "GENE", start, start + len(name), name, references=references) for name, start in starts
    ]
    own = training.Text(Document("1 A", words, tuple(mentions)), (), "Figure of death", "On DNM1L")
    found = [
        {kind for row, right in zip(one.options, one.meant, strict=True) if right for kind in row if kind in AROUND}
        for one in training.examples([own], judge, pipeline.lexicon, {}, {})
    ]
    assert {IN_CAPTION, IN_PANEL, IN_TITLE} in found
    assert {IN_CAPTION, IN_TITLE} in found


def test_chebi_beside_the_heading_that_was_meant_may_be_the_same_thing(pipeline: Pipeline) -> None:
    options = {one.candidate.entry.curie: one for one in Finder(pipeline.lexicon).options("nickel", "CHEMICAL", None)}
    heading, chebi = options["MESH:D009532"], options["CHEBI:28112"]
    meant = frozenset({"MESH:D009532"})
    assert training.is_untold(chebi, "CHEMICAL", meant, found=True)
    assert not training.is_untold(heading, "CHEMICAL", meant, found=True)
    assert not training.is_untold(heading, "CHEMICAL", frozenset({"CHEBI:28112"}), found=True)
    assert training.is_untold(heading, "CHEMICAL", frozenset({"CHEBI:17997"}), found=False)


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

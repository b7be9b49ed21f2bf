from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from corpora.relations import BEL, CORPORA, PROTECTED, SOURCES, Hidden, read_relations, read_source
from nlp.errors import ConfigError
from nlp.formats.records import to_record
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import CAPTION_LABELS
from tests import markup
from tests.standoff import parse, stated, write

NO_BEL = tuple(name for name, source in SOURCES.items() if source.corpus == BEL)
OPENING = "In all of the cells that we have looked at so far, with or without the kinase in them,"
EVENT = """
    {} ⟦T1:Protein|ERK⟧ ⟦T3:Positive_regulation|switches on⟧ ⟦T2:Protein|FOS⟧.
    E1 Positive_regulation:T3 Theme:T2 Cause:T1
"""
ABSTRACT = "{} ⟦T1:CHEMICAL|imatinib⟧ blocks ⟦T2:GENE-Y|ABL1⟧.\nR INHIBITOR T1 T2"
MORE = "There is more to say here, and it will be said in its own time and place."
CAPTION = "⟦T1:GENE|RAF⟧ phosphorylates ⟦T2:GENE|MEK⟧.\nR T1 T2 modification +"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of shared data in which all files are there and empty."""
    for file in {*PROTECTED, *(file for source in SOURCES.values() for part in source.files.values() for file in part)}:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".gz":
            write(path, ())
        else:
            path.touch()
    (tmp_path / "annotation" / "gold_train.jsonl").write_text(json.dumps(to_record(markup.parse(CAPTION))))
    return tmp_path


def test_sources_come_together_by_corpus(root: Path, tokenizer: Tokenizer) -> None:
    write(root / "corpora/events/BioNLP09-GE/train.jsonl.gz", [parse(EVENT.format("Here"), "1")])
    write(root / "corpora/events/BioNLP13-PC/train.jsonl.gz", [parse(EVENT.format("There"), "1")])
    found = {corpus.name: corpus for corpus in read_relations(root, "train", leave_out=NO_BEL, tokenizer=tokenizer)}
    assert [example.id for example in found["events"].examples] == ["BioNLP09-GE/1", "BioNLP13-PC/1"]
    assert found["events"].labels == found["caption"].labels == CAPTION_LABELS
    assert [stated(example) for example in found["caption"].examples] == [{"RAF > MEK modification+"}]
    assert "chemprot" not in found
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_a_source_may_be_left_out(root: Path, tokenizer: Tokenizer) -> None:
    (only,) = read_relations(root, "train", leave_out=[*NO_BEL, "BioNLP09-GE"], tokenizer=tokenizer)
    assert only.name == "caption"
    with pytest.raises(ConfigError, match="BioNLP99"):
        read_relations(root, "train", leave_out=["BioNLP99"], tokenizer=tokenizer)
    with pytest.raises(ConfigError, match="BioNLP99"):
        read_source(root, "BioNLP99", "train", tokenizer)


def test_nothing_is_learned_from_what_is_measured(root: Path, tokenizer: Tokenizer) -> None:
    same = EVENT.format(OPENING)
    write(root / "corpora/events/BioNLP13-CG/train.jsonl.gz", [parse(same, "1"), parse(EVENT.format("Here"), "2")])
    write(root / "corpora/events/BioNLP13-PC/test.jsonl.gz", [parse(same, "9")])
    by_name = {corpus.name: corpus for corpus in read_relations(root, "train", leave_out=NO_BEL, tokenizer=tokenizer)}
    assert [example.id for example in by_name["events"].examples] == ["BioNLP13-CG/2"]
    assert len(read_source(root, "BioNLP13-CG", "train", tokenizer)) == 2


def test_a_document_is_hidden_with_all_its_pieces(root: Path, tokenizer: Tokenizer) -> None:
    own = "Of ⟦T4:Protein|JUN⟧ we say much. " + "It is not at all what we would have thought of. " * 29
    write(root / "corpora/events/BioNLP13-CG/train.jsonl.gz", [parse(EVENT.format(own + OPENING), "1")])
    write(root / "corpora/events/BioNLP13-PC/devel.jsonl.gz", [parse(EVENT.format(OPENING), "9")])
    assert len(read_source(root, "BioNLP13-CG", "train", tokenizer)) == 2
    (only,) = read_relations(root, "train", leave_out=NO_BEL, tokenizer=tokenizer)
    assert only.name == "caption"


def test_what_is_measured_is_not_filtered(root: Path, tokenizer: Tokenizer) -> None:
    for split in ("devel", "test"):
        write(root / f"corpora/relations/ChemProt/{split}.jsonl.gz", [parse(ABSTRACT.format(OPENING), split)])
        (only,) = read_relations(root, split, tokenizer=tokenizer)
        assert [example.id for example in only.examples] == [f"ChemProt/{split}"]


def test_drugprot_does_not_repeat_chemprot(root: Path, tokenizer: Tokenizer) -> None:
    write(root / "corpora/relations/ChemProt/train.jsonl.gz", [parse(ABSTRACT.format("Here"), "1")])
    write(
        root / "corpora/relations/DrugProt-part/devel.jsonl.gz",
        [parse(ABSTRACT.format("Here"), "1"), parse(ABSTRACT.format("There"), "2")],
    )
    _, chemprot = read_relations(root, "train", leave_out=NO_BEL, tokenizer=tokenizer)
    assert [example.id for example in chemprot.examples] == ["ChemProt/1", "DrugProt-part/2"]


def test_the_source_that_is_not_free_is_not_learned_from() -> None:
    assert set(SOURCES["BioNLP11-GE"].files) == {"devel"}
    assert not any("selventa" in file for source in SOURCES.values() for part in source.files.values() for file in part)


def test_test_splits_are_protected() -> None:
    measured = {
        file for source in SOURCES.values() for split, part in source.files.items() if split != "train" for file in part
    }
    assert measured <= set(PROTECTED)
    assert not set(PROTECTED) & {file for source in SOURCES.values() for file in source.files.get("train", ())}


def test_one_phrase_in_common_hides_no_text() -> None:
    hidden = Hidden([f"{OPENING} ERK is seen. Nothing else was found."])
    assert f"{OPENING} ERK is seen." in hidden
    assert f"{OPENING} FOS is not. {MORE} {MORE}" not in hidden


def test_corpora_know_their_labels() -> None:
    for name, corpus in CORPORA.items():
        assert corpus.name == name
        assert set(corpus.meanings) <= set(corpus.labels)
        assert {meaning for meanings in corpus.meanings.values() for meaning in meanings} <= set(CAPTION_LABELS)
    assert {source.corpus for source in SOURCES.values()} == set(CORPORA)


@pytest.mark.slow
def test_shared_data(shared: Path, tokenizer: Tokenizer) -> None:
    for corpus in read_relations(shared, "devel", tokenizer=tokenizer):
        for example in corpus.examples:
            judged = set(example.judged)
            assert len(judged) == len(example.judged)
            assert all(source != target for source, target in judged)
            assert all((relation.source, relation.target) in judged for relation in example.relations)
            assert {relation.label for relation in example.relations} <= set(corpus.labels)
            keys = [(relation.source, relation.target, relation.label) for relation in example.relations]
            assert len(set(keys)) == len(keys)
            assert all(0 <= span.start < span.end <= len(example.text) for span in example.mentions)

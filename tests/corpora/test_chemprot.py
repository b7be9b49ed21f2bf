from __future__ import annotations

from pathlib import Path

import pytest

from corpora import chemprot
from nlp.errors import FormatError
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import CAPTION_LABELS
from tests.standoff import negative, parse, stated, write

ABSTRACT = """
    ⟦T1:CHEMICAL|Imatinib⟧ blocks ⟦T2:GENE-Y|ABL1⟧ and not ⟦T3:GENE-N|kinases⟧. ⟦T4:CHEMICAL|ATP⟧ is a ligand.
    R INHIBITOR T1 T2
    R DIRECT-REGULATOR T4 T2
"""


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def test_chemicals_act_on_genes(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (example,) = chemprot.read(write(tmp_path / "train.jsonl.gz", [parse(ABSTRACT)]), tokenizer)
    assert [mention.label for mention in example.mentions] == ["CHEMICAL", "GENE", "GENE", "CHEMICAL"]
    assert stated(example) == {"Imatinib > ABL1 INHIBITOR", "ATP > ABL1 DIRECT-REGULATOR"}
    assert negative(example) == {"Imatinib > kinases"}
    assert {relation.negated for relation in example.relations} == {None}


def test_a_pair_may_have_two_labels_but_none_twice(tmp_path: Path, tokenizer: Tokenizer) -> None:
    record = parse(ABSTRACT + "    R INHIBITOR T1 T2\n    R ANTAGONIST T1 T2\n")
    (example,) = chemprot.read(write(tmp_path / "train.jsonl.gz", [record]), tokenizer)
    assert stated(example) == {
        "Imatinib > ABL1 INHIBITOR",
        "Imatinib > ABL1 ANTAGONIST",
        "ATP > ABL1 DIRECT-REGULATOR",
    }
    assert len(example.relations) == 3


def test_names_may_nest(tmp_path: Path, tokenizer: Tokenizer) -> None:
    record = parse("⟦T1:GENE-N|tyrosine kinase⟧ is blocked by ⟦T2:CHEMICAL|imatinib⟧.\nR INHIBITOR T2 T1")
    record["entities"].append({"id": "T3", "type": "CHEMICAL", "start": 0, "end": 8, "text": "tyrosine"})
    (example,) = chemprot.read(write(tmp_path / "train.jsonl.gz", [record]), tokenizer)
    assert [mention[:2] for mention in example.mentions] == [(0, 15), (0, 8), (30, 38)]
    assert stated(example) == {"imatinib > tyrosine kinase INHIBITOR"}
    assert negative(example) == {"tyrosine > tyrosine kinase"}


def test_what_labels_mean() -> None:
    assert set(chemprot.MEANINGS) <= set(chemprot.LABELS)
    assert {meaning for meanings in chemprot.MEANINGS.values() for meaning in meanings} <= set(CAPTION_LABELS)
    assert chemprot.MEANINGS["AGONIST"] == ("activation+",)
    assert "expression-" in chemprot.MEANINGS["INDIRECT-DOWNREGULATOR"]
    assert "SUBSTRATE" not in chemprot.MEANINGS
    assert set(chemprot.EVALUATED) <= set(chemprot.GROUPS.values())
    assert chemprot.GROUPS["INHIBITOR"] == "CPR:4"


@pytest.mark.parametrize("line", ["R LIKES T1 T2", "R INHIBITOR T1 T9"])
def test_a_wrong_record_is_named(tmp_path: Path, tokenizer: Tokenizer, line: str) -> None:
    path = write(tmp_path / "train.jsonl.gz", [parse(ABSTRACT), parse(f"{ABSTRACT}    {line}")])
    with pytest.raises(FormatError, match=r"train\.jsonl\.gz:2"):
        list(chemprot.read(path, tokenizer))

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpora import gold_relations
from nlp.errors import FormatError
from nlp.formats.records import to_record
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import CAPTION_LABELS, RelatedExample, caption_label
from tests.markup import parse
from tests.standoff import negative, stated, surface


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def read(tmp_path: Path, tokenizer: Tokenizer, block: str) -> RelatedExample:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(to_record(parse(block))) + "\n", encoding="utf-8")
    (example,) = gold_relations.read(path, tokenizer)
    return example


def test_labels_are_types_with_signs() -> None:
    assert len(CAPTION_LABELS) == 15
    assert CAPTION_LABELS[:3] == ("activation+", "activation-", "activation0")
    assert caption_label("transport", -1) == "transport-"
    with pytest.raises(KeyError):
        caption_label("friendship", 1)


def test_relations_keep_type_sign_trigger_and_flags(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        ⟦T1:CHEMICAL|Drug A⟧ activates ⟦T2:GENE|ERK⟧ but not ⟦T3:GENE|JNK⟧ and might lower ⟦T4:GENE|FOS⟧.
        R T1 T2 activation + "activates"
        R T1 T3 activation + "activates" neg
        R T1 T4 expression - "lower" spec
        """,
    )
    assert stated(example) == {
        "Drug A > ERK activation+ [activates]",
        "Drug A > JNK activation+ neg [activates]",
        "Drug A > FOS expression- spec [lower]",
    }
    assert "ERK > Drug A" in negative(example)
    assert "ERK > JNK" in negative(example)


def test_pairs_are_judged_up_to_the_next_sentence(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        The drug binds ⟦T1:GENE|RAF⟧ in the cell. It then acts upon ⟦T2:GENE|MEK⟧ there. The last one is ⟦T3:GENE|ELK1⟧.
        """,
    )
    assert negative(example) == {"RAF > MEK", "MEK > RAF", "MEK > ELK1", "ELK1 > MEK"}


def test_a_relation_is_judged_however_far_it_reaches(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        The first to act is ⟦T1:GENE|RAF⟧ here. Then nothing happens. In the end ⟦T2:GENE|ELK1⟧ is on.
        R T1 T2 activation +
        """,
    )
    assert example.judged == ((0, 1),)


def test_other_mentions_of_the_same_two_names_are_unknown(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        ⟦T1:GENE|Erk⟧ raises ⟦T2:GENE|c-Fos⟧, and ⟦T3:GENE|ERK⟧ is seen with ⟦T4:GENE|cFOS⟧ and ⟦T5:GENE|JNK⟧.
        R T1 T2 expression + "raises"
        """,
    )
    assert {pair for pair in negative(example) if "JNK" not in pair} == {
        "Erk > ERK",
        "ERK > Erk",
        "c-Fos > Erk",
        "c-Fos > ERK",
        "cFOS > Erk",
        "cFOS > ERK",
        "c-Fos > cFOS",
        "cFOS > c-Fos",
    }


def test_long_and_short_form_are_one_name(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        ⟦T1:GENE|Tumor necrosis factor⟧ (⟦T2:GENE|TNF⟧) raises ⟦T3:GENE|FOS⟧ in cells.
        R T2 T3 expression + "raises"
        """,
    )
    assert "Tumor necrosis factor > FOS" not in negative(example)
    assert "FOS > Tumor necrosis factor" in negative(example)


def test_mentions_come_in_order(tmp_path: Path, tokenizer: Tokenizer) -> None:
    document = to_record(parse("⟦T1:GENE|RAF⟧ phosphorylates ⟦T2:GENE|MEK⟧.\nR T1 T2 modification +"))
    document["mentions"].reverse()
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(document), encoding="utf-8")
    (example,) = gold_relations.read(path, tokenizer)
    assert [surface(example, index) for index in range(2)] == ["RAF", "MEK"]
    assert stated(example) == {"RAF > MEK modification+"}


@pytest.mark.parametrize(
    "change",
    [
        {"relations": None},
        {"relations": [{"source": "T1", "target": "T9", "type": "binding", "sign": 0, "negated": 0, "speculative": 0}]},
        {"relations": [{"source": "T1", "target": "T2", "type": "liking", "sign": 0, "negated": 0, "speculative": 0}]},
        {"text": "MEK phosphorylates RAF."},
    ],
)
def test_a_wrong_record_is_named(tmp_path: Path, tokenizer: Tokenizer, change: dict[str, object]) -> None:
    record = to_record(parse("⟦T1:GENE|RAF⟧ phosphorylates ⟦T2:GENE|MEK⟧.")) | change
    path = tmp_path / "gold.jsonl"
    path.write_text(f"\n{json.dumps(record)}\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"gold\.jsonl:2"):
        list(gold_relations.read(path, tokenizer))

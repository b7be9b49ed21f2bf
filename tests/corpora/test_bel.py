from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpora import bel
from nlp import Pipeline
from nlp.errors import FormatError
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import RelatedExample
from tests.standoff import negative, stated, write

EVIDENCE = "In these cells IL6 drives STAT3, while TP53 keeps apoptosis up. Elsewhere, MYC was seen."


def term(name: str | None, aspect: str = "abundance", **more: Any) -> dict[str, Any]:
    return {"name": name, "aspect": aspect} | more


def statement(subject: Any, relation: str, object: Any, evidence: str = EVIDENCE) -> dict[str, Any]:
    return {"evidence": evidence, "subject": subject, "relation": relation, "object": object}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def read(tmp_path: Path, pipeline: Pipeline, tokenizer: Tokenizer, *records: Any) -> list[RelatedExample]:
    return list(bel.read(write(tmp_path / "statements.jsonl.gz", records), pipeline, tokenizer))


MARKED = term("STAT3", "modified", variants=["pmod(Ph)"])
RULES = {
    "activity": (term("IL6"), "increases", term("STAT3", "activity"), "IL6 > STAT3 activation+"),
    "process": (
        term("TP53"),
        "directlyIncreases",
        term("apoptotic process", "process"),
        "TP53 > apoptosis activation+",
    ),
    "abundance": (term("IL6"), "decreases", term("STAT3"), "IL6 > STAT3 expression-"),
    "RNA": (term("IL6"), "regulates", term("STAT3", "rna"), "IL6 > STAT3 expression0"),
    "degradation": (term("IL6"), "increases", term("STAT3", "degradation"), "IL6 > STAT3 expression-"),
    "secretion": (term("IL6"), "directlyDecreases", term("STAT3", "secretion"), "IL6 > STAT3 transport-"),
    "a mark": (term("IL6"), "increases", MARKED, "IL6 > STAT3 modification+"),
    "loss": (term("IL6", "degradation"), "increases", term("STAT3"), "IL6 > STAT3 expression-"),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(tmp_path: Path, pipeline: Pipeline, tokenizer: Tokenizer, rule: str) -> None:
    subject, relation, object, expected = RULES[rule]
    (example,) = read(tmp_path, pipeline, tokenizer, statement(subject, relation, object))
    assert example.text == EVIDENCE
    assert stated(example) == {expected}


LEFT_OUT = {
    "a correlation": (term("IL6"), "positiveCorrelation", term("STAT3")),
    "a fragment": (term("IL6"), "increases", term("STAT3", "modified", variants=["frag(1_20)"])),
    "a complex": (term("IL6"), "increases", term(None, "complex", members=[term("STAT3"), term("TP53")])),
    "a name that is not there": (term("IL6"), "increases", term("EGFR")),
    "names in two sentences": (term("IL6"), "increases", term("MYC")),
    "itself": (term("IL6"), "increases", term("IL6", "activity")),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_left_out(tmp_path: Path, pipeline: Pipeline, tokenizer: Tokenizer, case: str) -> None:
    assert not read(tmp_path, pipeline, tokenizer, statement(*LEFT_OUT[case]))


def test_statements_of_one_text_come_together(tmp_path: Path, pipeline: Pipeline, tokenizer: Tokenizer) -> None:
    both = term(None, "complex", members=[term("IL6"), term("TP53")])
    (example,) = read(
        tmp_path,
        pipeline,
        tokenizer,
        statement(both, "increases", term("STAT3", "activity")),
        statement(term("nothing"), "increases", term("STAT3"), "Another text."),
        statement(term("STAT3"), "decreases", term("IL6")),
    )
    assert stated(example) == {"IL6 > STAT3 activation+", "TP53 > STAT3 activation+", "STAT3 > IL6 expression-"}
    assert negative(example) == {"STAT3 > TP53"}


def test_a_wrong_record_is_named(tmp_path: Path, pipeline: Pipeline, tokenizer: Tokenizer) -> None:
    with pytest.raises(FormatError, match=r"statements\.jsonl\.gz:1"):
        read(tmp_path, pipeline, tokenizer, statement(term("IL6"), "increases", None))

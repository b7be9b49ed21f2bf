"""BEL scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from nlp.formats.bel import open_bel, to_bel
from nlp.types import Document
from tests.markup import parse
from tests.networked import any_document, documents, written
from tests.readers import read_by

GOLDEN = Path(__file__).parent / "golden" / "networks" / "statements.bel"

_READ = """
import json
import pybel

# No manager of names, which would make a database: all namespaces are patterns.
graph = pybel.io.lines.from_bel_script(path, manager=object())
edges = [(pybel.edge_to_bel(u, v, data), data) for u, v, data in graph.edges(data=True) if data.get("evidence")]
print(json.dumps({
    "warnings": [f"{place}: {error}" for place, error, _ in graph.warnings],
    "nodes": [str(node) for node in graph],
    "edges": [[text, data["evidence"], str(data["citation"]), sorted(data["annotations"])] for text, data in edges],
}))
"""

_ANYWHERE = "GO:0005575 ! cellular_component"

# A grammar of what is written, where PyBEL is not at hand.
_WORD = r'(?:[A-Za-z0-9_]+|"(?:[^"\\]|\\.)*")'
_CONCEPT = rf"[A-Z]+:{_WORD}(?: ! {_WORD})?"
_ABUNDANCE = rf'(?:p\({_CONCEPT}(?:, pmod\(\w+\)|, frag\("\?"\))?\)|(?:m|r|a|bp|path|pop)\({_CONCEPT}\))'
_TERM = (
    rf"(?:{_ABUNDANCE}|(?:act|sec|surf)\({_ABUNDANCE}\)"
    rf"|tloc\({_ABUNDANCE}, fromLoc\({_CONCEPT}\), toLoc\({_CONCEPT}\)\))"
)
_LINE = re.compile(
    rf"{_ABUNDANCE} (?:increases|decreases|regulates|causesNoChange) {_TERM}|complex\({_ABUNDANCE}, {_ABUNDANCE}\)"
    rf"|SET (?:SupportingText|Relation|Score|Speculative) = {_WORD}|SET Citation = \{{{_WORD}(?:, {_WORD}){{1,2}}\}}"
    r"|UNSET Speculative|# BEL can't say .*|"
)


def said(block: str) -> list[str]:
    """The statements of a document, without what is set around them."""
    return [line for line in to_bel(parse(block)) if line and not re.match(r"SET|UNSET|#", line)]


def test_golden_file() -> None:
    assert written(open_bel, documents()).decode() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ('activation + "induces"', "p(TEXT:ERK) increases act(p(TEXT:TNF))"),
        ('activation - "induces"', "p(TEXT:ERK) decreases act(p(TEXT:TNF))"),
        ('activation 0 "induces"', "p(TEXT:ERK) regulates act(p(TEXT:TNF))"),
        ('activation + "induces" neg', "p(TEXT:ERK) causesNoChange act(p(TEXT:TNF))"),
        ('expression + "induces"', "p(TEXT:ERK) increases p(TEXT:TNF)"),
        ('expression - "transcription"', "p(TEXT:ERK) decreases r(TEXT:TNF)"),
        ('modification + "phosphorylation"', "p(TEXT:ERK) increases p(TEXT:TNF, pmod(Ph))"),
        ('modification - "cleavage"', 'p(TEXT:ERK) decreases p(TEXT:TNF, frag("?"))'),
        ('modification + "other marks"', None),
        ('binding 0 "induces"', "complex(p(TEXT:ERK), p(TEXT:TNF))"),
        ('binding - "induces"', None),
        ('binding 0 "induces" neg', None),
        ('transport + "secretion"', "p(TEXT:ERK) increases sec(p(TEXT:TNF))"),
        (
            'transport + "induces"',
            f"p(TEXT:ERK) increases tloc(p(TEXT:TNF), fromLoc({_ANYWHERE}), toLoc({_ANYWHERE}))",
        ),
    ],
)
def test_statements(relation: str, expected: str | None) -> None:
    marks = "" if "other marks" in relation else "phosphorylation, "
    sentence = f"⟦T1:GENE|ERK⟧ induces transcription, {marks}other marks, cleavage, secretion of ⟦T2:GENE|TNF⟧."
    assert said(f"{sentence}\nR T1 T2 {relation}") == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("type", "surface", "term"),
    [
        ("CHEMICAL", "LPS", "a(TEXT:LPS)"),
        ("PROCESS", "apoptosis", "bp(TEXT:apoptosis)"),
        ("DISEASE", "type 2 diabetes", 'path(TEXT:"type 2 diabetes")'),
        ("CELL", "T cells", 'pop(TEXT:"T cells")'),
        ("GENE", "hsa-miR-21", 'm(TEXT:"hsa-miR-21")'),
        ("GENE", "miRNA-21", 'm(TEXT:"miRNA-21")'),
        ("GENE", "let-7a", 'm(TEXT:"let-7a")'),
        ("GENE", "Mirk", "act(p(TEXT:Mirk))"),
    ],
)
def test_terms(type: str, surface: str, term: str) -> None:
    assert said(f"⟦T1:GENE|ERK⟧ acts on ⟦T2:{type}|{surface}⟧.\nR T1 T2 activation +") == [
        f"p(TEXT:ERK) increases {term}"
    ]


def test_only_molecules_make_a_complex() -> None:
    block = "⟦T1:GENE|ERK⟧ binds ⟦T2:{}|it⟧.\nR T1 T2 binding 0"
    assert said(block.format("CHEMICAL")) == ["complex(p(TEXT:ERK), a(TEXT:it))"]
    assert said(block.format("PROCESS")) == []


def test_quotes_and_line_ends_are_escaped() -> None:
    document = parse('⟦T1:GENE|a"b⟧ \\ acts // "here"\non ⟦T2:GENE|TNF⟧.\nR T1 T2 activation +', id='x"1')
    lines = [*to_bel(document)]
    assert 'SET Citation = {"Other", "x\\"1"}' in lines
    assert 'SET SupportingText = "a\\"b \\\\ acts / / \\"here\\" on TNF."' in lines
    assert 'p(TEXT:"a\\"b") increases act(p(TEXT:TNF))' in lines


def test_a_hedge_holds_for_its_statement_alone() -> None:
    lines = [*to_bel(documents()[4])]
    place = lines.index('SET Speculative = "true"')
    assert lines[place + 2] == "UNSET Speculative"
    assert lines.count('SET Speculative = "true"') == 1


@settings(max_examples=150, deadline=None)
@given(any_document())
def test_every_line_is_bel(document: Document) -> None:
    for line in to_bel(document):
        assert _LINE.fullmatch(line), line


def read(path: Path, home: Path) -> Any:
    return read_by("pybel", _READ, path, home)


def test_pybel_reads_the_golden_file(tmp_path: Path) -> None:
    found = read(GOLDEN, tmp_path)
    assert found["warnings"] == []
    own = GOLDEN.read_text(encoding="utf-8").splitlines()
    verbs = re.compile(r"\) (?:increases|decreases|regulates|causesNoChange) ")
    assert len(found["edges"]) == sum(bool(verbs.search(line)) for line in own)
    assert [
        "a(TEXT:esketamine) causesNoChange act(p(HGNC:6871 ! MAPK1))",
        "esketamine does not activate ERK1/2.",
        'other:"own/5"',
        ["Relation", "Score"],
    ] in found["edges"]
    assert "complex(p(HGNC:11998 ! TP53), p(HGNC:6973 ! MDM2))" in found["nodes"]


def test_pybel_reads_scripts_of_any_kind(tmp_path: Path) -> None:
    items: list[Document] = []

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(any_document())
    def collect(item: Document) -> None:
        items.append(item)

    collect()
    path = tmp_path / "any.bel"
    path.write_bytes(written(open_bel, items))
    found = read(path, tmp_path)
    assert found["warnings"] == []
    assert len(found["edges"]) > 20

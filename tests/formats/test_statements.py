"""Things, evidence, marks and movements of relations."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlp.formats.statements import Statement, marks, movement, one_line, statements, things
from nlp.types import Document, Mention, Reference
from tests.markup import parse
from tests.networked import any_document


def only(block: str) -> Statement:
    (statement,) = statements(parse(block))
    return statement


def mention(*references: tuple[str, float]) -> Mention:
    return Mention("T1", "GENE", 0, 1, "x", references=tuple(Reference(curie, curie, odd) for curie, odd in references))


def test_the_best_reference_is_meant_and_all_of_a_coordinated_name() -> None:
    def meant(*references: tuple[str, float]) -> list[str | None]:
        return [thing.reference and thing.reference.curie for thing in things(mention(*references))]

    assert meant(("HGNC:1", 0.6), ("HGNC:2", 0.4)) == ["HGNC:1"]
    assert meant(("HGNC:1", 0.33337), ("HGNC:2", 0.33337), ("HGNC:3", 0.33337)) == ["HGNC:1"]
    assert meant(("HGNC:1", 0.9), ("HGNC:2", 0.5)) == ["HGNC:1", "HGNC:2"]
    assert meant() == [None]


def test_a_relation_of_coordinated_names_is_one_of_each_pair() -> None:
    block = '⟦T1:GENE|ab⟧ binds ⟦T2:GENE|cd⟧.\nR T1 T2 binding 0 "binds"'
    document = parse(block)
    two = tuple(
        Mention(
            item.id, item.type, item.start, item.end, item.text, references=mention(("A:1", 1), ("A:2", 1)).references
        )
        for item in document.mentions
    )
    pairs = [
        (statement.source.name, statement.target.name)
        for statement in statements(Document("x", document.text, two, document.relations))
    ]
    assert pairs == [("A:1", "A:1"), ("A:1", "A:2"), ("A:2", "A:1"), ("A:2", "A:2")]


@pytest.mark.parametrize(
    ("block", "evidence"),
    [
        ("First. ⟦T1:GENE|ERK⟧ binds ⟦T2:GENE|TNF⟧. Last.", "ERK binds TNF."),
        ("See Fig. 2. ⟦T1:GENE|ERK⟧, e.g. ⟦T2:GENE|TNF⟧ (cf. X et al. 2004)", "ERK, e.g. TNF (cf. X et al. 2004)"),
        ("Title\n⟦T1:GENE|ERK⟧ binds it.\n⟦T2:GENE|TNF⟧ too; so it is.", "ERK binds it.\nTNF too; so it is."),
        ("It falls. ⟦T1:GENE|p53⟧ binds ⟦T2:GENE|TNF⟧. ⟦T3:GENE|eIF4E⟧ does.", "p53 binds TNF."),
        ("⟦T1:GENE|S. aureus Protein A⟧ binds ⟦T2:GENE|TNF⟧! (B) Next", "S. aureus Protein A binds TNF!"),
        ("One sentence: ⟦T1:GENE|ERK⟧ binds ⟦T2:GENE|TNF⟧", "One sentence: ERK binds TNF"),
    ],
)  # fmt: skip
def test_evidence_is_the_sentence(block: str, evidence: str) -> None:
    statement = only(f"{block}\nR T1 T2 binding 0")
    assert statement.evidence.of(statement.document.text) == evidence


@settings(max_examples=100, deadline=None)
@given(any_document())
def test_evidence_holds_what_is_related(document: Document) -> None:
    for statement in statements(document):
        for end in (statement.source, statement.target):
            # White space at the ends of a name may be cut off.
            inner = end.mention.text.strip()
            assert inner in statement.evidence.of(document.text)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("phosphorylates", ["Ph"]),
        ("de-phosphorylates", ["Ph"]),
        ("leads to the poly-ubiquitination and SUMOylation", ["Ub", "Sumo"]),
        ("geranylgeranylated by", ["Gerger"]),
        ("farnesylates", ["Farn"]),
        ("promotes O-GlcNAcylation", ["Glyco"]),
        ("cleaves", []),
        ("acts, as it is acetylated, on", ["Ac"]),
    ],
)
def test_marks(words: str, found: list[str]) -> None:
    statement = only(f'⟦T1:GENE|ERK⟧ {words} ⟦T2:GENE|TNF⟧.\nR T1 T2 modification + "{words}"')
    assert [mark.bel for mark in marks(statement)] == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("⟦T1:GENE|ERK⟧ raises the phosphorylation of ⟦T2:GENE|TNF⟧.", ["Ph"]),
        ("⟦T1:GENE|ERK⟧ raises the phosphorylation, not the methylation of ⟦T2:GENE|TNF⟧.", []),
        ("⟦T1:GENE|ERK⟧ raises it for ⟦T2:GENE|TNF⟧. Others are phosphorylated.", []),
    ],
)
def test_a_mark_that_the_trigger_does_not_name_is_the_only_one_of_the_sentence(sentence: str, found: list[str]) -> None:
    statement = only(f'{sentence}\nR T1 T2 modification + "raises"')
    assert [mark.bel for mark in marks(statement)] == found


@pytest.mark.parametrize(
    ("words", "goal"),
    [
        ("secretes", "GO:0005576"),
        ("brings to the cell surface", "GO:0009986"),
        ("taken up by", "GO:0005622"),
        ("causes the release of", None),
        ("translocates", None),
    ],
)
def test_movements(words: str, goal: str | None) -> None:
    kind = movement(only(f'⟦T1:GENE|ERK⟧ {words} ⟦T2:GENE|TNF⟧.\nR T1 T2 transport + "{words}"'))
    assert (kind and kind.goal) == goal


def test_one_line() -> None:
    assert one_line("\x00 a\tb\n\u2028c\x85\ufffed ") == "a b c d"

"""A document printed, and as a graph of NetworkX."""

import json

import networkx as nx
import pytest
from hypothesis import given, settings

from nlp import Document, InputError, Mention, Reference, Relation, Trigger
from nlp.formats.records import to_record
from tests.any_document import documents
from tests.markup import parse


def small() -> Document:
    return parse(
        """
        ⟦T1:CHEMICAL|Drug A⟧ does not activate ⟦T2:GENE|ERK⟧ but may lower ⟦T3:GENE|BDNF⟧.
        ⟦T4:GENE|Foo⟧ binds ⟦T5:GENE|ERK⟧.
        R T1 T2 activation + "activate" neg
        R T1 T3 expression - "lower" spec
        R T4 T5 binding 0
        """,
        id="figure",
    )


def test_a_document_is_printed_as_a_table() -> None:
    document = parse('⟦T1:CHEMICAL|Drug A⟧ lowers\n⟦T2:GENE|BDNF⟧.\nR T1 T2 expression - "lowers" spec', id="figure")
    assert str(document).splitlines() == [
        "figure: Drug A lowers BDNF.",
        "",
        "T1  CHEMICAL  Drug A  0:6    1.00",
        "T2  GENE      BDNF    14:18  1.00",
        "",
        'R1  Drug A ⊣ BDNF  expression −, speculative  1.00  "lowers"',
    ]
    assert str(Document("empty", "")) == "empty:"


def test_a_long_document_is_printed_short() -> None:
    text = "ERK " * 500
    mentions = tuple(Mention(f"T{number}", "GENE", 4 * number, 4 * number + 3, "ERK") for number in range(500))
    relations = tuple(Relation(f"R{number}", "T0", f"T{number}", "binding", 0) for number in range(1, 30))
    lines = str(Document("long", text, mentions, relations)).splitlines()
    assert len(lines) == 45
    assert "… and 480 more mentions" in lines
    assert lines[-1] == "… and 9 more edges"
    assert max(map(len, lines)) <= 100


@given(documents())
@settings(max_examples=60, deadline=None)
def test_any_document_can_be_shown_and_handed_on(document: Document) -> None:
    assert len(str(document).splitlines()) >= 1
    assert str(document).startswith(" ".join(document.id.split())[:5])
    assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document
    assert document.to_dict() == to_record(document)
    graph = document.to_networkx()
    named = [id for _, own in graph.nodes(data="mentions") for id in own]
    assert set(named) == {mention.id for mention in document.mentions}
    assert {edge for _, _, edge in graph.edges(data="relation")} == {one.id for one in document.relations}
    assert document._repr_html_().startswith('<div class="pathcap">')


def test_a_record_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="a field is missing; expected a field 'text'"):
        Document.from_dict({"id": "1"})


def test_mentions_of_one_thing_are_one_node() -> None:
    graph = small().to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.graph == {"id": "figure", "text": small().text}
    assert dict(graph.nodes(data=True)) == {
        "CHEMICAL/druga": {"name": "Drug A", "type": "CHEMICAL", "curie": None, "mentions": ("T1",)},
        "GENE/erk": {"name": "ERK", "type": "GENE", "curie": None, "mentions": ("T2", "T5")},
        "GENE/bdnf": {"name": "BDNF", "type": "GENE", "curie": None, "mentions": ("T3",)},
        "GENE/foo": {"name": "Foo", "type": "GENE", "curie": None, "mentions": ("T4",)},
    }
    said = {"directed": True, "negated": False, "speculative": False, "score": 1.0}
    assert list(graph.edges(keys=True, data=True)) == [
        (
            "CHEMICAL/druga",
            "GENE/erk",
            "R1",
            {**said, "relation": "R1", "type": "activation", "sign": 1, "trigger": "activate", "negated": True},
        ),
        (
            "CHEMICAL/druga",
            "GENE/bdnf",
            "R2",
            {**said, "relation": "R2", "type": "expression", "sign": -1, "trigger": "lower", "speculative": True},
        ),
        (
            "GENE/foo",
            "GENE/erk",
            "R3",
            {**said, "relation": "R3", "type": "binding", "sign": 0, "trigger": None, "directed": False},
        ),
    ]


def test_a_coordinated_name_is_a_node_for_each_thing() -> None:
    both = (Reference("HGNC:6877", "MAPK3", 0.9), Reference("HGNC:6871", "MAPK1", 0.9))
    one_of = (Reference("HGNC:391", "AKT1", 0.6), Reference("HGNC:392", "AKT2", 0.3))
    document = Document(
        "1",
        "ERK1/2 binds AKT",
        (
            Mention("T1", "GENE", 0, 6, "ERK1/2", references=both),
            Mention("T2", "GENE", 13, 16, "AKT", references=one_of),
        ),
        (Relation("R1", "T1", "T2", "binding", 0, trigger=Trigger(7, 12, "binds")),),
    )
    graph = document.to_networkx()
    assert list(graph.nodes(data="name")) == [("HGNC:6877", "MAPK3"), ("HGNC:6871", "MAPK1"), ("HGNC:391", "AKT1")]
    assert list(graph.edges(keys=True)) == [("HGNC:6877", "HGNC:391", "R1"), ("HGNC:6871", "HGNC:391", "R1")]

"""The network of many captions, and SIF, GraphML and CX2."""

from __future__ import annotations

import gzip
import io
import json
import random
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ndex2.cx2 import CX2Network, RawCX2NetworkFactory

from nlp.errors import ConfigError
from nlp.formats.base import OpenWriter
from nlp.formats.cx2 import open_cx2
from nlp.formats.graphml import open_graphml
from nlp.formats.network import MAX_EXAMPLES, Edge, Example, Network, Node
from nlp.formats.sif import open_sif
from nlp.formats.writers import open_writer, output_format
from nlp.types import Document
from tests.markup import parse
from tests.networked import any_document, documents, written

GOLDEN = Path(__file__).parent / "golden" / "networks"
WRITERS: dict[str, OpenWriter] = {
    "network.sif": open_sif,
    "network.graphml": open_graphml,
    "network.cx2": open_cx2,
}


def counted(items: list[Document] | tuple[Document, ...]) -> Network:
    network = Network()
    for item in items:
        network.write(item)
    return network


def edge(network: Network, interaction: str, source: str, target: str) -> Edge:
    (found,) = (
        item
        for item in network.edges()
        if (item.interaction, item.source, item.target) == (interaction, source, target)
    )
    return found


def test_evidence_is_counted_over_captions() -> None:
    network = counted(documents())
    assert edge(network, "activation+", "CHEBI:60799", "HGNC:6871") == Edge(
        "CHEBI:60799",
        "HGNC:6871",
        "activation",
        1,
        captions=2,
        relations=2,
        best_score=0.91,
        mean_score=0.765,
        speculative=0,
        negated=0,
        examples=(Example("PMC101__f1.jpg", "activates", 0.91), Example("own/5", "activates", 0.62)),
    )
    twice = edge(network, "modification+", "HGNC:6840", "HGNC:6871")
    assert (twice.captions, twice.relations, twice.speculative) == (1, 2, 1)
    assert twice.mean_score == 0.705


def test_binding_has_no_direction() -> None:
    binding = edge(counted(documents()), "binding", "HGNC:11998", "HGNC:6973")
    assert (binding.captions, binding.directed) == (2, False)


def test_nodes_are_what_is_meant() -> None:
    nodes = {node.id: node for node in counted(documents()).nodes()}
    assert nodes["HGNC:6871"] == Node("HGNC:6871", "MAPK1", "GENE", "HGNC:6871", 2)
    assert nodes["FPLX:ERK"].name == "ERK"
    assert "CHEMICAL/esketamine" not in nodes, "an end of denied relations alone"


def test_a_denied_edge_is_none_but_counts_where_others_state_it() -> None:
    said = parse('⟦T1:GENE|Abc-1⟧ activates ⟦T2:GENE|xyz⟧.\nR T1 T2 activation + "activates"', id="a")
    again = parse('⟦T1:GENE|ABC1⟧ activates ⟦T2:GENE|xyz⟧.\nR T1 T2 activation + "activates"', id="b")
    denied = parse('⟦T1:GENE|abc1⟧ never activates ⟦T2:GENE|xyz⟧.\nR T1 T2 activation + "activates" neg', id="c")
    assert [*counted([denied]).edges()] == []
    assert [*counted([denied]).nodes()] == []
    network = counted([said, denied, again, said])
    (found,) = network.edges()
    assert (found.captions, found.relations, found.negated) == (3, 3, 1)
    assert [*network.nodes()] == [
        Node("GENE/abc1", "Abc-1", "GENE", None, 3),
        Node("GENE/xyz", "xyz", "GENE", None, 3),
    ]


def test_what_is_kept_does_not_grow_with_the_captions() -> None:
    network = Network()
    items = documents()
    for number in range(50):
        for item in items:
            network.write(replace(item, id=f"{number:02}"))
    found = edge(network, "activation+", "CHEBI:60799", "HGNC:6877")
    assert found.captions == 50
    assert found.examples == tuple(Example(f"{number:02}", "activates", 0.91) for number in range(MAX_EXAMPLES))


@pytest.mark.parametrize("name", WRITERS)
def test_golden_files(name: str) -> None:
    assert written(WRITERS[name], documents()).decode() == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [path.name for path in sorted(GOLDEN.iterdir())])
def test_a_name_tells_the_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.gz"
    with open_writer(path, output_format(path)) as writer:
        for item in documents():
            writer.write(item)
    assert gzip.decompress(path.read_bytes()) == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=40, deadline=None)
@given(items=st.lists(any_document(), max_size=4), seed=st.integers(0, 9))
def test_the_order_of_captions_does_not_matter(name: str, items: list[Document], seed: int) -> None:
    shuffled = random.Random(seed).sample(items, len(items))  # noqa: S311
    assert written(WRITERS[name], items) == written(WRITERS[name], shuffled)


@settings(max_examples=60, deadline=None)
@given(st.lists(any_document(), max_size=3))
def test_sif_has_each_edge_once(items: list[Document]) -> None:
    lines = written(open_sif, items).decode().split("\n")[:-1]
    assert all(len(line.split("\t")) == 3 for line in lines)
    network = counted(items)
    assert len(set(lines)) == len(lines) == len([*network.edges()])
    assert len({cell for line in lines for cell in line.split("\t")[::2]}) == len([*network.nodes()])


def test_things_of_one_name_are_told_apart_in_sif() -> None:
    block = "⟦T1:GENE|cat⟧ eats ⟦T2:CHEMICAL|cat⟧.\nR T1 T2 activation -"
    assert written(open_sif, [parse(block)]) == b"cat (GENE/cat)\tactivation-\tcat (CHEMICAL/cat)\n"


@settings(max_examples=60, deadline=None)
@given(st.lists(any_document(), max_size=3))
def test_networkx_reads_graphml_back(items: list[Document]) -> None:
    graph = nx.read_graphml(io.BytesIO(written(open_graphml, items)), force_multigraph=True)
    network = counted(items)
    assert graph.is_directed()
    assert dict(graph.nodes(data=True)) == {
        node.id: {"name": node.name, "type": node.type, "captions": node.captions}
        | ({} if node.curie is None else {"curie": node.curie})
        for node in network.nodes()
    }
    found = sorted(
        (source, target, data["type"], data["sign"], data["relations"], data["mean_score"], data["examples"])
        for source, target, data in graph.edges(data=True)
    )
    assert found == [
        (*item_key(item), item.relations, item.mean_score, " | ".join(map(str, item.examples)))
        for item in network.edges()
    ]


def item_key(item: Edge) -> tuple[str, str, str, int]:
    return item.source, item.target, item.type, item.sign


def read_cx2(data: bytes) -> CX2Network:
    return RawCX2NetworkFactory().get_cx2network(json.loads(data))


@settings(max_examples=60, deadline=None)
@given(st.lists(any_document(), max_size=3))
def test_ndex2_reads_cx2_back(items: list[Document]) -> None:
    graph, network = read_cx2(written(open_cx2, items)), counted(items)
    nodes = [*network.nodes()]
    assert [node["v"] for node in graph.get_nodes().values()] == [
        {"name": node.name, "type": node.type, "captions": node.captions}
        | ({} if node.curie is None else {"represents": node.curie})
        for node in nodes
    ]
    found = [
        (nodes[item["s"]].id, nodes[item["t"]].id, item["v"]["type"], item["v"]["sign"], item["v"]["examples"])
        for item in graph.get_edges().values()
    ]
    assert found == [(*item_key(item), [str(example) for example in item.examples]) for item in network.edges()]


def test_cx2_is_drawn_with_arrows_and_bars() -> None:
    style = read_cx2(written(open_cx2, documents())).get_visual_properties()
    shapes = style["edgeMapping"]["EDGE_TARGET_ARROW_SHAPE"]["definition"]
    assert shapes == {
        "attribute": "sign",
        "type": "integer",
        "map": [{"v": 1, "vp": "triangle"}, {"v": -1, "vp": "tee"}],
    }


def test_an_edge_keeps_its_evidence_in_cx2() -> None:
    graph = read_cx2(written(open_cx2, documents()))
    names = {number: node["v"]["name"] for number, node in graph.get_nodes().items()}
    (found,) = (
        item["v"]
        for item in graph.get_edges().values()
        if (names[item["s"]], names[item["t"]]) == ("esketamine", "MAPK1")
    )
    assert found == {
        "interaction": "activation+",
        "type": "activation",
        "sign": 1,
        "directed": True,
        "captions": 2,
        "relations": 2,
        "best_score": 0.91,
        "mean_score": 0.765,
        "speculative": 0,
        "negated": 0,
        "examples": ["PMC101__f1.jpg: activates", "own/5: activates"],
    }


def test_without_ndex2_it_is_said_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ndex2.cx2", None)
    with pytest.raises(ConfigError, match="pip install ndex2"), open_cx2(io.BytesIO(), ""):
        pytest.fail("it was opened")


@pytest.mark.parametrize("name", WRITERS)
def test_no_captions_make_an_empty_network(name: str) -> None:
    assert (written(WRITERS[name], []) == b"") is (name == "network.sif")

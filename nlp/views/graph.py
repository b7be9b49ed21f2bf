"""A document as a graph of NetworkX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nlp.formats.network import node_id
from nlp.formats.statements import things
from nlp.schema import RELATION_TYPES
from nlp.types import Document

if TYPE_CHECKING:
    import networkx as nx


def to_graph(document: Document) -> nx.MultiDiGraph[str]:
    """The things a document names, and its relations as edges between them; see ``Document.to_networkx``."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(id=document.id, text=document.text)
    nodes: dict[str, tuple[str, ...]] = {}
    for mention in document.mentions:
        meant = {node_id(thing): thing for thing in things(mention)}
        nodes[mention.id] = tuple(meant)
        for id, thing in meant.items():
            if id not in graph:
                curie = thing.reference.curie if thing.reference else None
                graph.add_node(id, name=thing.name, type=mention.type, curie=curie, mentions=())
            graph.nodes[id]["mentions"] += (mention.id,)
    for relation in document.relations:
        trigger = relation.trigger
        said: dict[str, Any] = {
            "relation": relation.id,
            "type": relation.type,
            "sign": relation.sign,
            "score": relation.score,
            "trigger": None if trigger is None else trigger.text,
            "directed": RELATION_TYPES[relation.type].directed,
            "negated": relation.negated,
            "speculative": relation.speculative,
        }
        for source in nodes[relation.source]:
            for target in nodes[relation.target]:
                graph.add_edge(source, target, key=relation.id, **said)
    return graph

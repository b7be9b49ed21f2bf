"""GraphML out, by NetworkX: a multigraph with the attributes of nodes and edges.

Nodes are named by their ids and have ``name``, ``type``, ``curie`` and ``captions``; edges have ``interaction``,
``type``, ``sign``, ``directed`` and their evidence, ``examples`` as ``caption: trigger`` with ``" | "`` between them.

Loses: captions and their mentions, and all relations of an edge but the best ``MAX_EXAMPLES``; edges that are only
denied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nlp.formats.base import Writer
from nlp.formats.network import Network


@contextmanager
def open_graphml(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of GraphML. The edges are counted over all documents, and written when it is closed."""
    network = Network()
    yield network
    write_graphml(network, stream)


def write_graphml(network: Network, stream: BinaryIO) -> None:
    """Write a network, nodes and edges in their order."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in network.nodes():
        # GraphML as NetworkX writes it has no empty values: what is not there is left out.
        curie = {} if node.curie is None else {"curie": node.curie}
        graph.add_node(node.id, name=node.name, type=node.type, **curie, captions=node.captions)
    for number, edge in enumerate(network.edges(), start=1):
        graph.add_edge(
            edge.source,
            edge.target,
            # NetworkX writes the key as the edge's id, which has to be one of its own.
            key=f"e{number}",
            interaction=edge.interaction,
            type=edge.type,
            sign=edge.sign,
            directed=edge.directed,
            captions=edge.captions,
            relations=edge.relations,
            best_score=edge.best_score,
            mean_score=edge.mean_score,
            speculative=edge.speculative,
            negated=edge.negated,
            examples=" | ".join(map(str, edge.examples)),
        )
    # This one writes edge by edge; the other would first hold all of the XML.
    nx.write_graphml_lxml(graph, stream, prettyprint=True)

"""SIF out, the simple interaction format of Cytoscape: a line an edge, ``source⇥relation⇥target``.

Nodes stand under their preferred names, followed by the id in brackets where several things share one. A relation is
type and sign in one word: ``activation+``, ``expression-``, ``binding``.

Loses: all that is known of nodes but their names, and all of the evidence; negated relations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nlp.formats.base import Writer
from nlp.formats.network import Network


@contextmanager
def open_sif(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of SIF. The edges are counted over all documents, and written when it is closed."""
    network = Network()
    yield network
    write_sif(network, stream)


def write_sif(network: Network, stream: BinaryIO) -> None:
    """Write the edges of a network in their order."""
    shared = Counter(node.name for node in network.nodes())
    names = {node.id: node.name if shared[node.name] == 1 else f"{node.name} ({node.id})" for node in network.nodes()}
    for edge in network.edges():
        stream.write(f"{names[edge.source]}\t{edge.interaction}\t{names[edge.target]}\n".encode())

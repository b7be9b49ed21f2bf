"""CX2 out, the network format of NDEx and Cytoscape, by ``ndex2``, with a style.

Nodes have ``name``, ``represents`` (the CURIE, where there is one), ``type`` and ``captions``; edges ``interaction``,
``type``, ``sign``, ``directed`` and their evidence, with a list of ``examples``. What increases is drawn as an arrow,
what decreases as a bar, and a change of amount as a dashed line.

Loses: captions and their mentions, and all relations of an edge but the best ``MAX_EXAMPLES``; edges that are only
denied.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from nlp.errors import ConfigError
from nlp.formats.base import Writer
from nlp.formats.network import Network


@contextmanager
def open_cx2(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of CX2. The edges are counted over all documents, and written when it is closed.

    Raises:
        ConfigError: if ``ndex2`` is not installed.
    """
    new_network()  # before any work is done
    network = Network()
    yield network
    write_cx2(network, stream)


def new_network() -> Any:
    """An empty ``ndex2.cx2.CX2Network``.

    Raises:
        ConfigError: if ``ndex2`` is not installed.
    """
    try:
        from ndex2.cx2 import CX2Network
    except ModuleNotFoundError as error:
        raise ConfigError(
            "CX2 is written with a package that is not there", expected="pip install ndex2", found=str(error)
        ) from error
    return CX2Network()


def write_cx2(network: Network, stream: BinaryIO) -> None:
    """Write a network, nodes and edges numbered in their order, one aspect of CX2 a line."""
    graph = new_network()
    graph.set_network_attributes(
        {"name": "pathcap", "description": "What captions say, counted over all of them by pathcap"}
    )
    numbers: dict[str, int] = {}
    for node in network.nodes():
        represents = {} if node.curie is None else {"represents": node.curie}
        numbers[node.id] = graph.add_node(
            attributes={"name": node.name, **represents, "type": node.type, "captions": node.captions}
        )
    for edge in network.edges():
        graph.add_edge(
            source=numbers[edge.source],
            target=numbers[edge.target],
            attributes={
                "interaction": edge.interaction,
                "type": edge.type,
                "sign": edge.sign,
                "directed": edge.directed,
                "captions": edge.captions,
                "relations": edge.relations,
                "best_score": edge.best_score,
                "mean_score": edge.mean_score,
                "speculative": edge.speculative,
                "negated": edge.negated,
                "examples": [str(example) for example in edge.examples],
            },
        )
    graph.set_visual_properties(STYLE)
    aspects = (json.dumps(aspect, ensure_ascii=False) for aspect in graph.to_cx2())
    stream.write(b"[")
    for number, aspect in enumerate(aspects):
        stream.write(f"{',' if number else ''}\n{aspect}".encode())
    stream.write(b"\n]\n")


def _discrete(attribute: str, type: str, values: dict[str, str] | dict[int, str]) -> dict[str, Any]:
    pairs = [{"v": value, "vp": look} for value, look in values.items()]
    return {"type": "DISCRETE", "definition": {"attribute": attribute, "type": type, "map": pairs}}


STYLE: Final[dict[str, Any]] = {
    "default": {
        "network": {"NETWORK_BACKGROUND_COLOR": "#FFFFFF"},
        "node": {
            "NODE_SHAPE": "round-rectangle",
            "NODE_WIDTH": 75.0,
            "NODE_HEIGHT": 35.0,
            "NODE_BACKGROUND_COLOR": "#DDDDDD",
            "NODE_LABEL_COLOR": "#000000",
            "NODE_LABEL_FONT_SIZE": 12,
        },
        "edge": {
            "EDGE_LINE_COLOR": "#444444",
            "EDGE_LINE_STYLE": "solid",
            "EDGE_TARGET_ARROW_COLOR": "#444444",
            "EDGE_TARGET_ARROW_SHAPE": "none",
            "EDGE_WIDTH": 2.0,
        },
    },
    "nodeMapping": {
        "NODE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "name", "type": "string"}},
        # Light shades of the palette of Okabe and Ito (2008), which people who can't tell colours can tell.
        "NODE_BACKGROUND_COLOR": _discrete(
            "type",
            "string",
            {"GENE": "#A6D4EE", "CHEMICAL": "#F6D08A", "PROCESS": "#99D8C7", "DISEASE": "#EEBF99"},
        ),
    },
    "edgeMapping": {
        "EDGE_TARGET_ARROW_SHAPE": _discrete("sign", "integer", {1: "triangle", -1: "tee"}),
        "EDGE_LINE_STYLE": _discrete("type", "string", {"expression": "dashed", "binding": "dotted"}),
    },
}
"""CX2's visual properties: how the network is drawn."""

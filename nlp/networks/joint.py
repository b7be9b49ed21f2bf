"""The tagger and the network for edges, which share one encoder."""

from __future__ import annotations

from torch import nn

from nlp.networks.edges import EdgeNetwork
from nlp.networks.tagger import MentionTagger


class JointModel(nn.Module):
    """All that is trained together.

    Args:
        tagger: encoder and tag heads.
        edges: reads the tagger's words; None to learn mentions alone.
    """

    def __init__(self, tagger: MentionTagger, edges: EdgeNetwork | None = None) -> None:
        super().__init__()
        self.tagger = tagger
        self.edges = edges

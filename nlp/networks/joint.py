"""The tagger and the network for edges, which share one encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

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

    def related_words(self, pieces: Tensor, shapes: Tensor, mask: Tensor, firsts: Tensor) -> Tensor:
        """Vectors of words as the network for edges is given them.

        Arguments are as in ``nlp.networks.tagger.MentionTagger.words``.

        Returns:
            (words, inputs of the network)

        Raises:
            ValueError: if there is no such network.
        """
        if self.edges is None:
            raise ValueError("the model has no network for edges")
        states = self.tagger.encoder.states(pieces, shapes, mask)
        # Without layers named, the last.
        read = [states[layer].flatten(0, 1)[firsts] for layer in self.edges.config.reads or (-1,)]
        return self.tagger.dropout(torch.cat(read, dim=-1).float())  # type: ignore[no-any-return]

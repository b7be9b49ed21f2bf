"""A trained edge network as ONNX, for one text a run."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from nlp.networks.edge_scores import INPUTS, OUTPUTS
from nlp.networks.edges import EdgeNetwork, Pairs
from nlp.training.export import write_graph


class OneText(nn.Module):
    """An edge network with one head for a single text, for export.

    Args:
        network: what to read with.
        head: which of its heads.
    """

    def __init__(self, network: EdgeNetwork, head: str) -> None:
        super().__init__()
        self.network = network
        self.head = head

    def forward(
        self,
        words: Tensor,
        marks: Tensor,
        sentences: Tensor,
        cues: Tensor,
        firsts: Tensor,
        lasts: Tensor,
        sources: Tensor,
        targets: Tensor,
        pair_cues: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read a text.

        Args:
            words: (words, width) vectors.
            marks: (words,) tag of each.
            sentences: (words,) sentence of each.
            cues: (words,) what a list says of each.
            firsts: (mentions,) first words.
            lasts: (mentions,) last words.
            sources: (pairs,) mentions.
            targets: (pairs,) mentions.
            pair_cues: (pairs,) what rules say of each.

        Returns:
            Scores (pairs, 1 + labels), logits (pairs, 2) of negated and speculative, and scores (pairs, words) of the
            first and of the last word of the trigger.
        """
        row = torch.zeros_like(firsts[:1])
        pairs = Pairs(firsts, lasts, sources[None], targets[None], row, pair_cues[None])
        states = self.network(words[None], None, marks[None], sentences[None], pairs, cues[None])
        vectors, (start, end) = states.vectors[0], states.triggers[0].unbind()
        return self.network.labels(self.head, vectors, pair_cues), self.network.modality(vectors), start, end


def export_edges(network: EdgeNetwork, head: str, path: Path) -> None:
    """Write the float32 graph; the numbers of words, mentions and pairs stay free.

    Args:
        network: what to write.
        head: which of its heads.
        path: where to write.
    """
    words = torch.zeros(5, dtype=torch.int64)
    pair, mention = torch.tensor([0, 1, 2]), torch.tensor([0, 1, 3, 4])
    vectors = torch.zeros(5, network.config.inputs or network.config.width)
    example = (vectors, words, words, words, mention, mention, pair, pair + 1, pair)
    axes = ("words", "words", "words", "words", "mentions", "mentions", "pairs", "pairs", "pairs")
    free = {name: {0: axis} for name, axis in zip(INPUTS, axes, strict=True)}
    free |= {name: {0: "pairs"} for name in ("scores", "modality")}
    free |= {name: {0: "pairs", 1: "words"} for name in ("starts", "ends")}
    write_graph(OneText(network, head).eval(), example, path, inputs=INPUTS, outputs=OUTPUTS, free=free)

"""A mention tagger: one encoder, a linear head for each label set on the first piece of every word."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from nlp.networks.encoder import Encoder, EncoderConfig


class MentionTagger(nn.Module):
    """Shared encoder and heads.

    Args:
        sizes: number of tags of each head, by name.
    """

    def __init__(self, config: EncoderConfig, sizes: Mapping[str, int]) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.dropout = nn.Dropout(config.dropout)
        self.heads = nn.ModuleDict({name: _head(config.width, size) for name, size in sizes.items()})
        """each (tags, width)"""

    def words(self, pieces: Tensor, shapes: Tensor, mask: Tensor, firsts: Tensor) -> Tensor:
        """Vectors of words.

        Args:
            pieces: (batch, length) ids.
            shapes: (batch, length, tables) codes.
            mask: (batch, length), True for pieces.
            firsts: (words,) indices of first pieces in the flattened batch.

        Returns:
            (words, width)
        """
        hidden = self.encoder(pieces, shapes, mask)
        return self.dropout(hidden.flatten(0, 1)[firsts].float())  # type: ignore[no-any-return]

    def head(self, name: str, words: Tensor) -> Tensor:
        """(words, tags) scores of one head for ``words`` (words, width)."""
        return self.heads[name](words)  # type: ignore[no-any-return]


def _head(width: int, tags: int) -> nn.Linear:
    head = nn.Linear(width, tags)
    nn.init.normal_(head.weight, std=0.02)
    nn.init.zeros_(head.bias)
    return head

"""A BERT encoder that also sees letter case.

The layer is that of Devlin et al. 2019 (post-norm transformer); widths default to MiniLM-L6-H384 (Wang et al. 2020).
That vocabulary is uncased, and case tells a gene from a word, so the shape of each piece (``nlp.networks.pieces``) is
added to the input as embeddings that start at zero: an encoder not trained further gives what it gave without them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

MASKED: Final = -1e4
"""A score that leaves no weight after the softmax, and that half precision can hold."""


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Sizes of an encoder.

    Attributes:
        shapes: number of codes in each table of shape features.
    """

    vocabulary: int = 30522
    width: int = 384
    inner: int = 1536
    layers: int = 6
    heads: int = 12
    positions: int = 512
    shapes: tuple[int, ...] = ()
    dropout: float = 0.1
    norm_epsilon: float = 1e-12


class Embeddings(nn.Module):
    """Word pieces, positions and shapes, summed and normalised."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.pieces = nn.Embedding(config.vocabulary, config.width, padding_idx=0)
        """(vocabulary, width)"""
        self.positions = nn.Embedding(config.positions, config.width)
        """(positions, width)"""
        self.shapes = nn.ModuleList(nn.Embedding(size, config.width) for size in config.shapes)
        """each (codes, width)"""
        for table in self.shapes:
            nn.init.zeros_(table.weight)  # type: ignore[arg-type]
        self.norm = nn.LayerNorm(config.width, eps=config.norm_epsilon)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, pieces: Tensor, shapes: Tensor) -> Tensor:
        """Embed.

        Args:
            pieces: (batch, length) ids.
            shapes: (batch, length, tables) codes.

        Returns:
            (batch, length, width)
        """
        hidden = self.pieces(pieces) + self.positions.weight[: pieces.shape[1]]
        for index, table in enumerate(self.shapes):
            hidden = hidden + table(shapes[:, :, index])
        return self.dropout(self.norm(hidden))  # type: ignore[no-any-return]


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each added to its input and normalised after."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.scale = 1.0 / math.sqrt(config.width // config.heads)
        self.query_key_value = nn.Linear(config.width, 3 * config.width)
        """(3 · width, width): queries, keys and values in one product"""
        self.attention_output = nn.Linear(config.width, config.width)
        """(width, width)"""
        self.attention_norm = nn.LayerNorm(config.width, eps=config.norm_epsilon)
        self.inner = nn.Linear(config.width, config.inner)
        """(inner, width)"""
        self.output = nn.Linear(config.inner, config.width)
        """(width, inner)"""
        self.output_norm = nn.LayerNorm(config.width, eps=config.norm_epsilon)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """One layer.

        Args:
            hidden: (batch, length, width)
            mask: (batch, 1, 1, length), True where a piece may be attended to; None for everywhere.

        Returns:
            (batch, length, width)
        """
        attended = self.attention_output(self._attended(self.query_key_value(hidden), mask))
        hidden = self.attention_norm(hidden + self.dropout(attended))
        inner = self.output(functional.gelu(self.inner(hidden)))
        return self.output_norm(hidden + self.dropout(inner))  # type: ignore[no-any-return]

    def _attended(self, joined: Tensor, mask: Tensor | None) -> Tensor:
        """(batch, length, width) what each piece takes from others, by ``joined`` (batch, length, 3 · width)."""
        batch, length, width = joined.shape
        if mask is None and torch.onnx.is_in_onnx_export():
            query, key, value = joined.chunk(3, dim=-1)
            return FusedAttention.apply(query, key, value, self.heads)  # type: ignore[no-any-return,no-untyped-call]
        query, key, value = joined.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        return self._attend(query, key, value, mask).transpose(1, 2).reshape(batch, length, width // 3)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        if query.is_cuda:
            return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        # Written out: the fused kernel's backward pass is slower than these two products on a CPU in bfloat16.
        scores = torch.matmul(query * self.scale, key.transpose(-1, -2))
        if mask is not None:
            scores = scores.masked_fill(~mask, MASKED)
        return torch.matmul(torch.softmax(scores, dim=-1, dtype=torch.float32).to(value.dtype), value)


class FusedAttention(torch.autograd.Function):
    """Attention everywhere, which is one operator of ONNX Runtime in an exported graph.

    Its kernel keeps no scores of all pairs of pieces: on a CPU it takes half the time of the five operators.
    """

    @staticmethod
    def forward(context: Any, query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:  # noqa: ARG004
        """(batch, length, width) of queries, keys and values of this shape, with the heads side by side."""
        query, key, value = (part.view(*part.shape[:2], heads, -1).transpose(1, 2) for part in (query, key, value))
        return functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, heads: int) -> Any:
        """The operator in place of ``forward``."""
        found = graph.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=heads)
        return found.setType(query.type())


class Encoder(nn.Module):
    """Pieces and shapes to vectors in context."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))

    def forward(self, pieces: Tensor, shapes: Tensor, mask: Tensor | None) -> Tensor:
        """Encode.

        Args:
            pieces: (batch, length) ids.
            shapes: (batch, length, tables) codes.
            mask: (batch, length), True for pieces, False for padding; None where there is no padding.

        Returns:
            (batch, length, width); what stands at padding has no meaning.
        """
        return self.states(pieces, shapes, mask)[-1]

    def states(self, pieces: Tensor, shapes: Tensor, mask: Tensor | None) -> list[Tensor]:
        """What each layer gives, the embeddings first; arguments and shapes as in ``forward``."""
        found = [self.embeddings(pieces, shapes)]
        attend = None if mask is None else mask[:, None, None, :]
        for layer in self.layers:
            found.append(layer(found[-1], attend))
        return found

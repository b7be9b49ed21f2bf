"""Masked language modelling with whole words (Devlin et al. 2019): it makes a general encoder at home in a field."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.networks.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Masking:
    """What is hidden.

    Attributes:
        mask: id of the piece that stands for hidden ones.
        specials: ids below this are never hidden nor put in place of others.
        vocabulary: number of pieces.
        share: of words that are to be guessed; of these 80 % are hidden, 10 % replaced, 10 % left as they are.
    """

    mask: int
    specials: int
    vocabulary: int
    share: float = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """All texts end to end.

    Attributes:
        ids: (pieces,) int32
        shapes: (pieces, tables) uint8
        starts: (pieces,) bool, whether a word begins there
    """

    ids: Tensor
    shapes: Tensor
    starts: Tensor

    def draw(self, rows: int, length: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Stretches from random places, each (rows, length)."""
        last = len(self.ids) - length
        places = torch.randint(last, (rows, 1), generator=generator, device=self.ids.device)
        index = places + torch.arange(length, device=self.ids.device)
        return self.ids[index].long(), self.shapes[index].long(), self.starts[index]


def hide(ids: Tensor, shapes: Tensor, starts: Tensor, masking: Masking) -> tuple[Tensor, Tensor, Tensor]:
    """Hide whole words.

    Returns:
        Ids and shapes as the encoder is to see them, and (rows, length) which pieces are to be guessed. Of hidden words
        the shapes are hidden too.
    """
    length = ids.shape[1]
    place = torch.arange(length, device=ids.device).expand_as(ids)
    begins = torch.where(starts, place, 0).cummax(1).values
    guess = (torch.rand(ids.shape, device=ids.device).gather(1, begins) < masking.share) & (ids >= masking.specials)
    kind = torch.rand(ids.shape, device=ids.device).gather(1, begins)
    hidden, swapped = guess & (kind < 0.8), guess & (kind >= 0.9)
    others = torch.randint_like(ids, masking.specials, masking.vocabulary)
    seen = torch.where(hidden, masking.mask, torch.where(swapped, others, ids))
    return seen, shapes.masked_fill(hidden[..., None], 0), guess


class MaskedModel(nn.Module):
    """An encoder that guesses hidden pieces; the table of its embeddings gives the scores."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        width = encoder.config.width
        self.encoder = encoder
        self.transform = nn.Linear(width, width)
        """(width, width)"""
        nn.init.eye_(self.transform.weight)
        nn.init.zeros_(self.transform.bias)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocabulary))
        """(vocabulary,)"""

    def loss(self, seen: Tensor, shapes: Tensor, ids: Tensor, guess: Tensor, most: int) -> Tensor:
        """Mean negative log-probability of the pieces to be guessed.

        Args:
            seen: (rows, length) ids as they are shown.
            shapes: (rows, length, tables) as they are shown.
            ids: (rows, length) as they were.
            guess: (rows, length) which are to be guessed.
            most: how many of these are looked at, so that no step waits for the device to count them.
        """
        hidden = self.encoder(seen, shapes, None)
        weight, chosen = guess.flatten().float().topk(most)
        vectors = hidden.flatten(0, 1)[chosen]
        vectors = self.norm(functional.gelu(self.transform(vectors)))
        scores = functional.linear(vectors, self.encoder.embeddings.pieces.weight, self.bias).float()
        losses = functional.cross_entropy(scores, ids.flatten()[chosen], reduction="none")
        return (losses * weight).sum() / weight.sum().clamp(min=1.0)

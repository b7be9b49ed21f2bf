"""Losses."""

from __future__ import annotations

import torch
from torch import Tensor


def partial_label_loss(scores: Tensor, allowed: Tensor) -> Tensor:
    """Negative log of the probability that the softmax gives to all allowed tags together.

    With one tag allowed this is cross-entropy; with all allowed it is zero (Jin and Ghahramani 2002, with the marginal
    likelihood of the allowed set).

    Args:
        scores: (words, tags)
        allowed: (words, tags), True for tags that the annotation does not rule out; at least one a word.

    Returns:
        (words,)
    """
    inside = scores.masked_fill(~allowed, -torch.inf)
    return torch.logsumexp(scores, -1) - torch.logsumexp(inside, -1)

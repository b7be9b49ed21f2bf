"""What a batch teaches: each task its own head, and by the table of its labels the caption head too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.training.examples import Batch
from nlp.training.losses import partial_label_loss


@dataclass(frozen=True, slots=True)
class Objective:
    """What a task teaches.

    Attributes:
        name: of the task and of its own head; ``caption`` has no other.
        allowed: (own tags, caption tags), which caption tags each of its tags leaves possible.
        caption_weight: of the caption head's loss on this task, beside 1 for its own head.
    """

    name: str
    allowed: Tensor
    caption_weight: float


UNLABELLED: Final = "unlabelled"
"""The task whose tags mean nothing."""


class TagLoss(nn.Module):
    """The loss of a batch: mean over its words of their own head's loss and the weighted caption loss.

    The scores of all heads are computed at once for all words, and masks pick what counts: no step waits for the
    device, and its cost does not depend on how many tasks a batch holds.

    Args:
        objectives: of each task, in the order of the batches' task numbers.
    """

    def __init__(self, objectives: Sequence[Objective]) -> None:
        super().__init__()
        self.names = [item.name for item in objectives]
        without = (CAPTION_HEAD, UNLABELLED)
        self.heads = [CAPTION_HEAD, *(item.name for item in objectives if item.name not in without)]
        caption = objectives[0].allowed.shape[1]
        sizes = {CAPTION_HEAD: caption} | {item.name: len(item.allowed) for item in objectives}
        starts, total = {UNLABELLED: 0}, 0
        for name in self.heads:
            starts[name] = total
            total += sizes[name]
        most = max(len(item.allowed) for item in objectives)
        columns = torch.zeros(len(objectives), total, dtype=torch.bool)
        allowed = torch.ones(len(objectives), most, caption, dtype=torch.bool)
        for row, item in enumerate(objectives):
            start = starts[item.name]
            columns[row, start : start + sizes[item.name]] = True
            allowed[row, : len(item.allowed)] = item.allowed
        self.sizes = [(name, sizes[name]) for name in self.heads]
        self.caption = caption
        self.columns: Tensor
        """(tasks, tags of all heads), the tags of each task's own head"""
        self.register_buffer("columns", columns)
        self.starts: Tensor
        """(tasks,), the first of them"""
        self.register_buffer("starts", torch.tensor([starts[item.name] for item in objectives]))
        self.allowed: Tensor
        """(tasks, tags of a head, caption tags)"""
        self.register_buffer("allowed", allowed)
        self.own_weight: Tensor
        """(tasks,)"""
        self.register_buffer("own_weight", torch.tensor([float(item.name not in without) for item in objectives]))
        self.caption_weight: Tensor
        """(tasks,)"""
        self.register_buffer("caption_weight", torch.tensor([item.caption_weight for item in objectives]))

    def scores(self, model: MentionTagger, words: Tensor) -> Tensor:
        """(words, tags of all heads) for ``words`` (words, width)."""
        return torch.cat([model.head(name, words) for name in self.heads], -1)

    def forward(self, scores: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Loss of a batch.

        Args:
            scores: (words, tags of all heads)
            batch: the words' tags and tasks.

        Returns:
            The loss, and (tasks, 3) for the log: sums of its own loss and of the caption loss, and the number of words.
        """
        tasks = batch.tasks
        target = (self.starts[tasks] + batch.tags)[:, None]
        inside = scores.masked_fill(~self.columns[tasks], -torch.inf)
        own = torch.logsumexp(inside, -1) - scores.gather(1, target)[:, 0]
        caption = partial_label_loss(scores[:, : self.caption], self.allowed[tasks, batch.tags])
        loss = (self.own_weight[tasks] * own + self.caption_weight[tasks] * caption).mean()
        parts = torch.stack([own, caption, torch.ones_like(own)], 1).detach()
        return loss, parts.new_zeros(len(self.names), 3).index_add_(0, tasks, parts)

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from nlp.networks.encoder import EncoderConfig
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.training.examples import Batch
from nlp.training.losses import partial_label_loss
from nlp.training.objectives import UNLABELLED, Objective, TagLoss

CAPTION = 5
SIZES = {CAPTION_HEAD: CAPTION, "small": 3, "large": 9}


def table(rows: int, seed: int) -> Tensor:
    allowed = torch.rand(rows, CAPTION, generator=torch.Generator().manual_seed(seed)) < 0.4
    allowed[torch.arange(rows), torch.arange(rows) % CAPTION] = True
    return allowed


OBJECTIVES = [
    Objective("large", table(9, 1), 0.3),
    Objective(CAPTION_HEAD, torch.eye(CAPTION, dtype=torch.bool), 1.0),
    Objective(UNLABELLED, torch.ones(1, CAPTION, dtype=torch.bool), 0.0),
    Objective("small", table(3, 2), 0.0),
]


def words_of(tasks: list[int], seed: int = 0) -> tuple[Tensor, Batch]:
    """Random vectors of words, and their tags; what the encoder reads does not matter."""
    generator = torch.Generator().manual_seed(seed)
    most = torch.tensor([len(item.allowed) for item in OBJECTIVES])[torch.tensor(tasks)]
    tags = (torch.rand(len(tasks), generator=generator) * most).long()
    nothing = torch.zeros(0, dtype=torch.long)
    batch = Batch(nothing, nothing, nothing, nothing, tags, torch.tensor(tasks))
    return torch.randn(len(tasks), 8, generator=generator), batch


def tagger() -> MentionTagger:
    torch.manual_seed(0)
    model = MentionTagger(EncoderConfig(vocabulary=4, width=8, inner=8, layers=1, heads=2, positions=4), SIZES)
    for head in model.heads.values():
        torch.nn.init.normal_(head.weight)  # type: ignore[arg-type]
    return model


def plain(model: MentionTagger, words: Tensor, batch: Batch) -> tuple[Tensor, list[list[float]]]:
    """The loss task by task, and its sums."""
    total, sums = words.new_zeros(()), []
    for task, objective in enumerate(OBJECTIVES):
        chosen = batch.tasks == task
        vectors, tags = words[chosen], batch.tags[chosen]
        caption = partial_label_loss(model.head(CAPTION_HEAD, vectors), objective.allowed[tags]).sum()
        total = total + objective.caption_weight * caption
        own = total.new_zeros(())
        if objective.name in SIZES:
            own = functional.cross_entropy(model.head(objective.name, vectors), tags, reduction="sum")
        if objective.name not in (CAPTION_HEAD, UNLABELLED):
            total = total + own
        sums.append([own.item(), caption.item(), len(tags)])
    return total / len(batch.tags), sums


@pytest.mark.parametrize("tasks", [[0, 1, 2, 3, 3, 2, 1, 0, 0], [1], [3, 3, 0], [2, 1, 2]], ids=str)
def test_the_loss_is_that_of_each_task_by_itself(tasks: list[int]) -> None:
    model, loss = tagger(), TagLoss(OBJECTIVES)
    words, batch = words_of(tasks)
    one, other = words.clone().requires_grad_(), words.clone().requires_grad_()
    found, sums = loss(loss.scores(model, one), batch)
    expected, expected_sums = plain(model, other, batch)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(sums, torch.tensor(expected_sums))
    found.backward()
    expected.backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(one.grad, other.grad)


def test_unlabelled_words_teach_nothing() -> None:
    model, loss = tagger(), TagLoss(OBJECTIVES)
    words, batch = words_of([2, 2, 2])
    words.requires_grad_()
    found, sums = loss(loss.scores(model, words), batch)
    found.backward()
    assert float(found.detach()) == pytest.approx(0, abs=1e-6)
    torch.testing.assert_close(words.grad, torch.zeros_like(words))
    assert sums[2].tolist() == pytest.approx([0, 0, 3], abs=1e-5)
    assert not sums[[0, 1, 3]].any()


def test_scores_stand_head_by_head_with_that_of_captions_first() -> None:
    model, loss = tagger(), TagLoss(OBJECTIVES)
    words, _ = words_of([0, 1])
    assert loss.sizes == [(CAPTION_HEAD, 5), ("large", 9), ("small", 3)]
    parts = torch.split(loss.scores(model, words), [size for _, size in loss.sizes], -1)
    for (name, _), part in zip(loss.sizes, parts, strict=True):
        torch.testing.assert_close(part, model.head(name, words))


def test_what_a_label_may_mean_counts_by_its_weight() -> None:
    model = tagger()
    words, batch = words_of([0, 0, 0])
    heavier = [replace(OBJECTIVES[0], caption_weight=1.3), *OBJECTIVES[1:]]
    first, second = TagLoss(OBJECTIVES), TagLoss(heavier)
    scores = first.scores(model, words)
    (light, sums), (heavy, _) = first(scores, batch), second(scores, batch)
    assert float((heavy - light).detach()) == pytest.approx(float(sums[0, 1]) / 3, rel=1e-5)

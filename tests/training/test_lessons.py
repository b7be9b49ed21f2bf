from __future__ import annotations

import json
from itertools import islice

import pytest
import torch

from nlp.networks.pieces import PieceTokenizer
from nlp.training.distillation import Distillation
from nlp.training.lessons import TagLesson
from nlp.training.objectives import TagLoss
from tests.toys import CPU, OBJECTIVES, joint_model, lessons, sampler


@pytest.mark.parametrize("which", [0, 1], ids=["tags", "edges"])
def test_a_lesson_goes_on_where_its_record_says(tokenizer: PieceTokenizer, which: int) -> None:
    model = joint_model(edges=True)
    first, second = (lessons(model, tokenizer)[which] for _ in range(2))
    stream = first.batches(0)
    for _, position in islice(stream, 70):
        first.went(position)
    second.go_to(json.loads(json.dumps(first.position())))
    for (batch, position), (other, again) in zip(islice(stream, 10), second.batches(0), strict=False):
        assert torch.equal(batch.ids, other.ids)
        assert position == again


@pytest.mark.parametrize("which", [0, 1], ids=["tags", "edges"])
def test_another_process_draws_the_same_and_no_random_numbers_of_ours(tokenizer: PieceTokenizer, which: int) -> None:
    lesson = lessons(joint_model(edges=True), tokenizer)[which]
    before = torch.get_rng_state()
    ahead = list(islice(lesson.batches(1), 5))
    assert torch.equal(torch.get_rng_state(), before)
    for (batch, position), (other, again) in zip(ahead, lesson.batches(0), strict=False):
        assert torch.equal(batch.ids, other.ids)
        assert torch.equal(batch.tags, other.tags)
        assert position == again


@pytest.mark.parametrize("which", [0, 1], ids=["tags", "edges"])
def test_a_lesson_reports_its_loss(tokenizer: PieceTokenizer, which: int) -> None:
    model = joint_model(edges=True)
    lesson = lessons(model, tokenizer)[which]
    batch, _ = next(lesson.batches(0))
    loss, pieces, parts = lesson.loss(model, batch, bfloat16=False)
    assert pieces == int(batch.mask.sum())
    assert loss.requires_grad
    assert all(not total.requires_grad and total.ndim == count.ndim == 0 for total, count in parts.values())
    rough, _, _ = lesson.loss(model.eval(), batch, bfloat16=True)
    exact, _, _ = lesson.loss(model, batch, bfloat16=False)
    assert rough.item() == pytest.approx(exact.item(), rel=0.05)


def test_teachers_count_beside_labels(tokenizer: PieceTokenizer) -> None:
    model, teacher = joint_model(dropout=0.0), joint_model(9).tagger
    batch, _ = next(TagLesson(sampler(tokenizer), OBJECTIVES, CPU).batches(0))
    settings = [Distillation(hard, soft, soft) for hard, soft in ((1, 0), (0, 1), (0.5, 2))]
    labels, said, both = (
        TagLesson(sampler(tokenizer), OBJECTIVES, CPU, [teacher], own).loss(model, batch, bfloat16=False)[0].item()
        for own in settings
    )
    assert both == pytest.approx(0.5 * labels + 2 * said, rel=1e-5)
    loss = TagLoss(OBJECTIVES)
    words = model.tagger.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
    assert loss(loss.scores(model.tagger, words), batch)[0].item() == pytest.approx(labels, rel=1e-5)

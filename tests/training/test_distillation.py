from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.training.distillation import Distillation, Teachers
from nlp.training.examples import collate
from nlp.training.lessons import TagLesson
from nlp.training.objectives import UNLABELLED, Objective
from nlp.training.sampling import Sampler, Task
from tests.toys import CPU, OBJECTIVES, TAGS, joint_model, tagged, window

HEADS = [(CAPTION_HEAD, len(TAGS)), ("other", len(TAGS))]


def teacher(seed: int) -> MentionTagger:
    """One that is sure of what it says."""
    model = joint_model(seed).tagger
    with torch.no_grad():
        for head in model.heads.values():
            head.weight.normal_(std=1.0)  # type: ignore[operator]
    return model


def scores_of(model: MentionTagger, tokenizer: PieceTokenizer) -> Tensor:
    batch = collate([window(0, [text], tokenizer) for text in tagged(tokenizer)])
    with torch.no_grad():
        words = model.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
        return torch.cat([model.head(name, words) for name, _ in HEADS], -1)


def test_the_loss_is_least_where_the_student_says_the_same(tokenizer: PieceTokenizer) -> None:
    batch = collate([window(0, [text], tokenizer) for text in tagged(tokenizer)])
    model = teacher(1)
    teachers = Teachers([model], HEADS, Distillation(caption=1.0, other=0.5))
    said = teachers(batch)
    scores = scores_of(model, tokenizer).requires_grad_()
    loss = teachers.loss(scores, said)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(scores.grad, torch.zeros_like(scores))
    least = loss.item()
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        shifted = scores.detach() + torch.randn(scores.shape, generator=generator)
        assert teachers.loss(shifted, said).item() > least
    entropy = [-(own * own.log()).sum(-1).mean().item() for own in said]
    assert least == pytest.approx(entropy[0] + 0.5 * entropy[1], rel=1e-5)


def test_teachers_speak_with_one_voice_and_do_not_learn(tokenizer: PieceTokenizer) -> None:
    batch = collate([window(0, [text], tokenizer) for text in tagged(tokenizer)])
    models = [teacher(1), teacher(2)]
    together = Teachers(models, HEADS, Distillation())(batch)
    alone = [Teachers([model], HEADS, Distillation())(batch) for model in models]
    for head, said in enumerate(together):
        torch.testing.assert_close(said, (alone[0][head] + alone[1][head]) / 2)
        torch.testing.assert_close(said.sum(-1), torch.ones(len(batch.tags)))
        assert not said.requires_grad
    assert not any(model.training for model in models)


def test_heads_weigh_what_they_are_given(tokenizer: PieceTokenizer) -> None:
    batch = collate([window(0, [text], tokenizer) for text in tagged(tokenizer)])
    scores = scores_of(teacher(3), tokenizer)
    losses = {}
    for caption, other in itertools.product((0.0, 1.0), repeat=2):
        teachers = Teachers([teacher(1)], HEADS, Distillation(caption=caption, other=other))
        losses[caption, other] = teachers.loss(scores, teachers(batch)).item()
    assert losses[0, 0] == 0
    assert losses[1, 1] == pytest.approx(losses[1, 0] + losses[0, 1])
    assert min(losses[1, 0], losses[0, 1]) > 0


def test_a_head_is_learned_from_texts_that_nobody_labelled(tokenizer: PieceTokenizer) -> None:
    texts = [type(text)(text.pieces, text.tags * 0) for text in tagged(tokenizer)]
    settings = {"power": 0.5, "budget": 64, "lengths": (8, 32), "alone": 1.0, "pool": 12, "seed": 5}
    stream = Sampler([Task(UNLABELLED, texts, joined=False)], tokenizer, **settings)  # type: ignore[arg-type]
    objectives = [Objective(UNLABELLED, torch.ones(1, len(TAGS), dtype=torch.bool), 0.0), *OBJECTIVES]
    lesson = TagLesson(stream, objectives, CPU, [teacher(1)], Distillation(caption=1.0, other=1.0))
    model = joint_model(dropout=0.0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for batch, _ in itertools.islice(lesson.batches(0), 60):
        loss, _, _ = lesson.loss(model, batch, bfloat16=False)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    said, learned = scores_of(teacher(1).eval(), tokenizer), scores_of(model.tagger.eval(), tokenizer)
    for (name, _), one, other in zip(HEADS, said.chunk(2, -1), learned.chunk(2, -1), strict=True):
        assert (one.argmax(-1) == other.argmax(-1)).float().mean() > 0.9, name

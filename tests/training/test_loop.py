from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nlp.networks.encoder import EncoderConfig
from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.training.examples import Batch, Example, collate, tag, window
from nlp.training.loop import Loop, LoopConfig, Objective
from nlp.training.prediction import predict, torch_scores
from nlp.training.sampling import Sampler, Task
from nlp.training.schedule import WarmupStableDecay
from nlp.training.scores import Score, strict

TAGS = TagSet(["GENE", "CHEMICAL"])
TEXTS = [
    "ERK1 binds TNF.",
    "The drug binds the kinase ERK.",
    "Ca of the nucleus.",
    "MEK and ERK2 raise the level of the drug.",
]
NAMES = {
    "ERK1": "GENE",
    "ERK2": "GENE",
    "ERK": "GENE",
    "TNF": "GENE",
    "MEK": "GENE",
    "drug": "CHEMICAL",
    "Ca": "CHEMICAL",
}


def example(text: str) -> Example:
    spans = []
    for word in text.replace(".", "").split():
        if word in NAMES:
            start = text.index(word)
            spans.append(LabelledSpan(start, start + len(word), NAMES[word]))
    return Example(text, text, tuple(spans))


EXAMPLES = [example(text) for text in TEXTS]


def model(seed: int = 0) -> MentionTagger:
    torch.manual_seed(seed)
    config = EncoderConfig(vocabulary=40, width=16, inner=32, layers=2, heads=2, positions=64, shapes=SHAPE_TABLES)
    return MentionTagger(config, {CAPTION_HEAD: len(TAGS), "other": len(TAGS)})


def sampler(tokenizer: PieceTokenizer) -> Sampler:
    tagged = tag(EXAMPLES, tokenizer, TAGS, 60)
    tasks = [Task(CAPTION_HEAD, tagged, joined=False, weight=2.0), Task("other", tagged, joined=True)]
    return Sampler(tasks, tokenizer, power=0.5, budget=64, lengths=(8, 32), alone=0.3, pool=12, seed=5)


OBJECTIVES = [
    Objective(CAPTION_HEAD, torch.eye(len(TAGS), dtype=torch.bool), 1.0),
    Objective("other", torch.ones(len(TAGS), len(TAGS), dtype=torch.bool), 0.5),
]


def run(tokenizer: PieceTokenizer, folder: Path, steps: int, resume: Path | None = None, **options: Any) -> Loop:
    loop = Loop(
        folder,
        model(),
        sampler(tokenizer),
        OBJECTIVES,
        LoopConfig(bfloat16=False, **options),
        WarmupStableDecay(5),
        lambda _: {"caption": 0.5},
    )
    if resume:
        torch.manual_seed(99)
        loop.resume(resume)
    loop.run(lambda step: step >= steps)
    return loop


def same(first: Batch, second: Batch) -> bool:
    return all(torch.equal(getattr(first, name), getattr(second, name)) for name in Batch.__slots__)


def test_the_sampler_repeats_itself_and_goes_on_where_it_stood(tokenizer: PieceTokenizer) -> None:
    first, second = sampler(tokenizer), sampler(tokenizer)
    before = list(islice(first, 9))
    position = first.position
    after = list(islice(first, 9))
    assert all(map(same, before, islice(second, 9)))
    resumed = sampler(tokenizer)
    resumed.position = position
    assert all(map(same, after, islice(resumed, 9)))


def test_batches_keep_to_the_budget_and_every_text_has_its_turn(tokenizer: PieceTokenizer) -> None:
    batches = list(islice(sampler(tokenizer), 60))
    assert all(batch.ids.numel() <= 64 for batch in batches)
    seen = {tuple(batch.ids[row][batch.mask[row]].tolist()) for batch in batches for row in range(len(batch.ids))}
    for tagged in tag(EXAMPLES, tokenizer, TAGS, 60):
        assert tuple(window(0, [tagged], tokenizer).inputs.ids.tolist()) in seen


def test_a_resumed_run_gives_the_same_weights(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    whole = run(tokenizer, tmp_path / "whole", 12)
    half = run(tokenizer, tmp_path / "half", 7)
    rest = run(tokenizer, tmp_path / "rest", 12, resume=half.folder / "checkpoint-000007")
    assert rest.step == whole.step
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(rest.model.state_dict()[name], value)
        torch.testing.assert_close(rest.average.values[name], whole.average.values[name])


def test_a_small_set_is_learned_by_heart(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    loop = run(tokenizer, tmp_path, 150, encoder_rate=5e-3, new_rate=5e-3)
    loop.model.eval()
    spans = predict(TEXTS, tokenizer, TAGS, torch_scores(loop.model, CAPTION_HEAD, bfloat16=False), joined=False)
    assert strict([item.spans for item in EXAMPLES], spans)[""].f1 == 1.0


def test_only_the_last_checkpoints_stay(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    loop = run(tokenizer, tmp_path, 4, save_seconds=0.0, keep=2)
    assert sorted(path.name for path in loop.folder.glob("checkpoint-*")) == ["checkpoint-000003", "checkpoint-000004"]


def test_measuring_leaves_the_weights_alone(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    loop = run(tokenizer, tmp_path, 3)
    before = {name: value.clone() for name, value in loop.model.state_dict().items()}
    loop.measure()
    assert all(torch.equal(value, before[name]) for name, value in loop.model.state_dict().items())
    assert '"caption": 0.5' in (tmp_path / "log.jsonl").read_text(encoding="utf-8")


def test_predictions_do_not_depend_on_neighbours(tokenizer: PieceTokenizer) -> None:
    tagger = model(3).eval()
    scores = torch_scores(tagger, CAPTION_HEAD, bfloat16=False)
    together = predict([*TEXTS, "the " * 300], tokenizer, TAGS, scores, joined=False, limit=64)
    for text, spans in zip(TEXTS, together, strict=False):
        assert predict([text], tokenizer, TAGS, scores, joined=False, limit=64, budget=1) == [spans]


def test_texts_without_words_have_no_spans(tokenizer: PieceTokenizer) -> None:
    scores = torch_scores(model().eval(), CAPTION_HEAD, bfloat16=False)
    assert predict(["", "  "], tokenizer, TAGS, scores, joined=False) == [[], []]


def test_long_texts_come_apart_at_words(tokenizer: PieceTokenizer) -> None:
    text = "ERK12 binds " * 10
    parts = tag([Example("x", text, (LabelledSpan(12, 17, "GENE"),))], tokenizer, TAGS, limit=12)
    assert [len(part.pieces) for part in parts] == [10] * 5
    assert np.concatenate([part.pieces.ids for part in parts]).tolist() == tokenizer([text])[0].ids.tolist()
    assert all(part.pieces.firsts.tolist() == [0, 3, 5, 8] for part in parts)
    assert [part.tags.tolist() for part in parts[:2]] == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_padding_changes_nothing(tokenizer: PieceTokenizer) -> None:
    tagger = model().eval()
    windows = [window(0, [tagged], tokenizer) for tagged in tag(EXAMPLES, tokenizer, TAGS, 60)]
    batch, alone = collate(windows), collate(windows[:1])
    with torch.inference_mode():
        many = tagger.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
        one = tagger.words(alone.ids, alone.shapes, alone.mask, alone.firsts)
    torch.testing.assert_close(many[: len(one)], one)


def test_the_schedule_rises_stays_and_falls() -> None:
    schedule = WarmupStableDecay(4, decay_from=10, decay=5)
    assert [schedule(step) for step in (0, 1, 3, 9, 10, 12, 14, 15, 99)] == pytest.approx(
        [0.25, 0.5, 1, 1, 1, 0.6, 0.2, 0, 0]
    )


def test_strict_scores() -> None:
    gold = [[LabelledSpan(0, 3, "GENE"), LabelledSpan(4, 7, "GENE")], [LabelledSpan(0, 2, "CHEMICAL")]]
    predicted = [[LabelledSpan(0, 3, "GENE"), LabelledSpan(4, 8, "GENE")], [LabelledSpan(0, 2, "GENE")]]
    assert strict(gold, predicted) == {"": Score(1, 3, 3), "GENE": Score(1, 3, 2), "CHEMICAL": Score(0, 0, 1)}
    assert Score(1, 3, 3).f1 == pytest.approx(1 / 3)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nlp.errors import ModelError
from nlp.networks.joint import JointModel
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tags import LabelledSpan
from nlp.training import checkpoints
from nlp.training.examples import Example, collate, tag
from nlp.training.loop import LOG_STEPS, Loop, LoopConfig, means, optimizer_for
from nlp.training.prediction import predict, torch_scores
from nlp.training.schedule import TimedDecay, WarmupStableDecay
from nlp.training.scores import Score, strict
from tests.toys import EXAMPLES, TAGS, TEXTS, joint_model, lessons, tagged, window


def run(
    tokenizer: PieceTokenizer,
    folder: Path,
    steps: int,
    resume: Path | None = None,
    model: JointModel | None = None,
    **options: Any,
) -> Loop:
    model = model or joint_model()
    loop = Loop(
        folder,
        model,
        lessons(model, tokenizer),
        LoopConfig(**{"bfloat16": False, **options}),
        WarmupStableDecay(5),
        lambda _: {"caption": 0.5},
    )
    if resume:
        torch.manual_seed(99)
        loop.resume(resume)
    loop.run(lambda step: step >= steps)
    return loop


@pytest.mark.parametrize("workers", [0, 1])
def test_a_resumed_run_gives_the_same_weights(tokenizer: PieceTokenizer, tmp_path: Path, workers: int) -> None:
    whole = run(tokenizer, tmp_path / "whole", 12, model=joint_model(edges=True), workers=workers)
    half = run(tokenizer, tmp_path / "half", 7, model=joint_model(edges=True), workers=workers)
    rest = run(tokenizer, tmp_path / "rest", 12, half.folder / "checkpoint-000007", joint_model(4, edges=True))
    assert (rest.step, rest.pieces) == (whole.step, whole.pieces)
    for name, value in whole.model.named_parameters():
        torch.testing.assert_close(rest.model.get_parameter(name), value)
        torch.testing.assert_close(rest.average.values[name], whole.average.values[name])


def test_every_lesson_teaches(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    model = joint_model(edges=True)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    loop = run(tokenizer, tmp_path, LOG_STEPS, model=model)
    still = {name for name, value in model.named_parameters() if torch.equal(value, before[name])}
    assert still <= {name for name in before if name.startswith(("edges.modality", "edges.pointer"))}  # never stated
    record = json.loads((tmp_path / "log.jsonl").read_text(encoding="utf-8"))
    assert (record["kind"], record["step"], record["pieces"]) == ("train", LOG_STEPS, loop.pieces)
    assert set(record["losses"]) == {"caption/caption", "caption/other", "other", "edges/caption/caption"}
    assert record["losses"]["caption/other"] == 0  # all is allowed


def test_a_small_set_is_learned_by_heart(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    loop = run(tokenizer, tmp_path, 150, encoder_rate=5e-3, new_rate=5e-3)
    loop.model.eval()
    scores = torch_scores(loop.model.tagger, CAPTION_HEAD, bfloat16=False)
    spans = predict(tokenizer(TEXTS), tokenizer, TAGS, scores, joined=False)
    assert strict([item.spans for item in EXAMPLES], spans)[""].f1 == 1.0


def test_only_the_last_checkpoints_stay(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    loop = run(tokenizer, tmp_path, 4, save_seconds=0.0, keep=2)
    assert sorted(path.name for path in loop.folder.glob("checkpoint-*")) == ["checkpoint-000003", "checkpoint-000004"]


def test_only_checkpoints_of_the_loop_itself_go(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    first = run(tokenizer, tmp_path, 9).folder / "checkpoint-000009"
    run(tokenizer, tmp_path, 2, save_seconds=0.0, keep=1)
    assert {path.name for path in tmp_path.glob("checkpoint-*")} == {"checkpoint-000002", first.name}


def test_a_finished_run_that_is_resumed_trains_no_more(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    first = run(tokenizer, tmp_path / "first", 3)
    again = run(tokenizer, tmp_path / "again", 3, first.folder / "checkpoint-000003")
    assert again.step == 3
    assert not list((tmp_path / "again").iterdir())
    assert all(torch.equal(value, again.model.get_parameter(name)) for name, value in first.model.named_parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_random_numbers_of_a_gpu_go_on(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 2, device="cuda")
    average, optimizer = checkpoints.Average(model, 0.9), torch.optim.AdamW(model.parameters())
    checkpoints.save(tmp_path / "checkpoint", model, average, optimizer, {})
    expected = torch.rand(4, device="cuda")
    torch.cuda.manual_seed(5)
    checkpoints.restore(checkpoints.load(tmp_path / "checkpoint"), model, average, optimizer)
    assert torch.equal(torch.rand(4, device="cuda"), expected)


def test_measuring_leaves_the_weights_alone(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    loop = run(tokenizer, tmp_path, 3)
    before = {name: value.clone() for name, value in loop.model.state_dict().items()}
    loop.measure()
    assert all(torch.equal(value, before[name]) for name, value in loop.model.state_dict().items())
    assert '"caption": 0.5' in (tmp_path / "log.jsonl").read_text(encoding="utf-8")


def test_a_run_that_comes_apart_leaves_no_checkpoint(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    model = joint_model()
    with torch.no_grad():
        model.tagger.heads[CAPTION_HEAD].bias.fill_(torch.nan)  # type: ignore[operator]
    with pytest.raises(ModelError, match="came apart"):
        run(tokenizer, tmp_path, 3, model=model, save_seconds=0.0)
    assert not list(tmp_path.glob("checkpoint-*"))


def test_each_part_learns_at_its_own_rate() -> None:
    model = joint_model(edges=True)
    config = LoopConfig(encoder_rate=1.0, new_rate=2.0, edge_rate=3.0, weight_decay=0.5)
    names = {id(value): name for name, value in model.named_parameters()}
    found = {
        names[id(value)]: (group["peak"], group["weight_decay"])
        for group in optimizer_for(model, config).param_groups
        for value in group["params"]
    }
    assert found.keys() == set(names.values())
    assert found["tagger.heads.other.weight"] == (2.0, 0.0)
    assert found["tagger.encoder.embeddings.shapes.2.weight"] == (2.0, 0.0)
    assert found["tagger.encoder.layers.1.inner.weight"] == (1.0, 0.5)
    assert found["tagger.encoder.layers.1.inner.bias"] == found["tagger.encoder.embeddings.norm.weight"] == (1.0, 0.0)
    assert found["edges.mention.weight"] == (3.0, 0.5)
    assert found["edges.norm.weight"] == (3.0, 0.0)


def test_mean_losses_are_by_word_and_of_what_there_was() -> None:
    parts = {"a": [(torch.tensor(3.0), torch.tensor(2)), (torch.tensor(1.0), torch.tensor(6))]}
    assert means({**parts, "b": [(torch.tensor(0.0), torch.tensor(0))]}) == {"a": 0.5}


def test_predictions_do_not_depend_on_neighbours(tokenizer: PieceTokenizer) -> None:
    scores = torch_scores(joint_model(3).tagger.eval(), CAPTION_HEAD, bfloat16=False)
    together = predict(tokenizer([*TEXTS, "the " * 300]), tokenizer, TAGS, scores, joined=False, limit=64)
    for text, spans in zip(TEXTS, together, strict=False):
        assert predict(tokenizer([text]), tokenizer, TAGS, scores, joined=False, limit=64, budget=1) == [spans]


def test_texts_without_words_have_no_spans(tokenizer: PieceTokenizer) -> None:
    scores = torch_scores(joint_model().tagger.eval(), CAPTION_HEAD, bfloat16=False)
    assert predict(tokenizer(["", "  "]), tokenizer, TAGS, scores, joined=False) == [[], []]


def test_long_texts_come_apart_at_words(tokenizer: PieceTokenizer) -> None:
    text = "ERK12 binds " * 10
    parts = tag([Example("x", text, (LabelledSpan(12, 17, "GENE"),))], tokenizer([text]), TAGS, limit=12)
    assert [len(part.pieces) for part in parts] == [10] * 5
    assert np.concatenate([part.pieces.ids for part in parts]).tolist() == tokenizer([text])[0].ids.tolist()
    assert all(part.pieces.firsts.tolist() == [0, 3, 5, 8] for part in parts)
    assert [part.tags.tolist() for part in parts[:2]] == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_a_long_text_comes_apart_outside_of_mentions(tokenizer: PieceTokenizer) -> None:
    text = "ERK12 binds " * 10  # of 3 and 2 pieces
    between, whole = LabelledSpan(18, 29, "GENE"), LabelledSpan(0, len(text) - 1, "GENE")
    first, *rest = tag([Example("x", text, (between,))], tokenizer([text]), TAGS, limit=10)
    assert first.tags.tolist() == [0, 0, 0]
    assert rest[0].tags.tolist() == [1, 2, 0, 0]
    assert np.concatenate([part.pieces.ids for part in (first, *rest)]).tolist() == tokenizer([text])[0].ids.tolist()
    parts = tag([Example("x", text, (whole,))], tokenizer([text]), TAGS, limit=10)
    assert [len(part.pieces) for part in parts] == [10] * 5  # nowhere else to cut


def test_padding_changes_nothing(tokenizer: PieceTokenizer) -> None:
    tagger = joint_model().tagger.eval()
    windows = [window(0, [text], tokenizer) for text in tagged(tokenizer)]
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


def test_the_timed_schedule_falls_to_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("nlp.training.schedule.time.monotonic", lambda: now[0])
    timed = TimedDecay(4, 50.0)
    now[0] = 1000.0  # the first step, not the making, begins it
    assert [timed(step) for step in (0, 1, 3)] == pytest.approx([0.25, 0.5, 1])
    now[0] = 1010.0
    assert timed(1) == pytest.approx(0.4)
    now[0] = 1040.0
    assert timed(900) == pytest.approx(0.2)
    for now[0] in (1050.0, 2000.0):
        assert timed(1000) == 0


def test_strict_scores() -> None:
    gold = [[LabelledSpan(0, 3, "GENE"), LabelledSpan(4, 7, "GENE")], [LabelledSpan(0, 2, "CHEMICAL")]]
    predicted = [[LabelledSpan(0, 3, "GENE"), LabelledSpan(4, 8, "GENE")], [LabelledSpan(0, 2, "GENE")]]
    assert strict(gold, predicted) == {"": Score(1, 3, 3), "GENE": Score(1, 3, 2), "CHEMICAL": Score(0, 0, 1)}
    assert Score(1, 3, 3).f1 == pytest.approx(1 / 3)

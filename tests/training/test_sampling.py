from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
import pytest
import torch

from nlp.networks.pieces import PieceTokenizer
from nlp.training.edges import EdgeBatch
from nlp.training.examples import Batch
from nlp.training.sampling import Position, Sampler, Task
from tests.toys import BUDGET, TEXTS, edge_sampler, sampler, tagged, window


def same(first: Batch | EdgeBatch, second: Batch | EdgeBatch, leave_out: Iterable[str] = ()) -> bool:
    names = [name for name in first.__slots__ if name not in {"chosen", *leave_out}]
    return all(torch.equal(getattr(first, name), getattr(second, name)) for name in names)


def batches(stream: Sampler, count: int) -> list[Batch]:
    return [batch for batch, _ in islice(stream, count)]


def test_the_sampler_repeats_itself_and_goes_on_where_it_stood(tokenizer: PieceTokenizer) -> None:
    whole = list(islice(sampler(tokenizer), 18))
    assert all(map(same, batches(sampler(tokenizer), 18), (batch for batch, _ in whole)))
    assert {position.pool for _, position in whole} >= {0, 1, 2}
    for stop in (1, 9, 17):
        resumed = sampler(tokenizer)
        resumed.position = whole[stop - 1][1]
        again = list(islice(resumed, 18 - stop))
        assert all(same(own, other) for (own, _), (other, _) in zip(again, whole[stop:], strict=True))
        assert [position for _, position in again] == [position for _, position in whole[stop:]]


def test_reading_leaves_the_position_to_the_reader(tokenizer: PieceTokenizer) -> None:
    stream = sampler(tokenizer)
    before = batches(stream, 5)
    assert stream.position == Position(0, 0, [(0, 0), (0, 0)])
    assert all(map(same, batches(stream, 5), before))


def test_batches_keep_to_the_budget_and_every_text_has_its_turn(tokenizer: PieceTokenizer) -> None:
    found = batches(sampler(tokenizer), 60)
    assert all(batch.ids.numel() <= BUDGET for batch in found)
    seen = {tuple(batch.ids[row][batch.mask[row]].tolist()) for batch in found for row in range(len(batch.ids))}
    for text in tagged(tokenizer):
        assert tuple(window(0, [text], tokenizer).inputs.ids.tolist()) in seen


def test_windows_hold_texts_that_follow_each_other(tokenizer: PieceTokenizer) -> None:
    texts = tagged(tokenizer, names=True)
    runs = [texts[start:end] for start in range(len(texts)) for end in range(start + 1, len(texts) + 1)]
    expected = {tuple(own.inputs.ids.tolist()): own for own in (window(0, run, tokenizer) for run in runs)}
    only = Sampler(
        [Task("other", texts, joined=True)],
        tokenizer,
        power=0.5,
        budget=1,
        lengths=(8, 32),
        alone=0.3,
        pool=40,
        seed=1,
    )
    lengths = set()
    for batch in batches(only, 40):
        wanted = expected[tuple(batch.ids[0].tolist())]
        assert np.array_equal(batch.shapes[0], wanted.inputs.shapes)
        assert batch.firsts.tolist() == wanted.inputs.firsts.tolist()
        assert batch.tags.tolist() == wanted.tags.tolist()
        lengths.add(batch.ids.numel())
    assert len(lengths) > len(TEXTS)  # alone, and several together


def test_a_pass_shows_every_text_once(tokenizer: PieceTokenizer) -> None:
    texts = tagged(tokenizer)
    settings = {"power": 1.0, "budget": 1, "lengths": (8, 32), "alone": 1.0, "pool": len(texts), "seed": 3}
    only = Sampler([Task("caption", texts, joined=False)], tokenizer, **settings)  # type: ignore[arg-type]
    found = [tuple(batch.ids[0].tolist()) for batch in batches(only, 3 * len(texts))]
    passes = [found[start : start + len(texts)] for start in range(0, len(found), len(texts))]
    assert all(len(set(own)) == len(texts) for own in passes)
    assert len(set(map(tuple, passes))) > 1


def test_tasks_are_drawn_by_weight_and_size(tokenizer: PieceTokenizer) -> None:
    few, many = tagged(tokenizer)[:1], tagged(tokenizer)
    tasks = [Task("few", few, joined=False, weight=3.0), Task("many", many, joined=False)]
    settings = {"power": 0.5, "budget": 1, "lengths": (8, 32), "alone": 1.0, "pool": 400, "seed": 3}
    stream = Sampler(tasks, tokenizer, **settings)  # type: ignore[arg-type]
    assert stream.shares[0] / stream.shares[1] == pytest.approx(3 * (tasks[0].pieces / tasks[1].pieces) ** 0.5)
    drawn = [int(batch.tasks[0]) for batch in batches(stream, 400)]
    assert np.mean(np.asarray(drawn) == 0) == pytest.approx(stream.shares[0], abs=0.08)


def test_some_windows_are_shown_without_names(tokenizer: PieceTokenizer) -> None:
    named, hidden, some = (batches(sampler(tokenizer, names=True, unnamed=share), 30) for share in (0.0, 1.0, 0.4))
    for one, other in zip(named, hidden, strict=True):
        assert same(one, other, leave_out=["shapes"])
        assert torch.equal(one.shapes[..., :-1], other.shapes[..., :-1])
        assert not other.shapes[..., -1].any()
    shown = [bool(row.any()) for batch in some for row in batch.shapes[..., -1]]
    assert 0.4 < np.mean(shown) < 0.8
    assert all(row.any() for batch in named for row in batch.shapes[..., -1])


def test_related_texts_repeat_themselves_and_go_on(tokenizer: PieceTokenizer) -> None:
    every = list(islice(edge_sampler(tokenizer), 200))
    assert all(same(one, other) for (one, _), (other, _) in zip(every, edge_sampler(tokenizer), strict=False))
    assert {position.pool for _, position in every} >= {0, 1}
    assert all(batch.ids.numel() <= BUDGET for batch, _ in every)
    resumed = edge_sampler(tokenizer)
    resumed.position = every[70][1]
    assert all(same(one, other) for (one, _), (other, _) in zip(every[71:], resumed, strict=False))
    other = [batch.ids.tolist() for batch, _ in islice(edge_sampler(tokenizer, seed=6), 20)]
    assert other != [batch.ids.tolist() for batch, _ in every[:20]]

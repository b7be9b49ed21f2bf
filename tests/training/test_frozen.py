"""Relations learned on the words of a tagger that stays as it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from nlp.networks.edges import EdgeConfig, EdgeNetwork
from nlp.networks.inputs import mark
from nlp.networks.joint import JointModel
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.schema import MENTION_TYPES
from nlp.training.edges import collate
from nlp.training.frozen import (
    FrozenEdgeLesson,
    ReadSampler,
    encoder_vectors,
    match_words,
    read_texts,
    set_priors,
)
from nlp.training.related_texts import EdgeObjective, Noise, RelatedText, prepare
from nlp.training.relation_examples import (
    CAPTION_LABELS,
    CAPTION_MEANINGS,
    LabelledRelation,
    RelatedExample,
    RelationCorpus,
)
from tests.taggers import random_tagger

TAGS = TagSet(MENTION_TYPES)
CPU = torch.device("cpu")


def example(text: str, first: str, second: str, label: str) -> RelatedExample:
    spans = [LabelledSpan(text.index(name), text.index(name) + len(name), "GENE") for name in (first, second)]
    return RelatedExample(text, text, spans, [LabelledRelation(0, 1, label)], [(0, 1), (1, 0)])


CORPUS = RelationCorpus(
    "caption",
    CAPTION_LABELS,
    CAPTION_MEANINGS,
    [
        example("MEK raises the level of ERK1.", "MEK", "ERK1", "expression+"),
        example("TNF binds the kinase ERK2 by MEK.", "TNF", "ERK2", "binding0"),
    ],
)


@pytest.fixture
def prepared(tokenizer: PieceTokenizer) -> tuple[list[RelatedText], EdgeObjective]:
    pieces = tokenizer([item.text for item in CORPUS.examples])

    def cues(_: RelatedExample, words: object) -> tuple[object, object]:
        return np.arange(len(words)) % 3, np.asarray([(0, 1, 1), (1, 0, 2)])  # type: ignore[arg-type]

    return prepare(CORPUS, pieces, 0, tokenizer, TAGS, limit=64, cues=cues)  # type: ignore[arg-type]


def network() -> EdgeNetwork:
    torch.manual_seed(1)
    config = EdgeConfig(
        tags=len(TAGS), width=16, inner=32, layers=1, heads=2, pair=32, context=2, pointer=8, dropout=0.0,
        inputs=64, word_cues=3, pair_cues=4, near_cues=8,
    )  # fmt: skip
    return EdgeNetwork(config, {"caption": len(CAPTION_LABELS)})


VECTORS = encoder_vectors(random_tagger().encoder, [1, 2], CPU, budget=16)


def test_vectors_do_not_depend_on_their_batch(tokenizer: PieceTokenizer) -> None:
    windows = [mark(pieces, tokenizer) for pieces in tokenizer([item.text for item in CORPUS.examples] * 3)]
    for together, window in zip(VECTORS(windows), windows, strict=True):
        assert np.allclose(together, VECTORS([window])[0], atol=1e-5)
        assert together.shape == (len(window.firsts), 64)


def test_cues_come_with_a_text_and_stay_out_at_times(prepared: tuple[list[RelatedText], EdgeObjective]) -> None:
    text = prepared[0][0]
    assert text.cues.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert text.pair_cues().tolist() == [1, 2]
    assert replace(text, pairs=text.pairs[::-1]).pair_cues().tolist() == [2, 1]
    assert replace(text, ruled=text.ruled[1:]).pair_cues().tolist() == [0, 2]
    unruled = Noise(unruled=1.0)(text, TAGS, np.random.default_rng(1))
    assert unruled.pair_cues().tolist() == [0, 0]
    batch = collate([text, unruled], size=4)
    assert batch.pair_cues.tolist() == [[1, 2, 0, 0], [0, 0, 0, 0]]


def test_a_network_begins_with_what_rules_have_meant(prepared: tuple[list[RelatedText], EdgeObjective]) -> None:
    texts, objective = prepared
    made = network()
    set_priors(made, texts, objective)
    table = made.priors["caption"].weight.detach()  # type: ignore[union-attr]
    assert table[1, 0] < 0 < table[1, 1 + CAPTION_LABELS.index("binding0")]  # type: ignore[index]
    assert table[2, 0] > 0  # type: ignore[index]
    assert torch.allclose(table[0], torch.zeros(1), atol=1e-3)  # type: ignore[index]


def test_another_taggers_words_are_told_in_ones_own(prepared: tuple[list[RelatedText], EdgeObjective]) -> None:
    texts = read_texts(prepared[0] * 20, VECTORS)
    turned = torch.randn(64, 16, generator=torch.Generator().manual_seed(2)).numpy()
    others = [replace(text, vectors=(text.vectors @ turned).astype(np.float16)) for text in texts]
    made = network()
    assert match_words(made, texts, others) > 0.9
    with torch.no_grad():
        told = made.taken(torch.from_numpy(texts[0].vectors).float())  # type: ignore[misc]
    assert np.abs(told.numpy() - others[0].vectors).mean() < 0.3 * np.abs(others[0].vectors).mean()


def test_it_learns_and_the_order_follows_from_the_seed(prepared: tuple[list[RelatedText], EdgeObjective]) -> None:
    texts, objective = prepared
    read = read_texts(texts, VECTORS)

    def sampler() -> ReadSampler:
        return ReadSampler([read], [objective], {}, budget=64, noise=Noise(), tag_set=TAGS, seed=4)

    one, other = (list(islice(iter(sampler()), 5)) for _ in range(2))
    for (mine, position), (theirs, same) in zip(one, other, strict=True):
        assert position == same
        assert torch.equal(mine[1], theirs[1])
        assert len(mine[1]) == int(mine[0].words.sum())
    made = network()
    lesson = FrozenEdgeLesson(made, sampler(), CPU, dropout=0.0)
    optimizer = torch.optim.AdamW(made.parameters(), lr=1e-2)
    losses = []
    for batch, position in islice(lesson.batches(0), 40):
        loss, words, parts = lesson.loss(JointModel(random_tagger(), made), batch, bfloat16=False)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        lesson.went(position)
        losses.append(float(loss.detach()))
        assert words == len(batch[1])
        assert "edges/caption" in parts
    assert np.mean(losses[-5:]) < 0.4 * losses[0]
    again = FrozenEdgeLesson(made, sampler(), CPU, dropout=0.0)
    again.go_to(lesson.position())
    assert again.position() == lesson.position() != FrozenEdgeLesson(made, sampler(), CPU, 0.0).position()

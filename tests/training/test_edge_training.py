from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from nlp.errors import ConfigError, ModelError
from nlp.networks.edges import EdgeConfig, EdgeNetwork
from nlp.networks.encoder import EncoderConfig
from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.schema import MENTION_TYPES
from nlp.training.edges import EdgeBatch, EdgeLoss, collate, edge_states, set_priors
from nlp.training.related_files import load_related, save_related
from nlp.training.related_texts import UNKNOWN, EdgeObjective, Noise, RelatedText, prepare
from nlp.training.relation_examples import (
    CAPTION_LABELS,
    CAPTION_MEANINGS,
    LabelledRelation,
    RelatedExample,
    RelationCorpus,
)
from nlp.types import Span

TAGS = TagSet(MENTION_TYPES)
NAMES = {"ERK1": "GENE", "ERK2": "GENE", "TNF": "GENE", "MEK": "GENE", "drug": "CHEMICAL", "Ca": "CHEMICAL"}
SMALL = {"vocabulary": 40, "width": 16, "inner": 32, "layers": 1, "heads": 2, "positions": 64, "dropout": 0.0}


def example(text: str, *relations: tuple[str, str, str], judged: str = "all", **said: object) -> RelatedExample:
    spans = sorted(
        LabelledSpan(text.index(name), text.index(name) + len(name), type)
        for name, type in NAMES.items()
        if name in text
    )
    index = {text[span.start : span.end]: number for number, span in enumerate(spans)}
    related = [LabelledRelation(index[source], index[target], label, **said) for source, target, label in relations]
    every = [(one, other) for one in range(len(spans)) for other in range(len(spans)) if one != other]
    return RelatedExample(text, text, spans, related, every if judged == "all" else [])


CAPTIONS = RelationCorpus(
    CAPTION_HEAD,
    CAPTION_LABELS,
    CAPTION_MEANINGS,
    [
        example("MEK raises the drug.", ("MEK", "drug", "expression+"), negated=False, speculative=False),
        example("TNF binds the kinase ERK1 by Ca.", ("TNF", "ERK1", "binding0"), trigger=Span(4, 9)),
        example("The drug and ERK2 bind.", ("drug", "ERK2", "binding0"), ("drug", "ERK2", "activation+")),
        example("Ca and TNF are there."),
    ],
)
OTHER = RelationCorpus(
    "other",
    ["UP", "VAGUE", "ODD"],
    {"UP": ["activation+", "expression+"], "VAGUE": ["none", "activation0"]},
    [
        example("MEK to ERK1 to TNF.", ("MEK", "ERK1", "UP"), ("ERK1", "TNF", "ODD")),
        example("Ca to MEK.", ("Ca", "MEK", "VAGUE"), judged="related"),
    ],
)


def encoded(
    corpus: RelationCorpus, tokenizer: PieceTokenizer, task: int = 0, limit: int = 64
) -> tuple[list[RelatedText], EdgeObjective]:
    pieces = tokenizer([item.text for item in corpus.examples])
    return prepare(corpus, pieces, task, tokenizer, TAGS, limit=limit)


def models(seed: int = 0) -> tuple[MentionTagger, EdgeNetwork]:
    torch.manual_seed(seed)
    tagger = MentionTagger(EncoderConfig(shapes=SHAPE_TABLES, **SMALL), {CAPTION_HEAD: len(TAGS)})  # type: ignore[arg-type]
    config = EdgeConfig(tags=len(TAGS), width=16, inner=32, layers=1, heads=2, pair=32, context=2, dropout=0)
    return tagger, EdgeNetwork(config, {CAPTION_HEAD: len(CAPTION_LABELS), "other": 3})


def loss_of(
    batch: EdgeBatch, objectives: Sequence[EdgeObjective], seed: int = 0
) -> tuple[Tensor, dict[str, tuple[Tensor, Tensor]]]:
    tagger, network = models(seed)
    vectors = tagger.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
    return EdgeLoss(objectives)(network, edge_states(network, vectors, batch), batch)


def meaning(allowed: Tensor, labels: Sequence[str]) -> set[str]:
    return {("none", *labels)[index] for index in allowed.nonzero()[:, 0].tolist()}


def test_pairs_keep_their_labels(tokenizer: PieceTokenizer) -> None:
    texts, objective = encoded(CAPTIONS, tokenizer)
    found = [
        {
            tuple(pair): meaning(objective.own[code], CAPTION_LABELS)
            for pair, code in zip(text.pairs.tolist(), text.codes.tolist(), strict=True)
        }
        for text in texts
    ]
    assert found[0] == {(0, 1): {"expression+"}, (1, 0): {"none"}}
    assert {pair for pair, labels in found[1].items() if labels != {"none"}} == {(0, 1)}
    assert len(found[1]) == 6
    assert found[2][0, 1] == {"binding0", "activation+"}
    assert torch.equal(objective.own, objective.caption)


def test_what_is_not_said_stays_unknown(tokenizer: PieceTokenizer) -> None:
    texts, _ = encoded(CAPTIONS, tokenizer)
    assert texts[0].modality.tolist() == [[0, 0], [UNKNOWN, UNKNOWN]]
    assert texts[1].modality[0].tolist() == [UNKNOWN, UNKNOWN]
    assert texts[1].triggers[0].tolist() == [1, 1]
    assert (texts[1].triggers[1:] == UNKNOWN).all()


def test_labels_mean_sets_of_caption_labels(tokenizer: PieceTokenizer) -> None:
    _, objective = encoded(OTHER, tokenizer)
    rows = [meaning(row, CAPTION_LABELS) for row in objective.caption]
    assert rows == [
        {"none"},
        {"activation+", "expression+"},
        {"none", "activation0"},
        {"none", *CAPTION_LABELS},  # says nothing
    ]
    assert torch.equal(objective.own, torch.eye(4, dtype=torch.bool))


@pytest.mark.parametrize("wrong", [{"labels": ["UP"]}, {"meanings": {"UP": ["activated"]}}, {"meanings": {"DOWN": []}}])
def test_unknown_labels_are_refused(tokenizer: PieceTokenizer, wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        encoded(replace(OTHER, **wrong), tokenizer)  # type: ignore[arg-type]


def test_mentions_that_touch_no_word_drop_out(tokenizer: PieceTokenizer) -> None:
    text = "MEK binds  TNF"
    spans = [LabelledSpan(0, 3, "GENE"), LabelledSpan(10, 11, "GENE"), LabelledSpan(11, 14, "GENE")]
    relations = [LabelledRelation(0, 1, "binding0"), LabelledRelation(0, 2, "activation+")]
    item = RelatedExample("", text, spans, relations, [(0, 1), (0, 2), (2, 0)])
    (found,), objective = encoded(replace(CAPTIONS, examples=[item]), tokenizer)
    assert found.mentions.tolist() == [[0, 0], [2, 2]]
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert meaning(objective.own[found.codes[0]], CAPTION_LABELS) == {"activation+"}


def test_a_batch_points_at_the_right_words(tokenizer: PieceTokenizer) -> None:
    texts, _ = encoded(CAPTIONS, tokenizer)
    batch = collate(texts, size=4)
    assert batch.sources.shape == (5, 4)  # 2, 6, 2 and 2 pairs
    assert batch.rows.tolist() == [0, 1, 1, 2, 3]
    assert batch.weights.sum() == sum(len(text.pairs) for text in texts)
    pieces = batch.ids.flatten()[batch.firsts][batch.places]
    for row, text in enumerate(texts):
        own = text.windows[0]
        assert pieces[row][batch.words[row]].tolist() == own.ids[own.firsts].tolist()
    group, place, first, last = batch.triggers[0].tolist()
    assert (group, place, first, last) == (1, 0, 1, 1)
    width = batch.words.shape[1]
    assert batch.mention_firsts[batch.sources[1, 0]] == width  # TNF, the first word of the second text
    assert batch.mention_lasts[batch.targets[1, 0]] == width + 4
    assert all(0 <= rest < len(batch.mention_firsts) for rest in batch.sources.flatten().tolist())


def test_long_texts_are_read_in_windows_and_joined(tokenizer: PieceTokenizer) -> None:
    long = example(
        "MEK raises the drug. The level of TNF raises the level of Ca by ERK1.", ("MEK", "drug", "expression+")
    )
    (whole,), _ = encoded(replace(CAPTIONS, examples=[long]), tokenizer)
    (parts,), _ = encoded(replace(CAPTIONS, examples=[long]), tokenizer, limit=12)
    assert len(whole.windows) == 1
    assert len(parts.windows) > 1
    one, other = collate([whole, parts]), collate([parts])
    pieces = one.ids.flatten()[one.firsts][one.places]
    assert pieces[0].tolist() == pieces[1].tolist()
    assert other.ids.shape[1] <= 12
    assert one.tags[0].tolist() == one.tags[1].tolist()


def test_only_what_is_known_teaches(tokenizer: PieceTokenizer) -> None:
    texts, objective = encoded(OTHER, tokenizer, task=0)
    batch = collate(texts)
    loss, parts = loss_of(batch, [objective])
    assert set(parts) == {"edges/other", "edges/caption/other", "edges/modality"}
    assert parts["edges/modality"][0] == 0
    assert parts["edges/other"][1] == sum(len(text.pairs) for text in texts) == 7
    # "ODD" says nothing of captions: without its pair the caption head's loss is the same.
    odd = int(np.flatnonzero(texts[0].codes == 3)[0])
    without = replace(texts[0], weights=np.where(np.arange(6) == odd, 0, 1).astype(np.float32))
    _, others = loss_of(collate([without, texts[1]]), [objective])
    assert torch.allclose(parts["edges/caption/other"][0], others["edges/caption/other"][0])
    assert parts["edges/other"][0] > others["edges/other"][0]
    assert torch.isfinite(loss)


def test_the_loss_of_a_text_does_not_depend_on_its_batch(tokenizer: PieceTokenizer) -> None:
    captions, first = encoded(CAPTIONS, tokenizer)
    others, second = encoded(OTHER, tokenizer, task=1)
    texts = [*captions, *others]
    sums: dict[str, float] = {}
    for text in texts:
        for name, (value, _) in loss_of(collate([text], size=2), [first, second])[1].items():
            sums[name] = sums.get(name, 0.0) + float(value)
    together = {name: float(value) for name, (value, _) in loss_of(collate(texts), [first, second])[1].items()}
    assert together == pytest.approx(sums, rel=1e-4)
    assert set(together) == {
        "edges/caption/caption", "edges/other", "edges/caption/other", "edges/modality", "edges/trigger"
    }  # fmt: skip


def test_negatives_that_are_kept_stand_for_all(tokenizer: PieceTokenizer) -> None:
    texts, _ = encoded(CAPTIONS, tokenizer)
    shown = Noise(negatives=2, dropped=0, retyped=0)(texts[1], TAGS, np.random.default_rng(1))
    assert len(shown.pairs) == 3
    assert sorted(shown.weights.tolist()) == [1.0, 2.5, 2.5]
    assert shown.weights[shown.codes > 0].tolist() == [1.0]
    assert shown.triggers[shown.codes > 0].tolist() == [[1, 1]]


def test_noise_changes_what_is_told_and_not_what_is_right(tokenizer: PieceTokenizer) -> None:
    texts, _ = encoded(CAPTIONS, tokenizer)
    random = np.random.default_rng(2)
    dropped = Noise(dropped=1.0, retyped=0.0)(texts[1], TAGS, random)
    retyped = [Noise(dropped=0.0, retyped=1.0)(texts[1], TAGS, random) for _ in range(20)]
    assert not dropped.marks.any()
    assert all((text.marks > 0).tolist() == (text.tags > 0).tolist() for text in retyped)
    assert len({tuple(text.marks) for text in retyped}) > 5
    assert all(text.tags is texts[1].tags for text in (dropped, *retyped))
    unnamed = Noise(unnamed=1.0)(texts[1], TAGS, random)
    assert not unnamed.windows[0].shapes[:, -1].any()
    batch = collate([dropped])
    assert not batch.marks.any()
    assert batch.tags.any()


def with_cues(texts: Sequence[RelatedText]) -> list[RelatedText]:
    """Texts of whose words a list says something, and of whose first pair rules do."""
    return [
        replace(
            text,
            cues=np.arange(len(text.tags), dtype=np.int16) % 3,
            ruled=np.asarray([[*text.pairs[0], 2]], np.int32),
        )
        for text in texts
    ]


def test_a_hidden_mention_is_not_seen_and_still_asked_about(tokenizer: PieceTokenizer) -> None:
    texts, _ = encoded(CAPTIONS, tokenizer, limit=8)
    text = next(text for text in texts if len(text.windows) > 1)
    shown = Noise(dropped=0, retyped=0, hidden=1.0, mask=1)(text, TAGS, np.random.default_rng(1))
    assert len(shown) == len(text)
    words = sum(len(window.firsts) for window in text.windows)
    before = np.concatenate([window.ids[window.firsts] for window in text.windows])
    after = np.concatenate([window.ids[window.firsts] for window in shown.windows])
    inside = np.zeros(words, np.bool_)
    for first, last in text.mentions.tolist():
        inside[text.places[first : last + 1]] = True
    assert (after[inside] == 1).all()
    assert np.array_equal(after[~inside], before[~inside])
    assert np.array_equal(shown.pairs, text.pairs)
    assert np.array_equal(shown.marks, text.marks)


def test_rules_may_be_kept_from_it(tokenizer: PieceTokenizer) -> None:
    (text, *_) = with_cues(encoded(CAPTIONS, tokenizer)[0])
    assert text.pair_cues().tolist()[0] == 2
    shown = Noise(unruled=1.0)(text, TAGS, np.random.default_rng(1))
    assert not shown.pair_cues().any()


def test_heads_begin_with_what_rules_have_meant(tokenizer: PieceTokenizer) -> None:
    texts, objective = encoded(CAPTIONS, tokenizer)
    related = [
        replace(
            text, ruled=np.asarray([[*pair, 1 + (code > 0)] for pair, code in zip(text.pairs, text.codes, strict=True)])
        )
        for text in texts
    ]
    config = EdgeConfig(tags=len(TAGS), width=16, inner=32, layers=0, heads=2, pair=32, context=2, pair_cues=3)
    network = EdgeNetwork(config, {CAPTION_HEAD: len(CAPTION_LABELS)})
    set_priors(network, [(related[:1], objective), (related[1:], objective)])
    table = network.priors[CAPTION_HEAD].weight.detach()  # type: ignore[union-attr, operator]
    assert table[1, 0] > 0 > table[2, 0]  # code 1 stands on pairs without a relation, 2 on those with one
    label = 1 + CAPTION_LABELS.index("binding0")
    assert table[2, label] > 0 > table[1, label]
    together = EdgeNetwork(config, {CAPTION_HEAD: len(CAPTION_LABELS)})
    set_priors(together, [(related, objective)])
    assert torch.allclose(together.priors[CAPTION_HEAD].weight, table)  # type: ignore[arg-type]


def test_files_keep_everything(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    texts, objective = encoded(OTHER, tokenizer, limit=8)
    texts = with_cues(texts)
    save_related(tmp_path / "other.npz", texts, objective)
    found, teaches = load_related(tmp_path / "other.npz", task=0)
    assert (teaches.name, teaches.source, teaches.caption_weight) == ("other", "other", 1.0)
    assert torch.equal(teaches.caption, objective.caption)
    one, other = collate(texts), collate(found)
    assert all(
        torch.equal(getattr(one, name), getattr(other, name)) for name in EdgeBatch.__slots__ if name != "chosen"
    )
    assert one.chosen.keys() == other.chosen.keys()
    np.savez(tmp_path / "wrong.npz", something=np.zeros(2))
    with pytest.raises(ModelError):
        load_related(tmp_path / "wrong.npz", task=0)


def test_it_learns_a_handful_of_texts(tokenizer: PieceTokenizer) -> None:
    captions, first = encoded(CAPTIONS, tokenizer)
    others, second = encoded(OTHER, tokenizer, task=1)
    batch = collate([*captions, *others]).to(torch.device("cpu"))
    tagger, network = models()
    optimizer = torch.optim.AdamW([*tagger.parameters(), *network.parameters()], lr=1e-2, fused=True)
    losses = []
    for _ in range(40):
        vectors = tagger.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
        loss, _ = EdgeLoss([first, second])(network, edge_states(network, vectors, batch), batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.1 * losses[0]
    with torch.inference_mode():
        vectors = tagger.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
        states = edge_states(network, vectors, batch)
        best = network.labels(CAPTION_HEAD, states.vectors[batch.chosen[0]]).argmax(-1)
    right = first.own[batch.codes[batch.chosen[0]]].gather(2, best[..., None])[..., 0]
    assert right[batch.weights[batch.chosen[0]] > 0].all()

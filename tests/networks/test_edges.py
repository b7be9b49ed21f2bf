from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlp.errors import ModelError
from nlp.networks.edge_inputs import mention_words, sentence_numbers
from nlp.networks.edge_scores import (
    INPUTS,
    MOST_WORDS,
    OUTPUTS,
    EdgeInputs,
    EdgeScores,
    OnnxEdges,
    candidate_pairs,
    codes_of,
    edge_feed,
    edge_scores,
    judge,
    likeliest_triggers,
)
from nlp.networks.edges import Buckets, EdgeConfig, EdgeNetwork, EdgeStates, Pairs
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.training.edge_export import OneText, export_edges

CONFIG = EdgeConfig(
    tags=5,
    width=24,
    inner=32,
    layers=2,
    heads=4,
    pair=16,
    context=2,
    inputs=30,
    word_cues=4,
    pair_cues=3,
    near_cues=6,
)
LABELS = {"caption": 3, "other": 2}


def network(config: EdgeConfig = CONFIG) -> EdgeNetwork:
    """Of random weights, large enough for everything to matter."""
    torch.manual_seed(3)
    made = EdgeNetwork(config, LABELS).eval()
    with torch.no_grad():
        for name, value in made.named_parameters():
            if "norm" not in name:
                value.normal_(std=0.3)
    return made


NETWORK = network()


class TorchEdges:
    """An edge network as it was trained, with one head; an ``nlp.networks.edge_scores.EdgeGraph``."""

    def __init__(self, network: EdgeNetwork, head: str) -> None:
        self._network = OneText(network, head)

    @torch.inference_mode()
    def __call__(self, inputs: EdgeInputs, vectors: NDArray[np.float32]) -> EdgeScores:
        """See ``nlp.networks.edge_scores.EdgeGraph``."""
        given = edge_feed(inputs, vectors)
        self._network.eval()
        outputs = self._network(*(torch.from_numpy(given[name]) for name in INPUTS))
        return edge_scores(inputs, *(output.float().numpy() for output in outputs))


class Text:
    """Random words with three mentions, of one, two and three words."""

    def __init__(self, words: int, seed: int) -> None:
        random = torch.Generator().manual_seed(seed)
        self.words = torch.randn(words, CONFIG.inputs, generator=random)
        self.marks = torch.zeros(words, dtype=torch.int64)
        self.mentions = torch.tensor([[1, 1], [3, 4], [6, 8]])
        for first, last in self.mentions.tolist():
            self.marks[first : last + 1] = 2
            self.marks[first] = 1
        self.sentences = (torch.arange(words) >= 5).long()
        self.cues = torch.zeros(words, dtype=torch.int64)
        self.cues[2] = 3


PAIRS = [(0, 1), (1, 0), (0, 2), (2, 1)]
RULED = {(0, 1): 1, (1, 0): 2}


def read(
    texts: list[Text],
    pairs: list[tuple[int, int]] = PAIRS,
    *,
    longer: int = 0,
    made: EdgeNetwork = NETWORK,
    ruled: dict[tuple[int, int], int] = RULED,
) -> list[tuple[Tensor, ...]]:
    """What is read of each text in one batch: scores, modality, and trigger starts and ends over its words."""
    length = max(len(text.words) for text in texts) + longer

    def padded(name: str) -> Tensor:
        rows = [getattr(text, name) for text in texts]
        # What stands at padding must not matter.
        result = rows[0].new_full((len(texts), length, *rows[0].shape[1:]), 3)
        for row, own in zip(result, rows, strict=True):
            row[: len(own)] = own
        return result

    counts = torch.tensor([len(text.words) for text in texts])
    mask = torch.arange(length) < counts[:, None]
    mentions = torch.cat([text.mentions + row * length for row, text in enumerate(texts)])
    indices = torch.stack([torch.tensor(pairs) + 3 * row for row in range(len(texts))])
    said = torch.tensor([[ruled.get(pair, 0) for pair in pairs]] * len(texts))
    asked = Pairs(mentions[:, 0], mentions[:, 1], indices[..., 0], indices[..., 1], torch.arange(len(texts)), said)
    with torch.inference_mode():
        states: EdgeStates = made(padded("words"), mask, padded("marks"), padded("sentences"), asked, padded("cues"))
        start, end = states.triggers.unbind(1)
        vectors = states.vectors
        found = (made.labels("caption", vectors, said), made.modality(vectors))
    return [
        (found[0][row], found[1][row], start[row, :, : len(text.words)], end[row, :, : len(text.words)])
        for row, text in enumerate(texts)
    ]


def same(one: tuple[Tensor, ...], other: tuple[Tensor, ...]) -> bool:
    return all(torch.allclose(mine, theirs, atol=1e-4) for mine, theirs in zip(one, other, strict=True))


ONE, OTHER = Text(9, seed=1), Text(14, seed=2)


def test_shapes() -> None:
    labels, modality, start, end = read([ONE])[0]
    assert labels.shape == (len(PAIRS), 1 + LABELS["caption"])
    assert modality.shape == (len(PAIRS), 2)
    assert start.shape == end.shape == (len(PAIRS), 9)


@pytest.mark.parametrize("config", [CONFIG, replace(CONFIG, layers=0), replace(CONFIG, context=4)])
def test_a_text_depends_on_nothing_beside_it(config: EdgeConfig) -> None:
    made = network(config)
    alone = [read([text], made=made)[0] for text in (ONE, OTHER)]
    together = read([ONE, OTHER], longer=4, made=made)
    assert all(same(one, other) for one, other in zip(alone, together, strict=True))
    assert not same(alone[0][:2], alone[1][:2])


def test_a_pair_depends_on_no_other_pair() -> None:
    every = read([ONE])[0]
    for index, pair in enumerate(PAIRS):
        assert same(tuple(part[index : index + 1] for part in every), read([ONE], [pair])[0])


def test_direction_matters() -> None:
    labels = read([ONE])[0][0]
    assert not torch.allclose(labels[0], labels[1], atol=1e-2)


@pytest.mark.parametrize("word", [2, 5])
@pytest.mark.parametrize("layers", [0, 2])
def test_the_words_between_and_around_matter(word: int, layers: int) -> None:
    made = network(replace(CONFIG, layers=layers))
    changed = Text(9, seed=1)
    changed.words[word] += 3.0
    assert not torch.allclose(read([ONE], made=made)[0][0], read([changed], made=made)[0][0], atol=1e-3)


def test_what_a_pair_points_at_decides_its_label() -> None:
    made = network(replace(CONFIG, layers=0))
    with torch.no_grad():
        made.context.keys.weight.zero_()  # all words are looked at alike, but for where they stand
        made.context.from_source.weight.zero_()
        made.context.from_target.weight.zero_()
        before, _, start, _ = read([ONE], made=made)[0]
        made.context.from_source.weight[:, 0] = torch.arange(29.0)  # the first head, at what comes after the source
        after, _, moved, _ = read([ONE], made=made)[0]
    assert torch.allclose(start, start[:, :1].expand_as(start), atol=1e-5)
    assert moved[0].argmax() == len(ONE.words) - 1
    assert not torch.allclose(before, after, atol=1e-3)


def test_marks_and_sentences_matter() -> None:
    marked, apart = Text(9, seed=1), Text(9, seed=1)
    marked.marks[1] = 3
    apart.sentences[6:] += 1
    assert not torch.allclose(read([ONE])[0][0], read([marked])[0][0], atol=1e-3)
    before, after = read([ONE])[0][0], read([apart])[0][0]
    assert torch.allclose(before[0], after[0], atol=1e-4)  # both ends stand in the first sentence
    assert not torch.allclose(before[2], after[2], atol=1e-3)


def test_cues_matter_where_they_stand() -> None:
    other = Text(9, seed=1)
    other.cues[2] = 1
    assert not torch.allclose(read([ONE])[0][0], read([other])[0][0], atol=1e-3)
    before, after = read([ONE])[0][0], read([ONE], ruled={(0, 1): 2, (1, 0): 2})[0][0]
    assert not torch.allclose(before[0], after[0], atol=1e-3)
    assert torch.equal(before[1:], after[1:])


def test_distances_fall_into_signed_buckets() -> None:
    buckets = Buckets((1, 2, 4), 1)
    with torch.no_grad():
        buckets.weight[:, 0] = torch.arange(7.0) - 3
    found = buckets(torch.tensor([-90, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 90]))[:, 0].tolist()
    assert found == [-3, -3, -2, -2, -1, 0, 1, 2, 2, 3, 3, 3]


def test_the_export_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    path = tmp_path / "edges.onnx"

    def inputs(text: Text, pairs: list[tuple[int, int]]) -> tuple[Tensor, ...]:
        sources, targets = torch.tensor(pairs).T.contiguous()
        first, last = text.mentions.T.contiguous()
        said = torch.tensor([RULED.get(pair, 0) for pair in pairs])
        return text.words, text.marks, text.sentences, text.cues, first, last, sources, targets, said

    export_edges(NETWORK, "caption", path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for text, pairs in ((ONE, PAIRS), (OTHER, PAIRS[:1]), (OTHER, PAIRS * 3)):
        given = inputs(text, pairs)
        found = session.run(OUTPUTS, {name: value.numpy() for name, value in zip(INPUTS, given, strict=True)})
        with torch.inference_mode():
            own = OneText(NETWORK, "caption").eval()(*given)
        assert all(np.allclose(one, other.numpy(), atol=1e-4) for one, other in zip(found, own, strict=True))
        assert same(own, read([text], pairs)[0])


def test_pairs_stand_near() -> None:
    sentences = np.asarray([0, 0, 1, 2])
    assert candidate_pairs(sentences, reach=0).tolist() == [[0, 1], [1, 0]]
    assert candidate_pairs(sentences).tolist() == [
        [0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1], [2, 3], [3, 2]
    ]  # fmt: skip
    assert candidate_pairs(sentences, reach=1, near=1).tolist() == [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2]]
    assert candidate_pairs(sentences[:1]).shape == candidate_pairs(sentences[:0]).shape == (0, 2)


def test_a_session_and_torch_say_the_same_of_mentions_in_any_order(tmp_path: Path, tokenizer: PieceTokenizer) -> None:
    pytest.importorskip("onnx")
    path = tmp_path / "edges.onnx"
    export_edges(NETWORK, "caption", path)
    text = "the TNF kinase binds ERK1 by Ca"
    words = tokenizer([text])[0].spans
    tags = TagSet(["GENE", "CHEMICAL"])
    mentions = [LabelledSpan(29, 31, "CHEMICAL"), LabelledSpan(4, 7, "GENE"), LabelledSpan(21, 25, "GENE")]
    cues = np.arange(len(words)) % 4
    vectors = np.random.default_rng(1).normal(size=(len(words), CONFIG.inputs)).astype(np.float32)

    def inputs(order: list[int]) -> EdgeInputs:
        ruled = np.asarray([(order.index(1), order.index(2), 1)])
        return EdgeInputs.of(text, words, [mentions[index] for index in order], tags, cues, ruled)

    edges = OnnxEdges(path, LABELS["caption"])
    one, other = edges(inputs([0, 1, 2]), vectors), TorchEdges(NETWORK, "caption")(inputs([2, 1, 0]), vectors)
    assert np.allclose(one.scores, other.scores, atol=1e-4)
    assert one.pairs.tolist() == [[1, 2], [1, 0], [2, 1], [2, 0], [0, 1], [0, 2]]
    assert other.pairs.tolist() == (2 - one.pairs).tolist()
    assert np.allclose(np.exp(one.scores).sum(1), 1)
    assert inputs([0, 1, 2]).pair_cues.tolist() == [1, 0, 0, 0, 0, 0]
    with pytest.raises(ModelError, match="does not fit"):
        OnnxEdges(path, LABELS["caption"] + 1)


def test_sentences_end_at_full_stops_before_no_small_letter(tokenizer: PieceTokenizer) -> None:
    text = "TNF binds ERK (Fig. 2A) in E. coli. The drug raises ERK vs. MEK.\nca 2.5 is nuclear? Yes; no."
    words = tokenizer([text])[0].spans
    numbers = sentence_numbers(text, words)
    starts = [text[words[0, 0] :].split()[0]]
    starts += [text[words[index, 0] :].split()[0] for index in np.flatnonzero(np.diff(numbers)) + 1]
    assert starts == ["TNF", "The", "ca", "Yes;"]
    assert numbers[0] == 0
    assert numbers[-1] == 3


def test_a_mention_holds_the_words_that_it_cuts(tokenizer: PieceTokenizer) -> None:
    text = "the p-ERK1/2 level"
    words = tokenizer([text])[0].spans
    spans = [(4, 12), (6, 9), (0, 3), (3, 4), (13, 18)]
    found = [
        [text[start:end] for start, end in words[first : last + 1]]
        for first, last in mention_words(words, spans).tolist()
    ]
    assert found == [["p", "-", "ERK1", "/", "2"], ["ERK1"], ["the"], [], ["level"]]


class Recorded:
    """A network that finds each pair as likely as its words are far from the beginning, and counts what it is given."""

    def __init__(self) -> None:
        self.words: list[int] = []

    def __call__(self, inputs: EdgeInputs, vectors: NDArray[np.float32]) -> EdgeScores:
        self.words.append(len(vectors))
        assert len(vectors) == len(inputs.marks)
        sources = inputs.firsts[inputs.pairs[:, 0]]
        starts = -np.abs(np.arange(len(vectors)) - sources[:, None]).astype(np.float32)
        scores = np.repeat(vectors[sources, :1], 2, axis=1)
        return edge_scores(inputs, scores, np.zeros((len(sources), 2), np.float32), starts, starts)


def long_inputs(words: int) -> tuple[EdgeInputs, NDArray[np.float32]]:
    text = " ".join(["ERK"] * words)
    spans = np.asarray([(4 * index, 4 * index + 3) for index in range(words)], np.int32)
    mentions = [LabelledSpan(start, end, "GENE") for start, end in spans[::5].tolist()]
    cues = np.zeros(words, np.int64)
    inputs = EdgeInputs.of(text, spans, mentions, TagSet(["GENE"]), cues, np.zeros((0, 3), np.int64))
    return inputs, np.arange(words, dtype=np.float32)[:, None]


def test_a_long_text_is_judged_in_parts() -> None:
    inputs, vectors = long_inputs(2000)
    network = Recorded()
    said = judge(network, inputs, vectors)
    assert max(network.words) <= MOST_WORDS
    assert sum(network.words) < 2000 * 1.6
    assert sorted(map(tuple, said.pairs.tolist())) == sorted(map(tuple, inputs.mentions[inputs.pairs].tolist()))
    # Each pair is read where it stands, and points at words of the whole text.
    assert said.triggers[:, 0].tolist() == inputs.firsts[said.pairs[:, 0]].tolist()


def test_a_short_text_is_judged_at_once() -> None:
    network = Recorded()
    judge(network, *long_inputs(MOST_WORDS))
    assert network.words == [MOST_WORDS]


def test_triggers_are_short_and_in_the_sentences_of_both_ends() -> None:
    inputs, _ = long_inputs(30)
    sentences = np.repeat([0, 1, 2], 10)
    inputs = replace(inputs, sentences=sentences, pairs=np.asarray([[0, 1], [2, 3], [0, 2]]))
    starts, ends = np.zeros((3, 30), np.float32), np.zeros((3, 30), np.float32)
    starts[:, 2] = starts[:, 12] = 2.0
    starts[:, 25], ends[:, 26] = 9.0, 9.0  # in a sentence that no pair is in
    ends[:, 4], ends[:, 19] = 2.0, 1.0
    found = likeliest_triggers(inputs, starts, ends)
    assert found.tolist() == [[2, 4], [12, 19], [2, 4]]


def test_a_text_in_which_no_part_holds_a_pair_says_nothing() -> None:
    inputs, vectors = long_inputs(1200)
    far = np.asarray([[0, len(inputs.firsts) - 1]])
    assert judge(Recorded(), replace(inputs, pairs=far, pair_cues=np.zeros(1, np.int64)), vectors) is None


def test_pairs_of_many_mentions_cost_no_more_than_their_number() -> None:
    pairs = candidate_pairs(np.zeros(200_000, np.int64), near=2)
    assert len(pairs) == 4 * 200_000 - 6
    assert pairs[:3].tolist() == [[0, 1], [0, 2], [1, 0]]


def test_codes_of_known_pairs() -> None:
    known = np.asarray([[2, 1, 5], [0, 1, 7]])
    assert codes_of(np.asarray([[0, 1], [1, 0], [2, 1]]), known, 3).tolist() == [7, 0, 5]
    assert codes_of(np.asarray([[0, 1]]), known[:0], 3).tolist() == [0]

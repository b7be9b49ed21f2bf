"""An exported tagger reads like the one it was made from, whatever is read beside a text."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nlp.config import read_model_config
from nlp.errors import ConfigError, ModelError
from nlp.networks.graph import OnnxGraph, WordReading
from nlp.networks.inputs import Window, mark
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import Reader, Reading, read_description, scored_spans
from nlp.networks.tags import TagSet
from nlp.training.export import all_heads, export
from nlp.training.prediction import torch_scores
from nlp.types import Mention, Span
from tests.taggers import HEADS, LIMIT, random_tagger, word_vectors

TEXTS = [
    "ERK1 binds TNF-α.",
    "",
    "The drug raises the level of Ca2+ in the nucleus of the cell.",
    "MEK → ERK2",
    "the kinase binds " * 60,
    f"ERK{'1' * 90} and MEK",
]


def whole(text: str) -> list[Span]:
    return [Span(0, len(text))] if text else []


def read(folder: Path, texts: list[str], **options: object) -> list[Reading]:
    reader = Reader.open(read_model_config(folder), **options)  # type: ignore[arg-type]
    return reader(texts, [whole(text) for text in texts], [None] * len(texts))


@pytest.fixture
def unrounded(model_folder: Path, tokenizer: PieceTokenizer) -> Reader:
    """A reader with the weights that the folder's were rounded from."""
    return Reader(_Unrounded(), tokenizer, read_description(model_folder / "tagger.yaml"))


class _Unrounded:
    """A graph of the weights that the folder's were rounded from, which reads one window a run."""

    def __init__(self) -> None:
        self._scores = torch_scores(random_tagger(), "caption", bfloat16=False)

    def __call__(self, windows: Sequence[Window], head: str) -> list[NDArray[np.float32]]:
        return [reading.scores for reading in self.read(windows, head)]

    def read(self, windows: Sequence[Window], _head: str) -> list[WordReading]:
        return [WordReading(self._scores([one])[0], word_vectors(one, [2])) for one in windows]


@pytest.mark.parametrize("head", HEADS)
def test_float32_is_what_torch_gives(tokenizer: PieceTokenizer, tmp_path: Path, head: str) -> None:
    windows = [mark(pieces, tokenizer) for pieces in tokenizer([TEXTS[0], TEXTS[2], TEXTS[3]])]
    export(all_heads(random_tagger(), list(HEADS)), tmp_path / "tagger.onnx")
    ours = OnnxGraph(tmp_path / "tagger.onnx", HEADS)(windows, head)
    theirs = torch_scores(random_tagger(), head, bfloat16=False)(windows)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)


def test_int8_is_near_float32(model_folder: Path, unrounded: Reader) -> None:
    exact = unrounded(TEXTS, [whole(text) for text in TEXTS], [None] * len(TEXTS))
    pairs = list(zip(read(model_folder, TEXTS), exact, strict=True))
    near = np.concatenate([np.abs(np.exp(a.scores) - np.exp(b.scores)).max(axis=1) for a, b in pairs])
    same = np.concatenate([a.scores.argmax(axis=1) == b.scores.argmax(axis=1) for a, b in pairs])
    assert near.mean() < 0.03
    assert same.mean() > 0.95
    assert near.max() > 0  # or it was not int8 at all


def test_words_have_the_vectors_of_the_last_layer(model_folder: Path, unrounded: Reader) -> None:
    exact = unrounded(TEXTS, [whole(text) for text in TEXTS], [None] * len(TEXTS))
    for ours, theirs in zip(read(model_folder, TEXTS), exact, strict=True):
        assert len(ours.vectors) == len(ours.words)
        assert np.abs(ours.vectors - theirs.vectors).mean() < 0.1 if len(ours.words) else True


def test_chosen_layers_stand_side_by_side(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    windows = [mark(pieces, tokenizer) for pieces in tokenizer([TEXTS[0], TEXTS[2]])]
    export(all_heads(random_tagger(), list(HEADS), layers=[0, 2]), tmp_path / "tagger.onnx")
    ours = OnnxGraph(tmp_path / "tagger.onnx", HEADS).read(windows, "caption")
    theirs = [word_vectors(window, [0, 2]) for window in windows]
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.vectors, other, atol=2e-5)
        assert other.shape == (len(other), 64)


def test_a_window_depends_on_itself_alone(model_folder: Path, tokenizer: PieceTokenizer) -> None:
    windows = [mark(pieces, tokenizer) for pieces in tokenizer([TEXTS[0], TEXTS[2], TEXTS[3]])]
    graph = OnnxGraph(model_folder / "tagger.onnx", HEADS)
    for window, beside_others in zip(windows, graph(windows, "caption"), strict=True):
        (alone,) = graph([window], "caption")
        assert np.array_equal(alone, beside_others)


def test_a_reading_depends_on_its_text_alone(model_folder: Path) -> None:
    together = read(model_folder, TEXTS)
    for text, reading in zip(TEXTS, together, strict=True):
        (alone,) = read(model_folder, [text])
        assert np.array_equal(alone.scores, reading.scores)


def test_every_word_is_read_however_long_the_text(model_folder: Path) -> None:
    for text, reading in zip(TEXTS, read(model_folder, TEXTS), strict=True):
        words = [text[start:end] for start, end in reading.words]
        assert "".join(words) == "".join(text.split())
        assert reading.scores.shape == (len(words), 17)
        np.testing.assert_allclose(np.exp(reading.scores).sum(axis=1), 1, rtol=1e-5)


def test_a_long_text_reads_like_its_parts(unrounded: Reader) -> None:
    sentence = "The drug raises the level of Ca in the nucleus of the cell. "
    text = sentence * 8
    spans = [Span(start, start + len(sentence) - 1) for start in range(0, len(text), len(sentence))]
    start = sentence * (LIMIT // 14)
    reading, short = unrounded([text, start], [spans, whole(start)], [None, None])
    # The first window is what stands alone in the second text; its middle is taken as it is.
    np.testing.assert_allclose(reading.scores[:14], short.scores[:14], atol=1e-5)


def test_the_names_of_a_text_are_read(model_folder: Path) -> None:
    text = TEXTS[0]
    reader = Reader.open(read_model_config(model_folder))
    named = [Mention("T1", "GENE", 0, 4, "ERK1", 0.9)]
    unread, empty, with_name, beside = reader(
        [text, text, text, TEXTS[2]], [whole(text)] * 3 + [whole(TEXTS[2])], [None, [], named, None]
    )
    assert not np.allclose(unread.scores, empty.scores, atol=1e-3)
    assert not np.allclose(empty.scores, with_name.scores, atol=1e-3)
    assert np.array_equal(beside.scores, read(model_folder, [TEXTS[2]])[0].scores)


def test_an_unknown_device_is_named(model_folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"cpu \| cuda \| auto"):
        read(model_folder, [], device="tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_none_is_used(model_folder: Path) -> None:
    with pytest.raises(ConfigError, match="no GPU"):
        read(model_folder, [], device="cuda")
    (here,), (there,) = read(model_folder, TEXTS[:1], device="auto"), read(model_folder, TEXTS[:1])
    assert np.array_equal(here.scores, there.scores)


def test_a_reader_survives_pickling(model_folder: Path) -> None:
    reader = Reader.open(read_model_config(model_folder))
    (ours,) = reader([TEXTS[2]], [whole(TEXTS[2])], [None])
    (theirs,) = pickle.loads(pickle.dumps(reader))([TEXTS[2]], [whole(TEXTS[2])], [None])  # noqa: S301 — our own
    assert np.array_equal(ours.scores, theirs.scores)


def test_a_graph_of_other_heads_is_refused(model_folder: Path) -> None:
    with pytest.raises(ModelError, match="does not fit its description"):
        OnnxGraph(model_folder / "tagger.onnx", {"caption": TagSet(["GENE"])})


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tagger.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"tagger\.onnx: not a graph"):
        OnnxGraph(tmp_path / "tagger.onnx", HEADS)


def test_a_head_that_is_not_there_is_named(model_folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"caption \| other"):
        read(model_folder, [], head="third")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "limit: 64",
        "{limit: x, encoder: {}, heads: {a: [B]}}",
        "{limit: 64, encoder: {}, heads: [a]}",
        "{limit: 64, heads: {a: [B]}}",
    ],
)
def test_a_description_is_checked(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tagger.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"tagger\.yaml"):
        read_description(path)


@pytest.mark.parametrize("file", ["tagger.onnx", "tagger.safetensors"])
def test_a_folder_without_tagger_is_no_tagger(model_folder: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    (folder / file).unlink()
    with pytest.raises(ModelError, match="missing"):
        Reader.open(read_model_config(folder))


TAGS = TagSet(["GENE", "CHEMICAL"])


def test_a_spans_score_is_how_probable_its_words_are() -> None:
    probabilities = np.full((3, 5), 0.025, np.float32)
    probabilities[0, 1] = probabilities[1, 2] = probabilities[2, 0] = 0.9
    reading = Reading(np.asarray([(0, 3), (4, 7), (8, 9)], np.int32), np.log(probabilities))
    (only,) = scored_spans(reading, TAGS)
    assert (only.span, only.label) == (Span(0, 7), "GENE")
    assert only.score == pytest.approx(0.9 * 0.9 * 0.975, rel=1e-4)
    (unsure,) = scored_spans(reading, TAGS, temperature=2.0)
    assert unsure.span == only.span
    assert unsure.score < only.score

"""A tagger on a GPU: tested on the CPU, which torch runs the same way, and on a GPU where there is one."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nlp import Pipeline
from nlp.errors import ModelError
from nlp.networks.graph import OnnxGraph
from nlp.networks.inputs import Window, mark
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import read_description
from nlp.networks.tags import LabelledSpan
from nlp.networks.torch_graph import TorchGraph, read_weights
from nlp.training.export import all_heads
from nlp.training.scores import strict
from tests.taggers import HEADS, WORDS, random_tagger

_MIXED = WORDS.replace("##", "").split() * 5
TEXTS = [
    "ERK1 binds TNF-α.",
    "The drug raises the level of Ca2+ in the nucleus of the cell.",
    "MEK → ERK2",
    *(" ".join(_MIXED[start : start + 13]) for start in range(0, len(_MIXED), 13)),
]


@pytest.fixture
def windows(tokenizer: PieceTokenizer) -> list[Window]:
    return [mark(pieces, tokenizer) for pieces in tokenizer(TEXTS)]


def open_graph(folder: Path, device: str = "cpu") -> TorchGraph:
    description = read_description(folder / "tagger.yaml")
    return TorchGraph(folder / "tagger.safetensors", description.encoder, description.heads, device=device)


def test_weights_are_those_that_were_rounded(model_folder: Path) -> None:
    weights, exact = read_weights(model_folder / "tagger.safetensors"), all_heads(random_tagger(), list(HEADS))
    assert weights.keys() == exact.state_dict().keys()
    for name, value in exact.state_dict().items():
        step = value.abs().amax(-1, keepdim=True) / 127
        assert bool(((weights[name] - value).abs() <= 0.51 * step).all()), name
    assert not torch.equal(weights["head.weight"], exact.head.weight)


def test_both_graphs_find_the_same(model_folder: Path, tokenizer: PieceTokenizer, windows: list[Window]) -> None:
    """As is asked of the trained tagger, but for one that is less sure of itself."""
    ours = open_graph(model_folder)(windows, "caption")
    theirs = OnnxGraph(model_folder / "tagger.onnx", HEADS)(windows, "caption")
    pieces = tokenizer(TEXTS)
    assert max(np.abs(np.exp(a) - np.exp(b)).max() for a, b in zip(ours, theirs, strict=True)) < 0.1
    found: list[list[list[LabelledSpan]]] = [
        [HEADS["caption"].decode(own.spans, scores) for own, scores in zip(pieces, graph, strict=True)]
        for graph in (ours, theirs)
    ]
    score = strict(*found)[""]
    assert score.gold > 50
    assert score.f1 > 0.95


@pytest.mark.parametrize("head", HEADS)
def test_neighbours_change_nothing_but_rounding(model_folder: Path, windows: list[Window], head: str) -> None:
    graph = open_graph(model_folder)
    for window, beside_others in zip(windows, graph(windows, head), strict=True):
        (alone,) = graph([window], head)
        np.testing.assert_allclose(alone, beside_others, atol=1e-4)


def test_windows_come_back_in_order_in_batches(
    model_folder: Path, windows: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = open_graph(model_folder)
    together = graph(windows, "caption")
    monkeypatch.setattr("nlp.networks.torch_graph.BUDGET", 40)
    for one, other in zip(together, graph(windows, "caption"), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert graph([], "caption") == []


def test_it_survives_pickling(model_folder: Path, windows: list[Window]) -> None:
    graph = open_graph(model_folder)
    again = pickle.loads(pickle.dumps(graph))  # noqa: S301 — our own
    assert np.array_equal(graph(windows[:1], "other")[0], again(windows[:1], "other")[0])


def test_what_are_no_weights_is_refused(model_folder: Path, tmp_path: Path) -> None:
    description = read_description(model_folder / "tagger.yaml")
    path = tmp_path / "tagger.safetensors"
    for content in (b"", b"no weights at all"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"tagger\.safetensors: weights do not fit"):
            TorchGraph(path, description.encoder, HEADS, device="cpu")


def test_weights_of_other_heads_or_sizes_are_refused(model_folder: Path, tmp_path: Path) -> None:
    description = read_description(model_folder / "tagger.yaml")
    path = model_folder / "tagger.safetensors"
    with pytest.raises(ModelError, match="size mismatch"):
        TorchGraph(path, description.encoder, {"other": HEADS["other"]}, device="cpu")
    with pytest.raises(ModelError, match="size mismatch"):
        TorchGraph(path, {**description.encoder, "inner": 32}, HEADS, device="cpu")
    with pytest.raises(ModelError, match="weights do not fit"):
        TorchGraph(path, {}, HEADS, device="cpu")
    tensors = load_file(path)
    del tensors["head.weight_scale"]
    save_file(tensors, tmp_path / "without.safetensors")
    with pytest.raises(ModelError, match=r"head\.weight_scale"):
        TorchGraph(tmp_path / "without.safetensors", description.encoder, HEADS, device="cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_pipeline_runs_on_a_gpu(model_folder: Path) -> None:
    ours, theirs = (Pipeline.load(model_folder, device=device) for device in ("cuda", "cpu"))
    found = [
        [
            [LabelledSpan(item.start, item.end, item.type) for item in document.mentions]
            for document in pipe.stream(TEXTS)
        ]
        for pipe in (ours, theirs)
    ]
    assert strict(*found)[""].f1 > 0.95

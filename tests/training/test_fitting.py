"""How a checkpoint is read, and how what the lexicon weighs is chosen."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from tests.conftest import REPOSITORY
from tests.taggers import write_tokenizer

CONFIG = {
    "encoder": {"width": 24, "inner": 32, "layers": 1, "heads": 2, "positions": 64},
    "corpora": {"Small": {"covers": ["GENE"], "types": {"Protein": ["GENE"]}}},
}


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    yield
    for name in set(sys.modules) - known:
        if name.partition(".")[0] in ("mention_model", "export"):
            del sys.modules[name]


@pytest.fixture
def script() -> ModuleType:
    import export

    return export


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    folder = tmp_path / "prepared"
    folder.mkdir()
    write_tokenizer(folder / "tokenizer.json")
    (folder / "data.json").write_text(json.dumps({"config": CONFIG, "files": {}}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("relations", [{}, {"caption": 3, "events": 5}])
def test_a_checkpoint_is_read_in_any_precision(prepared: Path, tmp_path: Path, relations: dict[str, int]) -> None:
    from mention_model.checkpoints import load_checkpoint
    from mention_model.models import build_model, heads

    from nlp.networks.pieces import PieceTokenizer

    torch.manual_seed(1)
    size = len(PieceTokenizer(prepared / "tokenizer.json"))
    weights = build_model(CONFIG, heads(CONFIG), size, relations).state_dict()
    (tmp_path / "checkpoint").mkdir()
    save_file(weights, tmp_path / "checkpoint" / "average.safetensors")
    save_file({name: value.bfloat16() for name, value in weights.items()}, tmp_path / "half.safetensors")
    whole, half = (
        load_checkpoint(tmp_path / name, CONFIG, prepared).state_dict() for name in ("checkpoint", "half.safetensors")
    )
    assert whole.keys() == weights.keys()
    assert all(torch.equal(whole[name], value) for name, value in weights.items())
    assert all(half[name].dtype == torch.float32 for name in weights)
    assert all(torch.allclose(half[name], value, rtol=0.01, atol=1e-6) for name, value in weights.items())


def test_the_weights_of_a_model_folder_are_a_checkpoint_too(prepared: Path, tmp_path: Path) -> None:
    from mention_model.checkpoints import load_checkpoint
    from mention_model.models import build_model, heads

    from nlp.networks.pieces import PieceTokenizer
    from nlp.training.export import all_heads, export_int8

    torch.manual_seed(1)
    model = build_model(CONFIG, heads(CONFIG), len(PieceTokenizer(prepared / "tokenizer.json")), {})
    weights = tmp_path / "tagger.safetensors"
    export_int8(all_heads(model.tagger, list(heads(CONFIG))), tmp_path / "tagger.onnx", weights)
    found = load_checkpoint(weights, CONFIG, prepared).state_dict()
    assert found.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.allclose(found[name], value, atol=float(value.abs().max()) / 120 + 1e-6), name


def test_what_was_read_is_found_beside_the_checkpoint_or_the_texts(prepared: Path, tmp_path: Path) -> None:
    from mention_model.checkpoints import read_run

    checkpoint = tmp_path / "run" / "checkpoint-1"
    checkpoint.mkdir(parents=True)
    assert read_run(checkpoint, prepared) == {"config": CONFIG, "files": {}}
    (checkpoint / "progress.json").write_text('{"step": 1, "pieces": 9, "seconds": 3}', encoding="utf-8")
    (checkpoint.parent / "data.json").write_text('{"config": {}}', encoding="utf-8")
    assert read_run(checkpoint, prepared) == {"config": {}, "checkpoint": {"step": 1, "pieces": 9}}


class Counted:
    """Captions whose F1 by weights is known: twice the right mentions of ten on both sides."""

    def __init__(self, right: dict[tuple[float, float], list[int]]) -> None:
        self._right = right

    def counts(self, weights: tuple[float, float]) -> NDArray[np.int64]:
        return np.asarray([(2 * right, 10) for right in self._right.get(weights, [0, 0, 0, 0])])


def test_weights_that_help_on_other_captions_are_kept(script: ModuleType) -> None:
    judged = Counted({(0.0, 0.0): [2, 2, 2, 2], (1.0, 0.5): [4, 4, 4, 4], (2.0, 0.5): [4, 4, 4, 4]})
    assert script.fit_weights(judged) == ((1.0, 0.5), {"plain": 0.4, "crossed": 0.8})


def test_weights_that_fit_their_own_captions_only_are_not(script: ModuleType) -> None:
    judged = Counted({(0.0, 0.0): [2, 2, 2, 2], (1.0, 0.0): [5, 1, 5, 1], (0.0, 1.0): [1, 4, 1, 4]})
    assert script.fit_weights(judged) == ((0.0, 0.0), {"plain": 0.4, "crossed": 0.2})

"""Trained models as a run leaves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor, nn

from mention_model.models import build_model, edge_sizes, heads
from nlp.networks.joint import JointModel
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import WEIGHTS_FILE
from nlp.networks.torch_graph import read_weights

_EDGE_HEAD = "edges.heads.", ".bias"


def averaged(path: Path) -> Path:
    """The file of averaged weights of a checkpoint's folder, or the file itself."""
    return path / "average.safetensors" if path.is_dir() else path


def checkpoint_weights(path: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint in float32, by their names in a ``JointModel``.

    Args:
        path: a checkpoint's folder, a file of its averaged weights, in float32 or half precision, or
            ``tagger.safetensors`` of a model folder, in int8.
        config: of the run.
    """
    weights = of_model_folder(path, config) if path.name == WEIGHTS_FILE else load_file(averaged(path))
    return {name: value.float() for name, value in weights.items()}


def begin_with(model: nn.Module, weights: Mapping[str, Tensor]) -> list[str]:
    """Take what fits of other weights, and say what."""
    own = model.state_dict()
    fitting = {name: value for name, value in weights.items() if name in own and own[name].shape == value.shape}
    model.load_state_dict({**own, **fitting})
    return sorted(fitting)


def load_checkpoint(path: Path, config: Mapping[str, Any], prepared: Path) -> JointModel:
    """The averaged model of a checkpoint, in float32.

    Args:
        path: as ``checkpoint_weights`` takes it.
        config: of the run.
        prepared: the folder of prepared texts that the run read.
    """
    weights = checkpoint_weights(path, config)
    start, end = _EDGE_HEAD
    relations = {
        name.removeprefix(start).removesuffix(end): len(bias) - 1
        for name, bias in weights.items()
        if name.startswith(start) and name.endswith(end)
    }
    tag_sets = heads(config)
    data = json.loads((prepared / "data.json").read_text(encoding="utf-8"))
    edges = edge_sizes(config, tag_sets, data)
    model = build_model(config, tag_sets, len(PieceTokenizer(prepared / "tokenizer.json")), relations, edges)
    model.load_state_dict(weights)
    return model.eval()


def read_run(checkpoint: Path, prepared: Path) -> dict[str, Any]:
    """What a run read, with its configuration: from ``data.json`` beside the checkpoint, else of the prepared texts.

    ``checkpoint`` gets its step, where the checkpoint says it.
    """
    own = checkpoint.parent / "data.json"
    run: dict[str, Any] = json.loads((own if own.exists() else prepared / "data.json").read_text(encoding="utf-8"))
    progress = checkpoint / "progress.json"
    if progress.exists():
        document = json.loads(progress.read_text(encoding="utf-8"))
        run["checkpoint"] = {key: document[key] for key in ("step", "pieces") if key in document}
    return run


def of_model_folder(path: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tagger of a model folder as a checkpoint names it: a head for each label set, in the order of ``config``."""
    weights = read_weights(path)
    tag_sets = heads(config)
    sizes = list(map(len, tag_sets.values()))
    parts = {kind: weights.pop(f"head.{kind}").split(sizes) for kind in ("weight", "bias")}
    split = {f"heads.{name}.{kind}": own[at] for kind, own in parts.items() for at, name in enumerate(tag_sets)}
    return {f"tagger.{name}": value for name, value in {**weights, **split}.items()}

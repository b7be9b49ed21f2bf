"""Trained models as a run leaves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

from mention_model.models import build_model, heads
from nlp.networks.joint import JointModel
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import WEIGHTS_FILE
from nlp.networks.torch_graph import read_weights

_EDGE_HEAD = "edges.heads.", ".bias"


def load_checkpoint(path: Path, config: Mapping[str, Any], prepared: Path) -> JointModel:
    """The averaged model of a checkpoint, in float32.

    Args:
        path: a checkpoint's folder, a file of its averaged weights, in float32 or half precision, or
            ``tagger.safetensors`` of a model folder, in int8.
        config: of the run.
        prepared: the folder of prepared texts that the run read.
    """
    weights = of_model_folder(path, config) if path.name == WEIGHTS_FILE else _load(path)
    start, end = _EDGE_HEAD
    relations = {
        name.removeprefix(start).removesuffix(end): len(bias) - 1
        for name, bias in weights.items()
        if name.startswith(start) and name.endswith(end)
    }
    model = build_model(config, heads(config), len(PieceTokenizer(prepared / "tokenizer.json")), relations)
    model.load_state_dict({name: value.float() for name, value in weights.items()})
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


def edge_weights(path: Path) -> dict[str, Tensor]:
    """The weights of the relation network in a checkpoint, a folder or a file of averaged weights, in float32."""
    weights = _load(path)
    own = {name: value.float() for name, value in weights.items() if name.startswith("edges.")}
    return {name.removeprefix("edges."): value for name, value in own.items()}


def of_model_folder(path: Path, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tagger of a model folder as a checkpoint names it: a head for each label set, in the order of ``config``."""
    weights = read_weights(path)
    tag_sets = heads(config)
    sizes = list(map(len, tag_sets.values()))
    parts = {kind: weights.pop(f"head.{kind}").split(sizes) for kind in ("weight", "bias")}
    split = {f"heads.{name}.{kind}": own[at] for kind, own in parts.items() for at, name in enumerate(tag_sets)}
    return {f"tagger.{name}": value for name, value in {**weights, **split}.items()}


def _load(path: Path) -> dict[str, Tensor]:
    return load_file(path / "average.safetensors" if path.is_dir() else path)

"""Weights of foreign checkpoints: BERT encoders as Hugging Face Transformers names their tensors."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from nlp.config import fingerprint
from nlp.errors import Location, ModelError
from nlp.networks.encoder import Encoder


def load_bert(encoder: Encoder, path: Path, *, expected_sha256: str) -> None:
    """Fill ``encoder`` from a BERT checkpoint in safetensors; its shape tables stay as they are.

    The token-type embedding, the same for every piece here, is added to the positions.

    Raises:
        ModelError: if the file is not the one expected, or lacks a tensor.
    """
    found = fingerprint(path)
    if found != expected_sha256:
        raise ModelError(
            "not the checkpoint expected", expected=expected_sha256, found=found, where=Location(str(path))
        )
    tensors = {name.removeprefix("bert."): tensor.float() for name, tensor in load_file(path).items()}
    state = dict(encoder.state_dict())
    try:
        state.update(_rename(tensors, encoder.config.layers))
    except KeyError as error:
        raise ModelError("a tensor is missing", expected=str(error), where=Location(str(path))) from None
    encoder.load_state_dict(state)


def _rename(tensors: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    kind = tensors["embeddings.token_type_embeddings.weight"][0]
    renamed = {
        "embeddings.pieces.weight": tensors["embeddings.word_embeddings.weight"],
        "embeddings.positions.weight": tensors["embeddings.position_embeddings.weight"] + kind,
        "embeddings.norm.weight": tensors["embeddings.LayerNorm.weight"],
        "embeddings.norm.bias": tensors["embeddings.LayerNorm.bias"],
    }
    parts = {
        "attention_output": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "output": "output.dense",
        "output_norm": "output.LayerNorm",
    }
    for index in range(layers):
        theirs, ours = f"encoder.layer.{index}", f"layers.{index}"
        for kind_of in ("weight", "bias"):
            renamed[f"{ours}.query_key_value.{kind_of}"] = torch.cat(
                [tensors[f"{theirs}.attention.self.{part}.{kind_of}"] for part in ("query", "key", "value")]
            )
            for our_part, their_part in parts.items():
                renamed[f"{ours}.{our_part}.{kind_of}"] = tensors[f"{theirs}.{their_part}.{kind_of}"]
    return renamed

"""Encoders to start from: the pretrained one for any vocabulary, and files of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from mention_model.models import pretrained
from nlp.networks._hf import load_bert
from nlp.networks.encoder import Encoder
from nlp.networks.pieces import PieceTokenizer


def load_pretrained(encoder: Encoder, config: Mapping[str, Any], tokenizer: PieceTokenizer) -> None:
    """Fill an encoder from the pretrained one.

    A piece of its vocabulary keeps its vector; a word that the vocabulary of ``tokenizer`` has as one piece, and theirs
    as several, begins as the mean of them.
    """
    folder = pretrained()
    theirs = PieceTokenizer(folder / "tokenizer.json")
    whole = Encoder(replace(encoder.config, vocabulary=len(theirs), shapes=()))
    load_bert(whole, folder / "model.safetensors", expected_sha256=config["checkpoint_sha256"])
    vectors = whole.embeddings.pieces.weight.detach()
    rows = [vectors[ids].mean(0) for ids in _in_their_pieces(tokenizer, theirs)]
    state = {name: value for name, value in whole.state_dict().items() if name in encoder.state_dict()}
    encoder.load_state_dict({**encoder.state_dict(), **state, "embeddings.pieces.weight": torch.stack(rows)})


def save_encoder(encoder: nn.Module, path: Path) -> None:
    """Write an encoder's weights, in half precision."""
    state = {name: value.detach().cpu().bfloat16().contiguous() for name, value in encoder.state_dict().items()}
    save_file(state, path)


def load_encoder(encoder: Encoder, path: Path) -> None:
    """Fill an encoder from a file that ``save_encoder`` wrote."""
    state: dict[str, Tensor] = {name: value.float() for name, value in load_file(path).items()}
    encoder.load_state_dict(state)


def _in_their_pieces(tokenizer: PieceTokenizer, theirs: PieceTokenizer) -> list[list[int]]:
    known = theirs.vocabulary()
    pieces = sorted(tokenizer.vocabulary().items(), key=lambda item: item[1])
    return [
        [known[piece]] if piece in known else theirs([piece.removeprefix("##")])[0].ids.tolist() for piece, _ in pieces
    ]

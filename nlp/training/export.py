"""A trained tagger as ONNX: in float32, and in int8 with scales found at run time (dynamic quantisation)."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from nlp.networks.graph import INPUTS, OUTPUT
from nlp.networks.tagger import MentionTagger

OPSET = 17


class AllHeads(nn.Module):
    """A tagger that gives the scores of all heads side by side, in the order of ``names``."""

    def __init__(self, model: MentionTagger, names: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        heads = [cast("nn.Linear", model.heads[name]) for name in names]
        weights = torch.cat([head.weight.detach() for head in heads])
        biases = torch.cat([head.bias.detach() for head in heads])
        self.head = nn.Linear(weights.shape[1], weights.shape[0])
        """(tags of all heads, width)"""
        self.head.load_state_dict({"weight": weights, "bias": biases})

    def forward(self, ids: Tensor, shapes: Tensor, mask: Tensor, firsts: Tensor) -> Tensor:
        """(words, tags of all heads); arguments as in ``MentionTagger.words``."""
        return self.head(self.model.words(ids, shapes, mask, firsts))  # type: ignore[no-any-return]


def export(model: MentionTagger, names: Sequence[str], path: Path) -> None:
    """Write the float32 graph; batch, length and number of words stay free.

    Args:
        model: what to write.
        names: the heads, in the order in which their tags stand in the output.
        path: where to write.
    """
    tables = len(model.encoder.config.shapes)
    example = (
        torch.ones(2, 8, dtype=torch.int64),
        torch.ones(2, 8, tables, dtype=torch.int64),
        torch.ones(2, 8, dtype=torch.bool),
        torch.tensor([1, 3, 4, 9, 12]),
    )
    free = {
        name: {0: "words"} if name in ("firsts", OUTPUT) else {0: "batch", 1: "length"} for name in (*INPUTS, OUTPUT)
    }
    with torch.inference_mode(), warnings.catch_warnings():
        # The newer exporter needs a package more, and gives the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            AllHeads(model, names).eval(),
            example,
            str(path),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(path: Path, target: Path) -> None:
    """Write the int8 graph: products by weights, with a scale for each column, and the tables of embeddings."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().addFilter(_no_advice)
    try:
        quantize_dynamic(
            path, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"]
        )
    finally:
        logging.getLogger().removeFilter(_no_advice)


def _no_advice(record: logging.LogRecord) -> bool:
    """Leaves out the advice to optimise before: a graph of these few operations has nothing to fold."""
    return "pre-processing before quantization" not in record.getMessage()

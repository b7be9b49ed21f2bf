"""A trained tagger as a file of weights, and as a graph over it that ONNX Runtime runs in int8.

Tables of embeddings are rounded row by row. Weights of products are rounded with a scale for each output, and what they
are multiplied with as it comes (dynamic quantisation). The graph holds no weights: it says where in the other file, a
safetensors file, the bytes of each are.
"""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import save
from torch import Tensor, nn

from nlp.networks.graph import INPUTS, OUTPUT, VECTORS
from nlp.networks.tagger import MentionTagger
from nlp.networks.torch_graph import SCALES, AllHeads

OPSET: Final = 17
_PIECES: Final = "encoder.embeddings.pieces.weight"


class RoundedTable(nn.Module):
    """An embedding whose rows are held in int8, each with its scale.

    Attributes:
        values: (rows, width) int8
        scales: (rows, 1) float32
    """

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scales = weight.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
        self.values = nn.Parameter((weight / scales).round().to(torch.int8), requires_grad=False)
        self.scales = nn.Parameter(scales, requires_grad=False)

    def forward(self, ids: Tensor) -> Tensor:
        """(…, width) rows for ``ids`` (…)."""
        return self.values[ids].float() * self.scales[ids]


def all_heads(model: MentionTagger, names: Sequence[str], layers: Sequence[int] = ()) -> AllHeads:
    """A tagger's encoder and its heads side by side, in the order of ``names``; ``layers`` as in ``AllHeads``."""
    heads = [cast("nn.Linear", model.heads[name]) for name in names]
    whole = AllHeads(copy.deepcopy(model.encoder), sum(head.out_features for head in heads), layers)
    weights = torch.cat([head.weight.detach() for head in heads])
    whole.head.load_state_dict({"weight": weights, "bias": torch.cat([head.bias.detach() for head in heads])})
    return whole.float().cpu().eval()


class OneWindow(nn.Module):
    """A tagger for windows without padding, for export.

    Args:
        model: what to read with.
    """

    def __init__(self, model: AllHeads) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, shapes: Tensor, firsts: Tensor) -> tuple[Tensor, Tensor]:
        """As ``AllHeads``, with nothing masked."""
        return self.model(ids, shapes, None, firsts)  # type: ignore[no-any-return]


def export(model: AllHeads, path: Path) -> None:
    """Write the float32 graph with its weights in it; batch, length and number of words stay free.

    Args:
        model: what to write.
        path: where to write.
    """
    tables = len(model.encoder.config.shapes)
    example = (
        torch.ones(2, 8, dtype=torch.int64),
        torch.ones(2, 8, tables, dtype=torch.int64),
        torch.tensor([1, 3, 4, 9, 12]),
    )
    free = {
        name: {0: "words"} if name in ("firsts", OUTPUT, VECTORS) else {0: "batch", 1: "length"}
        for name in (*INPUTS, OUTPUT, VECTORS)
    }
    write_graph(OneWindow(model), example, path, inputs=INPUTS, outputs=(OUTPUT, VECTORS), free=free)


def write_graph(
    model: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    free: Mapping[str, Mapping[int, str]],
) -> None:
    """Write a module as a graph.

    Args:
        model: what to write.
        example: of its arguments.
        path: where to write.
        inputs: names of its arguments.
        outputs: names of what it returns.
        free: for each of these the axes whose length is not that of the example, and what they are called.
    """
    with torch.inference_mode(), warnings.catch_warnings():
        # The newer exporter needs a package more, and gives the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model,
            example,
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def export_int8(model: AllHeads, graph: Path, weights: Path) -> None:
    """Write the int8 graph, and beside it the file of weights that it and ``nlp.networks.torch_graph`` read.

    Args:
        model: what to write.
        graph: where to write the graph.
        weights: where to write the weights, in the same folder.
    """
    table = RoundedTable(model.encoder.embeddings.pieces.weight.detach())
    rounded = copy.deepcopy(model)
    rounded.encoder.embeddings.pieces = table  # type: ignore[assignment]
    state = {name: value.detach() for name, value in rounded.state_dict().items()}
    products = {
        f"{name}.weight": state[f"{name}.weight"].T.numpy()
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    }
    with TemporaryDirectory() as temporary:
        full, small = Path(temporary) / "full.onnx", Path(temporary) / "int8.onnx"
        export(rounded, full)
        named = onnx.load(full)
        _name(named.graph, products)
        onnx.save(named, full)
        quantise(full, small)
        quantised = onnx.load(small)
    found = {item.name: numpy_helper.to_array(item) for item in quantised.graph.initializer}
    tensors: dict[str, NDArray[Any]] = {
        name: value.numpy() for name, value in state.items() if not name.startswith(_PIECES.removesuffix("weight"))
    }
    tensors |= {_PIECES: table.values.numpy(), _PIECES + SCALES: table.scales.numpy()}
    for name in products:
        tensors |= {name: found[f"{name}_quantized"], name + SCALES: found[f"{name}_scale"]}
    weights.write_bytes(save({name: np.ascontiguousarray(value) for name, value in tensors.items()}))
    _refer(quantised.graph, weights)
    onnx.save(quantised, graph)


def quantise(path: Path, target: Path) -> None:
    """Write a graph with its products in int8, with a scale for each column of weights."""
    logging.getLogger().addFilter(_no_advice)
    try:
        quantize_dynamic(path, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    finally:
        logging.getLogger().removeFilter(_no_advice)


def _name(graph: Any, products: Mapping[str, NDArray[np.float32]]) -> None:
    """Give the weights of products their names, which the exporter replaces by numbers."""
    names = {value.tobytes(): name for name, value in products.items()}
    renamed = {}
    for item in graph.initializer:
        name = names.get(numpy_helper.to_array(item).tobytes())
        if name is not None:
            renamed[item.name] = item.name = name
    if len(renamed) != len(products):
        raise AssertionError(f"{len(products)} products, but {len(renamed)} of them in the graph")
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]


def _refer(graph: Any, weights: Path) -> None:
    """Replace what a graph holds of a safetensors file by where in the file it is."""
    content = weights.read_bytes()
    size = int.from_bytes(content[:8], "little")
    places = {}
    for name, entry in json.loads(content[8 : 8 + size]).items():
        if name != "__metadata__":
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            places[entry["dtype"], tuple(entry["shape"]), content[start:end]] = start
    kinds = {onnx.TensorProto.FLOAT: "F32", onnx.TensorProto.INT8: "I8"}
    for item in graph.initializer:
        raw = numpy_helper.to_array(item).tobytes()
        start = places.get((kinds.get(item.data_type), tuple(item.dims), raw))
        if start is not None:
            for field in ("raw_data", "float_data", "int32_data"):
                item.ClearField(field)
            item.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", weights.name), ("offset", start), ("length", len(raw))):
                item.external_data.add(key=key, value=str(value))


def _no_advice(record: logging.LogRecord) -> bool:
    """Leaves out the advice to optimise before: a graph of these few operations has nothing to fold."""
    return "pre-processing before quantization" not in record.getMessage()

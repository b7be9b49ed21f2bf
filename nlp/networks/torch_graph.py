"""An exported tagger, run by torch: on a GPU, with the same weights as on the CPU.

The file of weights is the one that the graph of ``nlp.networks.graph`` refers to. What it holds in int8 becomes float32
again, and products are computed in it, so a result differs from that of the CPU by what rounding left sides to int8
changes there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from nlp.errors import Location, ModelError
from nlp.networks.encoder import Encoder, EncoderConfig
from nlp.networks.graph import WordReading, columns, log_softmax
from nlp.networks.inputs import Window, batches, pad
from nlp.networks.tags import TagSet

BUDGET: Final = 16384
"""Pieces in a batch, padding included."""
SCALES: Final = "_scale"
"""What the name of a tensor's scales adds to its own."""


class AllHeads(nn.Module):
    """An encoder, the tags of all heads side by side, and the vectors of words.

    Args:
        tags: of all heads.
        layers: whose vectors of a word, joined, are given as its vector; none for the last.
    """

    def __init__(self, encoder: Encoder, tags: int, layers: Sequence[int] = ()) -> None:
        super().__init__()
        self.encoder = encoder
        self.layers = tuple(layers) or (encoder.config.layers,)
        self.head = nn.Linear(encoder.config.width, tags)
        """(tags of all heads, width)"""

    def forward(self, ids: Tensor, shapes: Tensor, mask: Tensor | None, firsts: Tensor) -> tuple[Tensor, Tensor]:
        """(words, tags of all heads) scores, and (words, width of the chosen layers together) vectors.

        Arguments are as in ``nlp.networks.tagger.MentionTagger.words``.
        """
        states = self.encoder.states(ids, shapes, mask)
        words = states[-1].flatten(0, 1)[firsts]
        scores = self.head(words[None])[0]  # batched, for a graph of products alone
        return scores, torch.cat([states[layer].flatten(0, 1)[firsts] for layer in self.layers], dim=-1)


class TorchGraph:
    """A tagger in float32, which reads windows of like length together.

    What stands beside a window in a batch changes its scores by rounding alone.

    Args:
        path: the file of weights.
        encoder: sizes of the encoder, as ``nlp.networks.encoder.EncoderConfig`` takes them.
        heads: tags of each head, in the order of the file.
        layers: whose vectors of a word are given; none for the last.
        device: where to compute.

    Raises:
        ModelError: if the file is no file of weights, or is one of other sizes or heads.
    """

    def __init__(
        self,
        path: Path,
        encoder: Mapping[str, Any],
        heads: Mapping[str, TagSet],
        layers: Sequence[int] = (),
        *,
        device: str,
    ) -> None:
        self._arguments = (path, dict(encoder), dict(heads), tuple(layers), device)
        self._columns = columns(heads)
        self._device = torch.device(device)
        try:
            config = EncoderConfig(**{**encoder, "shapes": tuple(encoder["shapes"])})
            self._model = AllHeads(Encoder(config), sum(map(len, heads.values())), layers).eval()
            self._model.load_state_dict(read_weights(path))
        except (SafetensorError, OSError, RuntimeError, TypeError, KeyError) as error:
            raise ModelError(
                "weights do not fit their description", found=str(error), where=Location(str(path))
            ) from error
        self._model.to(self._device)

    def __reduce__(self) -> tuple[object, ...]:
        return (_reopen, self._arguments)

    def __call__(self, windows: Sequence[Window], head: str) -> list[NDArray[np.float32]]:
        """See ``nlp.networks.graph.Graph``."""
        return [scores for scores, _ in self.read(windows, head)]

    @torch.inference_mode()
    def read(self, windows: Sequence[Window], head: str) -> list[WordReading]:
        """See ``nlp.networks.graph.WordGraph``."""
        rows: dict[int, WordReading] = {}
        for batch in batches(list(map(len, windows)), BUDGET):
            chosen = [windows[index] for index in batch]
            padded = pad(chosen)
            inputs = (padded.ids, padded.shapes, padded.mask, padded.firsts)
            scores, vectors = self._model(*(torch.from_numpy(value).to(self._device) for value in inputs))
            own = log_softmax(scores[:, self._columns[head]].cpu().numpy())
            ends = np.cumsum([len(window.firsts) for window in chosen])[:-1]
            split = np.split(own, ends), np.split(vectors.cpu().numpy(), ends)
            rows.update(zip(batch, map(WordReading, *split), strict=True))
        return [rows[index] for index in range(len(windows))]


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of weights, all in float32 and laid as torch has them.

    In int8 the tables of embeddings have a scale for each row; the weights of products stand as (inputs, outputs), with
    a scale for each output.
    """
    tensors = load_file(path)
    weights = {}
    for name, value in tensors.items():
        if name.endswith(SCALES):
            continue
        if value.dtype == torch.int8:
            scales = tensors[name + SCALES]
            value = value.float() * scales
            value = value.T.contiguous() if scales.ndim == 1 else value
        weights[name] = value
    return weights


def _reopen(
    path: Path, encoder: Mapping[str, Any], heads: Mapping[str, TagSet], layers: Sequence[int], device: str
) -> TorchGraph:
    return TorchGraph(path, encoder, heads, layers, device=device)

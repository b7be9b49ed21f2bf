"""Checkpoints that a run can go on from: safetensors and JSON, nothing that executes code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from nlp.errors import Location, ModelError

_CUDA_RANDOM: Final = "cuda_random"


class Average:
    """Exponential moving average of a module's parameters.

    Args:
        decay: weight of the past; the first steps weigh it less, so that the start is forgotten.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._decay = decay
        self.values = {name: value.detach().clone() for name, value in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move towards ``module`` as it is after ``step`` steps."""
        weight = 1.0 - min(self._decay, (1 + step) / (10 + step))
        theirs = dict(module.named_parameters())
        torch._foreach_lerp_(list(self.values.values()), [theirs[name] for name in self.values], weight)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was read from a checkpoint folder; ``progress`` is whatever JSON the run put into it."""

    weights: dict[str, Tensor]
    average: dict[str, Tensor]
    moments: dict[str, Tensor]
    progress: dict[str, Any]


def save(folder: Path, module: nn.Module, average: Average, optimizer: Optimizer, progress: Mapping[str, Any]) -> None:
    """Write a checkpoint; the folder appears only once it is complete."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file(
        {name: value.detach().contiguous() for name, value in module.named_parameters()}, partial / "model.safetensors"
    )
    save_file({name: value.contiguous() for name, value in average.values.items()}, partial / "average.safetensors")
    names = {id(value): name for name, value in module.named_parameters()}
    moments = {
        f"{kind}/{names[id(parameter)]}": torch.as_tensor(value).contiguous()
        for parameter, state in optimizer.state.items()
        for kind, value in state.items()
    }
    random = {"random": torch.get_rng_state()}
    if (device := next(module.parameters()).device).type == "cuda":
        random[_CUDA_RANDOM] = torch.cuda.get_rng_state(device)
    save_file({**moments, **random}, partial / "optimizer.safetensors")
    (partial / "progress.json").write_text(json.dumps(dict(progress), indent=1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        ModelError: if the folder is not a complete checkpoint.
    """
    try:
        return Checkpoint(
            load_file(folder / "model.safetensors"),
            load_file(folder / "average.safetensors"),
            load_file(folder / "optimizer.safetensors"),
            json.loads((folder / "progress.json").read_text(encoding="utf-8")),
        )
    except FileNotFoundError as error:
        raise ModelError("not a checkpoint", expected=str(error.filename), where=Location(str(folder))) from None


def restore(checkpoint: Checkpoint, module: nn.Module, average: Average, optimizer: Optimizer) -> None:
    """Put a checkpoint back; random numbers go on from where they were, on a GPU if it was written there."""
    module.load_state_dict(checkpoint.weights)
    average.values = {
        name: value.to(average.values[name].device, copy=True) for name, value in checkpoint.average.items()
    }
    moments = dict(checkpoint.moments)
    torch.set_rng_state(moments.pop("random").to(torch.uint8))
    random, device = moments.pop(_CUDA_RANDOM, None), next(module.parameters()).device
    if random is not None and device.type == "cuda":
        torch.cuda.set_rng_state(random.to(torch.uint8), device)
    parameters = dict(module.named_parameters())
    for key, value in moments.items():
        kind, name = key.split("/", 1)
        parameter = parameters[name]
        # A fused optimizer counts its steps where its parameters are.
        optimizer.state[parameter][kind] = value.to(parameter.device)

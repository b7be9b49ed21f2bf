"""What the output of a run depends on."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nlp.config import CONFIG_FILE, default_model, fingerprint, read_model_config
from nlp.formats.manifest import read_manifest
from nlp.formats.sources import STANDARD_INPUT, source_files
from nlp.formats.writers import output_format
from nlp.networks.devices import gpu_may_be_there
from nlp.scale.parts import PART_SIZE


def describe_run(
    sources: Iterable[str],
    folder: Path,
    *,
    model: Path | None = None,
    profile: str | None = None,
    device: str = "cpu",
    on_cluster: bool = False,
    format: str | None = None,
    part_size: int | None = None,
    resume: bool = False,
) -> dict[str, Any]:
    """What a run's output depends on, for the manifest of its folder; two runs that agree in it write the same.

    Args:
        sources: as ``read_sources`` takes them. Of files, number and size go in; what was read of them is compared when
            it is read again.
        folder: where the output goes.
        model: the model folder, whose configuration names all its files by their hashes.
        profile: None for what the model says.
        device: as ``Pipeline.load`` takes it.
        on_cluster: whether a cluster annotates, whose nodes may have a GPU where this machine has none.
        format: None for what a run that is gone on with has, or what the folder's name tells.
        part_size: captions in a part; None for the usual, or for what a run that is gone on with has.
        resume: whether the run in the folder, if there is one, is gone on with.

    Raises:
        ModelError: if there is no such model.
        FormatError: if the folder's manifest cannot be understood.
    """
    config = read_model_config(model or default_model())
    earlier = read_manifest(folder) if resume and folder.is_dir() else None
    before = earlier.run if earlier is not None and earlier.parts else {}
    return {
        "pathcap_version": version("pathcap"),
        "model": {
            "name": config.name,
            "version": config.version,
            "config_sha256": fingerprint(config.path / CONFIG_FILE),
        },
        "profile": profile,
        # A GPU computes in other precision than a CPU.
        "device": _device(device, on_cluster=on_cluster),
        "format": format or before.get("format") or output_format(folder),
        "part_size": part_size or before.get("part_size", PART_SIZE),
        "sources": [_describe_source(source) for source in sources],
    }


def _describe_source(source: str) -> dict[str, Any]:
    if source == STANDARD_INPUT:
        return {"source": source}
    files = size = 0
    for path in source_files([source]):
        files += 1
        size += path.stat().st_size
    return {"source": source, "files": files, "bytes": size}


def _device(device: str, *, on_cluster: bool) -> str:
    if device != "auto":
        return device
    if on_cluster:
        # Which, it tells only when it is connected to; it may be another one then, too.
        return "auto on the cluster"
    if not gpu_may_be_there():
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"

"""Related texts as files: arrays laid end to end, in one ``.npz`` for each corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.networks.inputs import Window
from nlp.training.packed import reading
from nlp.training.related_texts import EdgeObjective, RelatedText

_OF_WINDOWS: Final = ("ids", "shapes", "firsts")
_OF_TEXTS: Final = tuple(field.name for field in fields(RelatedText) if field.name not in ("task", "windows"))


def save_related(path: Path, texts: Sequence[RelatedText], objective: EdgeObjective) -> None:
    """Write the texts of a corpus, of which there is at least one, and what they teach."""
    windows = [window for text in texts for window in text.windows]
    arrays: dict[str, NDArray[Any]] = {"windows": np.asarray([len(text.windows) for text in texts])}
    for name in _OF_WINDOWS:
        arrays |= _laid(f"window_{name}", [getattr(window, name) for window in windows])
    for name in _OF_TEXTS:
        arrays |= _laid(name, [getattr(text, name) for text in texts])
    np.savez_compressed(
        path,
        name=np.asarray(objective.name),
        source=np.asarray(objective.source),
        own=objective.own.numpy(),
        caption=objective.caption.numpy(),
        caption_weight=np.asarray(objective.caption_weight),
        **arrays,
    )


def load_related(path: Path, task: int) -> tuple[list[RelatedText], EdgeObjective]:
    """Read the texts of a corpus, as those of a task, and what they teach.

    Raises:
        ModelError: if the file is not one that ``save_related`` wrote.
    """
    with reading(path, "related texts") as arrays:
        objective = EdgeObjective(
            str(arrays["name"]),
            torch.from_numpy(arrays["own"]),
            torch.from_numpy(arrays["caption"]),
            float(arrays["caption_weight"]),
            str(arrays["source"]),
        )
        windows = list(map(Window, *(_split(f"window_{name}", arrays) for name in _OF_WINDOWS)))
        ends = np.cumsum(arrays["windows"]).tolist()
        columns = {name: _split(name, arrays) for name in _OF_TEXTS}
        texts = [
            RelatedText(task=task, windows=tuple(windows[start:end]), **dict(zip(columns, values, strict=True)))
            for start, end, *values in zip([0, *ends[:-1]], ends, *columns.values(), strict=True)
        ]
    return texts, objective


def _laid(name: str, arrays: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: np.concatenate(arrays), f"{name}_count": np.asarray(list(map(len, arrays)))}


def _split(name: str, arrays: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
    return np.split(arrays[name], np.cumsum(arrays[f"{name}_count"])[:-1])

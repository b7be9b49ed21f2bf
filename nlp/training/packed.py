"""Texts that were cut into pieces once, as files: arrays laid end to end, in one ``.npz`` a set."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nlp.errors import Location, ModelError
from nlp.networks.pieces import SHAPE_TABLES, Pieces
from nlp.networks.tags import LabelledSpan
from nlp.training.examples import Tagged


def save_tagged(path: Path, texts: Sequence[Tagged]) -> None:
    """Write tagged texts."""
    np.savez_compressed(path, tags=laid([text.tags for text in texts], np.int16), **_arrays([t.pieces for t in texts]))


def load_tagged(path: Path) -> list[Tagged]:
    """Read tagged texts.

    Raises:
        ModelError: if the file is not one that ``save_tagged`` wrote.
    """
    with reading(path, "tagged texts") as arrays:
        return [Tagged(*item) for item in zip(_pieces(arrays), split(arrays["tags"], arrays["words"]), strict=True)]


def save_gold(path: Path, texts: Sequence[Pieces], spans: Sequence[Sequence[LabelledSpan]]) -> None:
    """Write texts with the spans that are right for them."""
    labels = sorted({span.label for own in spans for span in own})
    rows = [(index, span.start, span.end, labels.index(span.label)) for index, own in enumerate(spans) for span in own]
    np.savez_compressed(
        path, gold=np.asarray(rows, np.int32).reshape(-1, 4), labels=np.asarray(labels, np.str_), **_arrays(texts)
    )


def load_gold(path: Path) -> tuple[list[Pieces], list[list[LabelledSpan]]]:
    """Read texts and spans.

    Raises:
        ModelError: if the file is not one that ``save_gold`` wrote.
    """
    with reading(path, "texts with spans") as arrays:
        texts = _pieces(arrays)
        spans: list[list[LabelledSpan]] = [[] for _ in texts]
        labels = arrays["labels"].tolist()
        for index, start, end, label in arrays["gold"].tolist():
            spans[index].append(LabelledSpan(start, end, labels[label]))
        return texts, spans


@contextmanager
def reading(path: Path, what: str) -> Iterator[dict[str, np.ndarray]]:  # type: ignore[type-arg]
    """The arrays of a file of ``what``, to be taken apart within.

    Raises:
        ModelError: for what goes wrong there or before, since the file is broken or a foreign one.
    """
    try:
        # numpy leaves a file that it opens itself open where it is broken.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = dict(file)
        yield arrays
    except (OSError, EOFError, ValueError, LookupError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"not a file of {what}", found=repr(error), where=Location(str(path))) from error


def _arrays(texts: Sequence[Pieces]) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    return {
        "pieces": np.asarray([len(text) for text in texts], np.int32),
        "words": np.asarray([len(text.firsts) for text in texts], np.int32),
        "ids": laid([text.ids for text in texts], np.int32),
        "shapes": laid([text.shapes for text in texts], np.uint8).reshape(-1, len(SHAPE_TABLES)),
        "firsts": laid([text.firsts for text in texts], np.int32),
        "spans": laid([text.spans for text in texts], np.int32).reshape(-1, 2),
    }


def laid(arrays: Sequence[np.ndarray], kind: type) -> np.ndarray:  # type: ignore[type-arg]
    """Arrays end to end."""
    return np.concatenate(arrays).astype(kind) if arrays else np.zeros(0, kind)


def _pieces(arrays: dict[str, np.ndarray]) -> list[Pieces]:  # type: ignore[type-arg]
    pieces, words = arrays["pieces"], arrays["words"]
    parts = [
        split(arrays[name], counts)
        for name, counts in (("ids", pieces), ("shapes", pieces), ("firsts", words), ("spans", words))
    ]
    return [Pieces(*item) for item in zip(*parts, strict=True)]


def split(array: np.ndarray, counts: np.ndarray) -> list[np.ndarray]:  # type: ignore[type-arg]
    """Arrays of these lengths that were laid end to end."""
    return np.split(array, np.cumsum(counts)[:-1]) if len(counts) else []

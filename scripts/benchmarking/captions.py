"""The captions that all are measured on, dealt into parts: one to warm up, one for each repeat.

A repeat has captions of its own, so that what is kept in caches is what a long run would find there, and not the very
words of the repeat before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from nlp.config import ModelConfig, default_model, read_model_config
from nlp.errors import InputError
from nlp.formats.sources import read_sources
from nlp.networks.graph import WordReading
from nlp.networks.inputs import Window
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import DESCRIPTION_FILE, TOKENIZER_FILE, Reader, read_description
from nlp.pipeline import Pipeline
from nlp.stages.base import Draft
from nlp.stages.merging import MergedMentions
from nlp.stages.model_mentions import ModelMentions
from nlp.training.packed import laid, reading, split
from nlp.types import Caption

WARM_UP: Final = "warm"
ONE: Final = "one"
ALL: Final = "all"
WINDOWS_SUFFIX: Final = ".npz"


@dataclass(frozen=True, slots=True)
class Part:
    """How much a part holds.

    Attributes:
        captions: how many.
        characters: of them.
        pieces: word pieces of them.
        windows: that the tagger reads.
        window_pieces: of the windows, marks and overlaps included.
    """

    captions: int
    characters: int
    pieces: int
    windows: int
    window_pieces: int


def prepare(sources: Sequence[str], limit: int | None, repeats: int, model: str | None, folder: Path) -> dict[str, Any]:
    """Write the parts, as captions and as the tagger's windows.

    Args:
        sources: files and folders, as ``pathcap annotate`` takes them.
        limit: most captions, which are taken evenly from all.
        repeats: parts besides the one to warm up.
        model: the model folder, by default the one that comes with pathcap.
        folder: where to.

    Returns:
        By the name of each part, its ``Part`` as a dictionary.
    """
    known = list(read_sources(sources, _warn))
    if limit is not None and limit < len(known):
        known = [known[number * len(known) // limit] for number in range(limit)]
    if len(known) <= repeats:
        raise SystemExit(f"{len(known)} captions are too few for {repeats} repeats and a part to warm up")
    config = read_model_config(Path(model) if model else default_model())
    cut = WindowCutter(config)
    names = [WARM_UP, *map(str, range(1, repeats + 1))]
    parts = {name: known[start :: len(names)] for start, name in enumerate(names)}
    found = {}
    for name, captions in parts.items():
        write_captions(folder, name, captions)
        windows = cut(captions)
        write_windows(folder, name, windows)
        found[name] = asdict(
            Part(
                len(captions),
                sum(len(caption.text) for caption in captions),
                sum(map(len, cut.pieces([caption.text for caption in captions]))),
                len(windows),
                sum(map(len, windows)),
            )
        )
    write_captions(folder, ONE, [sorted(known, key=lambda caption: len(caption.text))[len(known) // 2]])
    write_captions(folder, ALL, [caption for name in names[1:] for caption in parts[name]])
    return found


def _warn(error: InputError) -> None:
    print(f"passed over: {error}", file=sys.stderr)


def write_captions(folder: Path, name: str, captions: Sequence[Caption]) -> None:
    """Write a part as JSON Lines and as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    records = [{"id": caption.id, "text": caption.text} for caption in captions]
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(records), folder / f"{name}.parquet")


def read_captions(folder: Path, name: str) -> list[Caption]:
    """The captions of a part."""
    return list(read_sources([folder / f"{name}.jsonl"], _warn))


def part_names(folder: Path) -> list[str]:
    """The parts that there are."""
    return sorted(path.stem for path in folder.glob(f"*{WINDOWS_SUFFIX}"))


def write_windows(folder: Path, name: str, windows: Sequence[Window]) -> None:
    """Write the windows of a part."""
    np.savez(
        folder / f"{name}{WINDOWS_SUFFIX}",
        pieces=np.asarray([len(window) for window in windows], np.int64),
        words=np.asarray([len(window.firsts) for window in windows], np.int64),
        ids=laid([window.ids for window in windows], np.int32),
        shapes=laid([window.shapes for window in windows], np.uint8),
        firsts=laid([window.firsts for window in windows], np.int32),
    )


def read_windows(folder: Path, name: str) -> list[Window]:
    """The windows of a part."""
    with reading(folder / f"{name}{WINDOWS_SUFFIX}", "windows") as arrays:
        pieces, words = arrays["pieces"], arrays["words"]
        parts = split(arrays["ids"], pieces), split(arrays["shapes"], pieces), split(arrays["firsts"], words)
    return [Window(*of_one) for of_one in zip(*parts, strict=True)]


class WindowCutter:
    """Cuts captions into the windows that the pipeline's tagger reads, told the same names."""

    def __init__(self, config: ModelConfig) -> None:
        pipeline = Pipeline.load(config.path, device="cpu")
        description = read_description(config.file(DESCRIPTION_FILE))
        self.pieces = PieceTokenizer(config.file(TOKENIZER_FILE))
        self._recorder = _Recorder()
        self._reader = Reader(self._recorder, self.pieces, description)
        place, self._tagger = next(
            (place, stage) for place, stage in enumerate(pipeline.stages) if isinstance(stage, ModelMentions)
        )
        self._stages = pipeline.stages[:place]
        self._recorder.tags = len(self._reader.tags)

    def __call__(self, captions: Sequence[Caption]) -> list[Window]:
        drafts = [Draft(caption) for caption in captions]
        for stage in self._stages:
            stage(drafts)
        tagger = self._tagger
        names = tagger.lexicon.predict(drafts) if isinstance(tagger, MergedMentions) else [None] * len(drafts)
        self._reader([draft.text for draft in drafts], [draft.sentences for draft in drafts], names)
        return list(self._recorder.taken())


class _Recorder:
    """In place of a tagger: keeps the windows that it is given, and says nothing of them."""

    def __init__(self) -> None:
        self.tags = 0
        self._windows: list[Window] = []

    def __call__(self, windows: Sequence[Window], head: str) -> list[Any]:
        return [reading.scores for reading in self.read(windows, head)]

    def read(self, windows: Sequence[Window], head: str) -> list[WordReading]:  # noqa: ARG002 - as a WordGraph
        self._windows.extend(windows)
        blank = [(len(window.firsts), np.float32) for window in windows]
        return [WordReading(np.zeros((words, self.tags), type), np.zeros((words, 0), type)) for words, type in blank]

    def taken(self) -> Iterator[Window]:
        yield from self._windows
        self._windows.clear()

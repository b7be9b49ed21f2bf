"""What the lexicon marks in many texts, looked up on all cores and kept in a file."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from nlp import Caption, Mention, Pipeline
from nlp.config import default_model, read_model_config
from nlp.stages.base import Draft, Stage
from nlp.stages.merging import MergedMentions

BATCH = 200
LOG = logging.getLogger("names")

Spans = list[tuple[int, int, str, float]]
_LEXICON = ("lexicon.bin", "mentions.yaml")


class Names:
    """The lexicon's mentions of each text.

    Args:
        path: where they are kept; a file that exists is read, and ``save`` writes it anew. What another lexicon marked
            is not used.
        model: folder of the model whose stages look them up; by default the one that comes with pathcap.
    """

    def __init__(self, path: Path, model: Path | None = None) -> None:
        self._path = path
        self._model = model
        self._lexicon = lexicon_fingerprint(model or default_model())
        self._known: dict[str, Spans] = {}
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept.get("lexicon") == self._lexicon:
                self._known = kept["texts"]
            else:
                LOG.warning("%s is of another lexicon: all names are looked up anew", path)

    def look_up(self, texts: Iterable[str]) -> None:
        """Look up what is not known yet."""
        missing = list({key(text): text for text in texts if key(text) not in self._known}.values())
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(partial(_look_up, self._model), _batches(missing))
            for batch, spans in zip(_batches(missing), found, strict=True):
                self._known.update(zip(map(key, batch), spans, strict=True))

    def save(self) -> None:
        """Write all that is known."""
        self._path.write_text(json.dumps({"lexicon": self._lexicon, "texts": self._known}), encoding="utf-8")

    def __call__(self, text: str) -> tuple[Mention, ...]:
        """The mentions of a text that was looked up."""
        return tuple(
            Mention(f"T{number}", type, start, end, text[start:end], score)
            for number, (start, end, type, score) in enumerate(self._known[key(text)], start=1)
        )


def lexicon_fingerprint(model: Path) -> str:
    """The sha256 over what decides which names the lexicon of a model folder marks, by the hashes of its files."""
    files = read_model_config(model).files
    own = {name: files[name] for name in sorted(files) if name in _LEXICON or name.startswith("names/")}
    return hashlib.sha256(json.dumps(own).encode()).hexdigest()


def key(text: str) -> str:
    """What a text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while batch := list(islice(rest, BATCH)):
        yield batch


@cache
def _stages(model: Path | None) -> Sequence[Stage[Any]]:
    """The stages of a model up to the one that marks names by the lexicon, or merges with what it marks."""
    stages: list[Stage[Any]] = []
    for stage in Pipeline.load(model, device="cpu").stages:
        stages.append(stage.lexicon if isinstance(stage, MergedMentions) else stage)
        if "mentions" in stage.provides:
            break
    return stages


def _look_up(model: Path | None, texts: Sequence[str]) -> list[Spans]:
    drafts = [Draft(Caption(str(number), text)) for number, text in enumerate(texts)]
    for stage in _stages(model):
        stage(drafts)
    return [[(item.start, item.end, item.type, item.score) for item in draft.mentions] for draft in drafts]

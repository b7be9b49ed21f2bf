"""What runs on the workers of a Ray cluster, and the tables that go to them and come back."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import pyarrow as pa

from nlp.config import CONFIG_FILE, default_model, read_model_config
from nlp.errors import ModelError, PathcapError, PipelineError
from nlp.pipeline import Pipeline
from nlp.scale.outcomes import Failed, Outcome, annotate_here
from nlp.scale.wire import caption_from_json, error_from_json, error_to_json, outcome_from_json, outcome_to_json
from nlp.types import Caption

TRIES: Final = 2
"""Times that a block is begun as a whole, and then that one caption of it is, before that caption is given up."""

Item = TypeVar("Item")

_NOT_LOADED: Final = "not loaded: "
_FIRST: Final = "first"
_CONTENTS: Final = "contents"
_SCHEMA: Final = pa.schema([(_FIRST, pa.int64()), (_CONTENTS, pa.list_(pa.string()))])


class Begun:
    """Counts how often workers began something without ending it. One for all workers, as an actor.

    Ray gives a block whose worker died to another one, for ever. This is how workers learn that they are not the first.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def begin(self, what: str) -> int:
        """How often it was begun by now, this time included."""
        self._counts[what] += 1
        return self._counts[what]

    def end(self, what: str) -> None:
        """It is done."""
        self._counts.pop(what, None)


class Counting(Protocol):
    """``Begun``, wherever it is."""

    def begin(self, what: str) -> int: ...

    def end(self, what: str) -> None: ...


class Remote:
    """``Begun`` in an actor, whose answers are waited for: a worker may die of what it does next."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def begin(self, what: str) -> int:
        import ray

        return int(ray.get(self._actor.begin.remote(what)))

    def end(self, what: str) -> None:
        import ray

        ray.get(self._actor.end.remote(what))


class Worker:
    """The pipeline, loaded once, for one block after another.

    An error in loading it is what comes back of each block. Raised here, it would reach the driver as a text among
    Ray's own.

    Args:
        begun: counts for all workers.
        model: the model folder; None for the one that comes with pathcap.
        profile: as ``Pipeline.load`` takes it.
        device: as ``Pipeline.load`` takes it.
        expected: the driver's ``identity``.
    """

    def __init__(self, begun: Counting, model: str | None, profile: str | None, device: str, expected: str) -> None:
        self._begun = begun
        self._pipeline: Pipeline | None = None
        self._error: PathcapError | None = None
        try:
            self._pipeline = _load(model, profile, device, expected)
        except PathcapError as error:
            self._error = error

    def __call__(self, block: pa.Table) -> pa.Table:
        """The outcomes of a block of captions, one for one."""
        captions = dict(unpack(block, caption_from_json))
        first = min(captions)
        if self._pipeline is None:
            assert self._error is not None  # noqa: S101
            return pack(first, [_NOT_LOADED + error_to_json(self._error)])
        name = f"block {first}"
        if self._begun.begin(name) <= TRIES:
            outcomes = [*annotate_here(captions.values(), pipeline=self._pipeline)]
        else:
            outcomes = [*self._one_by_one(self._pipeline, captions)]
        self._begun.end(name)
        return pack(first, map(outcome_to_json, outcomes))

    def _one_by_one(self, pipeline: Pipeline, captions: Mapping[int, Caption]) -> Iterator[Outcome]:
        """The outcomes of a block that ended its workers. Of that caption which does, it is that it does."""
        for number, caption in captions.items():
            name = f"caption {number}"
            if self._begun.begin(name) > TRIES:
                yield Failed(caption, PipelineError("the process ended each time", where=caption.where))
            else:
                yield from annotate_here([caption], pipeline=pipeline)
            self._begun.end(name)


def identity(folder: Path) -> str:
    """What must be the same everywhere: the version, and the configuration with the hashes of the model's files.

    Raises:
        ModelError: if it is not a model folder.
    """
    read_model_config(folder)
    digest = hashlib.sha256((folder / CONFIG_FILE).read_bytes()).hexdigest()
    return f"pathcap {version('pathcap')}, {CONFIG_FILE} sha256 {digest}"


def pack(first: int, contents: Iterable[str]) -> pa.Table:
    """A block, which is one row: captions or what came of them, as JSON, and the number of the first."""
    return pa.table([[first], [list(contents)]], schema=_SCHEMA)


def unpack(block: pa.Table, read: Callable[[str], Item]) -> Iterator[tuple[int, Item]]:
    """The contents of blocks, numbered."""
    for first, contents in zip(block[_FIRST].to_pylist(), block[_CONTENTS].to_pylist(), strict=True):
        yield from enumerate(map(read, contents), start=first)


def outcome_or_error(text: str) -> Outcome | PathcapError:
    """What came of a caption; or an error that keeps a worker from any."""
    return error_from_json(text.removeprefix(_NOT_LOADED)) if text.startswith(_NOT_LOADED) else outcome_from_json(text)


def _load(model: str | None, profile: str | None, device: str, expected: str) -> Pipeline:
    folder = Path(model) if model is not None else default_model()
    if (found := identity(folder)) != expected:
        raise ModelError(
            "a worker's model or version of pathcap is not the driver's",
            expected=expected,
            found=f"{found} in {folder} on {os.uname().nodename}",
        )
    return Pipeline.load(folder, profile=profile, device=device, threads=1)

"""A sink that writes a folder of parts, and goes on with it after a run that was cut off at whatever moment.

Each part is written beside its place, moved there, and only then entered in the manifest, which is replaced as a whole.
So the manifest tells at any moment what is done. What can be left over is half of a part under a temporary name, or the
one part that was not entered yet: a run that goes on removes these, reads the sources again up to where the manifest
says, and does the rest. The list of errors is cut to the length that it had then.

The manifest is there before the first part is. So parts without one, or more of them than it may lack, mean that it was
lost: they are never removed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from nlp.config import fingerprint
from nlp.errors import ConfigError, FormatError, InputError, Location
from nlp.formats.base import OnError, Writer
from nlp.formats.error_log import error_line
from nlp.formats.manifest import ERRORS_FILE, MANIFEST_FILE, Manifest, Part, Position, Tally, read_manifest
from nlp.formats.places import replacing
from nlp.formats.writers import WRITERS, open_writer
from nlp.scale.durable import ErrorList, FolderLock, sync_folder
from nlp.scale.run import Input
from nlp.types import Caption, Document

PART_SIZE: Final = 10_000
"""Captions in a part, unless another number is asked for: some minutes of work, lost if a run is cut off."""

_CHANGED: Final = "the sources have changed since the earlier run"

_PART: Final = re.compile(r"part-([0-9]{6,})\..*")
_TEMPORARY: Final = re.compile(r"\.(part-[0-9]{6,}|manifest\.json)\..*\.tmp")


def part_suffix(folder: Path, format: str) -> str:
    """What the names of parts of this format end in: as the folder's name does if that fits; text is compressed.

    Raises:
        ConfigError: if a document of the format cannot be written apart from the others.
    """
    row = WRITERS[format]
    if not row.splits:
        able = " | ".join(row.name for row in WRITERS.values() if row.splits)
        raise ConfigError("the format cannot be written in parts", expected=able, found=format)
    suffix = next((suffix for suffix in row.suffixes if folder.name.lower().endswith(suffix)), row.suffixes[0])
    return suffix + (".zst" if row.text else "")


class PartFolder:
    """Writes the documents of a run into a folder of parts.

        with PartFolder(folder, run, resume=True) as parts:
            annotate_sources(sources, engine, parts, watch)
            parts.finish()

    Args:
        folder: is made if it is not there. No other run may write into it at the same time.
        run: what the output depends on, as JSON has it: ``format`` and ``part_size`` among it.
        errors: where errors are listed; by default ``errors.jsonl`` in the folder.
        on_error: is told of each error, too.
        resume: go on where an earlier run was cut off; begin if there was none.

    Attributes:
        complete: whether nothing is left to do.

    Raises:
        ConfigError: if the folder holds anything but a run to go on with, or the run is another one; if it holds parts
            that no manifest tells of.
        FormatError: if its manifest, a part or the list of errors is not as it was written.
    """

    def __init__(
        self,
        folder: Path,
        run: Mapping[str, Any],
        *,
        errors: Path | None = None,
        on_error: OnError = lambda _: None,
        resume: bool = False,
    ) -> None:
        self._folder = folder
        self._format, self._size = str(run["format"]), int(run["part_size"])
        self._suffix = part_suffix(folder, self._format)
        self._on_error = on_error
        self._resources = ExitStack()
        # What is consumed, and what of it is to be passed over since it is done.
        self._inputs = 0
        self._digest = hashlib.sha256()
        self._tally = Tally()
        self._part: AbstractContextManager[Writer] | None = None
        self._writer: Writer | None = None
        self._first = self._last = ""
        _make(folder)
        try:
            self._resources.enter_context(FolderLock(folder))
            self._manifest = self._begin(run, resume=resume)
            self.complete = self._manifest.complete
            done = self._manifest.position or (self._manifest.parts[-1].position if self._manifest.parts else None)
            self._done = done.inputs if done else 0
            self._done_sha256 = done.inputs_sha256 if done else ""
            place = errors or folder / ERRORS_FILE
            kept = (done.errors_bytes, done.errors_sha256) if done else (0, "")
            self._errors = self._resources.enter_context(ErrorList(place, *kept))
            if not self.complete:
                self._errors.cut()
                self._clean()
                self._write_manifest()
        except BaseException:
            self._resources.close()
            raise

    @property
    def parts(self) -> tuple[Part, ...]:
        """Those that are finished."""
        return self._manifest.parts

    @property
    def done_before(self) -> int:
        """Inputs that an earlier run did."""
        return self._done

    @property
    def errors_path(self) -> Path:
        return self._errors.path

    @property
    def tally(self) -> Tally:
        """Of all that is in finished parts, those of earlier runs among them; of everything when finished."""
        return self._manifest.tally

    def seen(self, input: Input) -> bool:
        """Whether the next input of the sources is done.

        Raises:
            ConfigError: if the inputs so far are not those of the earlier run, or there are more than it had when it
                was complete.
        """
        if self._inputs >= self._done:
            if self.complete:
                raise ConfigError(_CHANGED, expected=f"{self._done:,} inputs", found="more", where=input.where)
            return False
        self._take(input)
        if self._inputs == self._done and self._digest.hexdigest() != self._done_sha256:
            raise ConfigError(_CHANGED, expected=f"the same first {self._done:,} inputs", found="others")
        return True

    def check_all_seen(self) -> None:
        """Check that all inputs of the earlier run came again.

        Raises:
            ConfigError: if the sources have fewer inputs than it did.
        """
        if self._inputs < self._done:
            raise ConfigError(_CHANGED, expected=f"at least {self._done:,} inputs", found=f"{self._inputs:,}")

    def add(self, input: Input, outcome: Document | InputError) -> None:
        """Take the next input."""
        self._take(input)
        self._tally.add(outcome)
        if isinstance(outcome, InputError):
            self._errors.write(error_line(outcome))
            self._on_error(outcome)
            return
        if self._writer is None:
            self._part = open_writer(self._folder / self._name(), self._format)
            self._writer = self._part.__enter__()
            self._first = outcome.id
        self._writer.write(outcome)
        self._last = outcome.id
        if self._tally.captions == self._size:
            self._end_part()

    def finish(self) -> None:
        """End the last part, and say that the folder is complete.

        Raises:
            ConfigError: if the sources have fewer inputs than the earlier run did.
            InputError: if there is no document at all.
        """
        self.check_all_seen()
        if self._writer is not None:
            self._end_part()
        if not self.parts:
            raise InputError("nothing to annotate", expected="captions that can be read", found="none")
        self._errors.sync()
        self._manifest = replace(self._manifest, complete=True, rest=self._tally, position=self._position())
        self._write_manifest()
        self.complete = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._part is not None:
                # Not finished, so it is removed.
                cause = error or RuntimeError("the part is not finished")
                part, self._part, self._writer = self._part, None, None
                part.__exit__(type(cause), cause, cause.__traceback__)
        finally:
            self._resources.close()

    def _begin(self, run: Mapping[str, Any], *, resume: bool) -> Manifest:
        found = read_manifest(self._folder)
        if found is None or not found.complete:
            self._check_parts(found)
        if found is None or not found.parts:
            # Cut off before the first part was entered: there is nothing to lose.
            ours = {MANIFEST_FILE, ERRORS_FILE} if found is not None else set()
            for path in self._folder.iterdir():
                if path.name not in ours and not _PART.fullmatch(path.name) and not _TEMPORARY.fullmatch(path.name):
                    raise ConfigError(
                        "the output folder is not empty",
                        expected="a new or an empty folder",
                        found=path.name,
                        where=Location(str(self._folder)),
                    )
            return Manifest(dict(run))
        if not resume:
            raise ConfigError(
                "the output folder holds a run already",
                expected="--resume to go on with it, or another folder",
                where=Location(str(self._folder)),
            )
        _check_same(found.run, run, self._folder)
        for part in found.parts:
            _check_part(self._folder / part.name, part)
        return found

    def _check_parts(self, found: Manifest | None) -> None:
        """Check that all parts in the folder but the one that may not be entered yet are in the manifest.

        Raises:
            ConfigError: if not: the manifest is lost or is an old one, and going on would write over what is there.
        """
        entered = {part.name for part in found.parts} if found is not None else set()
        for path in sorted(self._folder.iterdir()):
            part = _PART.fullmatch(path.name)
            if part is None or path.name in entered or (found is not None and int(part[1]) == len(entered)):
                continue
            raise ConfigError(
                "the output folder holds parts without a manifest"
                if found is None
                else "the output folder holds parts that its manifest does not tell of",
                expected=f"the {MANIFEST_FILE} that was written with them, or another folder",
                found=path.name,
                where=Location(str(self._folder)),
            )

    def _clean(self) -> None:
        """Remove what is left of the part that was not finished; ``_check_parts`` has seen that there is but one."""
        finished = {part.name for part in self.parts}
        for path in self._folder.iterdir():
            left = _PART.fullmatch(path.name) or _TEMPORARY.fullmatch(path.name)
            if left and path.name not in finished:
                path.unlink()

    def _take(self, input: Input) -> None:
        self._inputs += 1
        self._digest.update(json.dumps(_facts(input)).encode("ascii"))

    def _name(self) -> str:
        return f"part-{len(self.parts):06d}{self._suffix}"

    def _position(self) -> Position:
        return Position(self._inputs, self._digest.hexdigest(), self._errors.bytes, self._errors.sha256)

    def _end_part(self) -> None:
        assert self._part is not None  # noqa: S101
        path = self._folder / self._name()
        part, self._part, self._writer = self._part, None, None
        part.__exit__(None, None, None)
        self._errors.sync()
        entry = Part(
            name=path.name,
            bytes=path.stat().st_size,
            sha256=fingerprint(path),
            first=self._first,
            last=self._last,
            tally=self._tally,
            position=self._position(),
        )
        self._manifest = replace(self._manifest, parts=(*self.parts, entry))
        self._tally = Tally()
        self._write_manifest()

    def _write_manifest(self) -> None:
        # As a whole, again for each part: one that is added to could be cut off in the midst of an entry. It has some
        # hundred bytes a part, beside a part's megabytes and minutes.
        # The part must be in its place for good before the manifest says so.
        sync_folder(self._folder)
        with replacing(self._folder / MANIFEST_FILE) as stream:
            stream.write(self._manifest.to_bytes())
        sync_folder(self._folder)


def _make(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise ConfigError("the output folder is not there", found=str(folder.parent), where=Location(str(folder)))
    if folder.exists() and not folder.is_dir():
        raise ConfigError("the output is a file", expected="a folder for the parts", where=Location(str(folder)))
    folder.mkdir(exist_ok=True)


def _facts(input: Input) -> tuple[str | int | None, ...]:
    """What of an input must be the same when it is read again; its source may be spelled in another way."""
    if isinstance(input, Caption):
        return (input.id, input.text, input.title, input.paper_title)
    where = input.where or Location()
    source = where.source and Path(where.source).name
    return (input.message, input.expected, input.found, source, where.line, where.id)


def _check_same(found: Mapping[str, Any], run: Mapping[str, Any], folder: Path) -> None:
    before, now = json.loads(json.dumps(found)), json.loads(json.dumps(run))
    for key in [*before, *(key for key in now if key not in before)]:
        expected, given = before.get(key), now.get(key)
        if expected == given:
            continue
        other = f"another {key.replace('_', ' ')}"
        if isinstance(expected, list) and isinstance(given, list):
            # The first that differs says more than all of them.
            pairs = zip_longest(expected, given)
            differing = next(((one, two) for one, two in pairs if _content(one) != _content(two)), None)
            if differing is None:
                continue
            (expected, given), other = differing, f"other {key.replace('_', ' ')}"
        raise ConfigError(
            f"the run in the folder had {other}",
            expected=json.dumps(expected, ensure_ascii=False),
            found=json.dumps(given, ensure_ascii=False),
            where=Location(str(folder)),
        )


def _content(source: Any) -> Any:
    """What tells a source from others: number and size of its files, however their path is spelled, and from where."""
    if not isinstance(source, dict) or "files" not in source:
        return source
    return {key: value for key, value in source.items() if key != "source"}


def _check_part(path: Path, part: Part) -> None:
    expected = f"{part.bytes} bytes of sha256 {part.sha256}"
    if not path.is_file():
        raise FormatError("a part is missing", expected=expected, where=Location(str(path)))
    size = path.stat().st_size
    found = fingerprint(path) if size == part.bytes else "not computed"
    if found != part.sha256:
        raise FormatError(
            "a part is not as it was written",
            expected=expected,
            found=f"{size} bytes" + (f" of sha256 {found}" if size == part.bytes else ""),
            where=Location(str(path)),
        )

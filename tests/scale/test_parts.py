"""Folders of parts: what they hold, and going on after a run that was cut off at whatever moment."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zstandard

from nlp import Caption, ConfigError, FormatError, InputError
from nlp.formats.documents import read_documents
from nlp.formats.manifest import MANIFEST_FILE, Manifest, read_manifest
from nlp.scale.durable import ErrorList
from nlp.scale.outcomes import Engine, Outcome
from nlp.scale.parts import PartFolder, part_suffix
from nlp.scale.run import annotate_sources
from tests.scale.toy_engines import Silent, engine, outcome_of, reading_engine, write_source

RUN = {"model": "toy", "format": "jsonl", "part_size": 4, "sources": ["in.jsonl"]}


def run(
    folder: Path, source: Path, *, made: Engine | None = None, changes: dict[str, Any] | None = None, **options: Any
) -> PartFolder:
    with PartFolder(folder, {**RUN, **(changes or {})}, **options) as parts:
        if not parts.complete:
            annotate_sources([source], made or engine(), parts, Silent())
            parts.finish()
    return parts


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "in.jsonl")


@pytest.fixture
def whole(tmp_path: Path, source: Path) -> dict[str, bytes]:
    """What a run writes that is not cut off."""
    run(tmp_path / "whole", source)
    return content(tmp_path / "whole")


def test_parts_hold_everything_once_and_in_order(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "out"
    run(folder, source)
    kept = [f"c{number}" for number in range(23) if number % 7 != 3]
    assert [document.id for document in read_documents(folder)] == kept
    names = [f"part-{number:06d}.jsonl.zst" for number in range(5)]
    assert sorted(content(folder)) == ["errors.jsonl", MANIFEST_FILE, *names]
    manifest = read_manifest(folder)
    assert manifest is not None
    assert manifest.complete
    assert manifest.run == RUN
    assert [part.name for part in manifest.parts] == names
    assert [part.tally.captions for part in manifest.parts] == [4, 4, 4, 4, 4]
    for part, first in zip(manifest.parts, range(0, 20, 4), strict=True):
        raw = (folder / part.name).read_bytes()
        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (part.bytes, part.sha256)
        assert (part.first, part.last) == (kept[first], kept[first + 3])
        ids = [document.id for document in read_documents(folder / part.name)]
        assert ids == kept[first : first + 4]
    tally = manifest.tally
    assert (tally.captions, tally.mentions, tally.set_aside) == (20, 20, 10)
    assert tally.errors == {
        "the line is not JSON": 5,
        "the caption cannot be annotated": 3,
        "no caption": 1,
        "the line is not a record": 1,
    }
    assert manifest.position is not None
    assert manifest.position.inputs == 30


def test_errors_are_listed_in_order(tmp_path: Path, source: Path) -> None:
    told: list[InputError] = []
    parts = run(tmp_path / "out", source, on_error=told.append)
    lines = [json.loads(line) for line in parts.errors_path.read_bytes().splitlines()]
    assert [line["message"] for line in lines] == [str(error) for error in told]
    assert [line["line"] for line in lines] == sorted(line["line"] for line in lines)
    assert len(lines) == 10


def test_a_run_without_errors_has_no_list(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "text": "ERK"}\n')
    run(tmp_path / "out", source)
    assert sorted(content(tmp_path / "out")) == [MANIFEST_FILE, "part-000000.jsonl.zst"]


@pytest.mark.parametrize("made", [engine(2), engine(5), engine(1000), reading_engine(3)])
def test_bytes_do_not_depend_on_the_engine(tmp_path: Path, source: Path, whole: dict[str, bytes], made: Engine) -> None:
    run(tmp_path / "out", source, made=made)
    assert content(tmp_path / "out") == whole


def test_a_manifest_tells_no_time(whole: dict[str, bytes]) -> None:
    assert not {"time", "date", "rate", "seconds", "host"} & set(json.loads(whole[MANIFEST_FILE]))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_finished_parts_stay_when_a_run_is_cut_off(
    tmp_path: Path, source: Path, whole: dict[str, bytes], error: type[BaseException]
) -> None:
    folder = tmp_path / "out"
    with pytest.raises(error):
        run(folder, source, made=stopping(11, error))
    found = read_manifest(folder)
    assert found is not None
    assert [part.name for part in found.parts] == ["part-000000.jsonl.zst", "part-000001.jsonl.zst"]
    assert not found.complete
    assert sorted(content(folder)) == ["errors.jsonl", MANIFEST_FILE, *(part.name for part in found.parts)]
    run(folder, source, resume=True)
    assert content(folder) == whole


def stopping(after: int, error: type[BaseException] = RuntimeError) -> Engine:
    def annotate(captions: Iterable[Caption]) -> Iterator[Outcome]:
        for number, caption in enumerate(captions):
            if number == after:
                raise error
            yield outcome_of(caption)

    return annotate


def test_going_on_begins_where_there_is_nothing_to_go_on_with(
    tmp_path: Path, source: Path, whole: dict[str, bytes]
) -> None:
    run(tmp_path / "out", source, resume=True)
    assert content(tmp_path / "out") == whole


def test_a_complete_run_is_left_as_it_is(tmp_path: Path, source: Path, whole: dict[str, bytes]) -> None:
    run(tmp_path / "whole", source, resume=True, made=stopping(0))
    assert content(tmp_path / "whole") == whole


def test_a_folder_with_a_run_is_not_written_into(tmp_path: Path, source: Path, whole: dict[str, bytes]) -> None:
    with pytest.raises(ConfigError, match="holds a run already; expected --resume to go on with it, or another"):
        run(tmp_path / "whole", source)
    assert content(tmp_path / "whole") == whole


def test_a_run_that_finished_no_part_is_nothing_to_go_on_with(
    tmp_path: Path, source: Path, whole: dict[str, bytes]
) -> None:
    for resume in (False, True):
        folder = tmp_path / str(resume)
        with suppress(RuntimeError):
            run(folder, source, made=stopping(3), changes={"model": "other"})
        run(folder, source, resume=resume)
        assert content(folder) == whole


def test_an_empty_folder_is_taken_and_others_are_not(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "precious").write_text("x")
    for resume in (False, True):
        with pytest.raises(ConfigError, match=r"not empty.*precious"):
            run(folder, source, resume=resume)
    (folder / "precious").unlink()
    run(folder, source)


def test_places_that_cannot_be_a_folder(tmp_path: Path, source: Path) -> None:
    with pytest.raises(ConfigError, match="the output is a file"):
        run(source, source)
    with pytest.raises(ConfigError, match="the output folder is not there"):
        run(tmp_path / "none" / "out", source)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "other"}, 'another model; expected "toy"; found "other"'),
        ({"part_size": 5}, "another part size; expected 4; found 5"),
        ({"format": "parquet"}, "another format"),
        ({"sources": ["in.jsonl", "b"]}, 'other sources; expected null; found "b"'),
        ({"sources": ["a"]}, 'other sources; expected "in.jsonl"; found "a"'),
    ],
)
def test_another_run_does_not_go_on(tmp_path: Path, source: Path, changes: dict[str, Any], message: str) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(9))
    before = content(folder)
    with pytest.raises(ConfigError, match=message):
        run(folder, source, resume=True, changes=changes)
    assert content(folder) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("activates", "inhibits", 1),
        lambda text: text.replace("no JSON", '{"id": "x"}', 1),
        lambda text: text.split("\n", 1)[1],
        lambda text: "\n" + text,
        lambda _: "",
        lambda text: "\n".join(text.split("\n")[:4]),
    ],
)
def test_changed_sources_are_noticed(tmp_path: Path, source: Path, change: Callable[[str], str]) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(11))
    before = content(folder)
    source.write_text(change(source.read_text()))
    with pytest.raises(ConfigError, match="the sources have changed"):
        run(folder, source, resume=True)
    assert {**content(folder), "errors.jsonl": before["errors.jsonl"]} == before


def test_a_source_may_be_spelled_in_another_way(
    tmp_path: Path, source: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    described = {"sources": [{"source": str(source), "files": 1, "bytes": 7}]}
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(11), changes=described)
    monkeypatch.chdir(tmp_path)
    other = {"sources": [{"source": "./in.jsonl", "files": 1, "bytes": 8}]}
    with pytest.raises(ConfigError, match=r"had other sources; expected .*7}; found .*8}"):
        run(folder, Path("in.jsonl"), resume=True, changes=other)
    other["sources"][0]["bytes"] = 7
    run(folder, Path("in.jsonl"), resume=True, changes=other)
    names = [name for name in whole if name.startswith("part-")]
    assert [content(folder)[name] for name in names] == [whole[name] for name in names]


def test_sources_may_grow(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(11))
    with source.open("a") as stream:
        stream.write('{"id": "new", "text": "ERK"}\n')
    run(folder, source, resume=True)
    assert [document.id for document in read_documents(folder)][-1] == "new"


@pytest.mark.parametrize("damage", ["cut", "flip", "remove"])
def test_a_damaged_part_is_noticed(tmp_path: Path, source: Path, damage: str) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(11))
    path = folder / "part-000000.jsonl.zst"
    raw = path.read_bytes()
    if damage == "cut":
        path.write_bytes(raw[:-1])
    elif damage == "flip":
        path.write_bytes(raw[:20] + bytes([raw[20] ^ 1]) + raw[21:])
    else:
        path.unlink()
    before = content(folder)
    with pytest.raises(FormatError, match=r"a part is (not as it was written|missing)") as caught:
        run(folder, source, resume=True)
    assert caught.value.where is not None
    assert caught.value.where.source == str(path)
    assert content(folder) == before


@pytest.mark.parametrize("damage", [lambda raw: raw[1:], lambda raw: raw[:5], lambda _: None])
def test_a_damaged_list_of_errors_is_noticed(
    tmp_path: Path, source: Path, damage: Callable[[bytes], bytes | None]
) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(11))
    path = folder / "errors.jsonl"
    changed = damage(path.read_bytes())
    path.unlink()
    if changed is not None:
        path.write_bytes(changed)
    with pytest.raises(FormatError, match="the list of errors is"):
        run(folder, source, resume=True)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"manifest": 2}', '{"manifest": 1, "run": {}, "parts": [{}]}'])
def test_a_manifest_that_is_none(tmp_path: Path, source: Path, text: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / MANIFEST_FILE).write_text(text)
    for resume in (False, True):
        with pytest.raises(FormatError, match="manifest"):
            run(folder, source, resume=resume)
    assert (folder / MANIFEST_FILE).read_text() == text


def test_what_is_left_over_is_removed_and_nothing_else(tmp_path: Path, source: Path, whole: dict[str, bytes]) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(11))
    left = [".part-000002.jsonl.zst.77.tmp", "part-000002.jsonl.zst", f".{MANIFEST_FILE}.8.tmp"]
    for name in left:
        (folder / name).write_text("half")
    (folder / "notes.txt").write_text("mine")
    with (folder / "errors.jsonl").open("a") as stream:
        stream.write("half a li")
    run(folder, source, resume=True)
    assert content(folder) == {**whole, "notes.txt": b"mine"}


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("complete", [False, True])
def test_parts_whose_manifest_is_lost_are_never_removed(
    tmp_path: Path, source: Path, resume: bool, complete: bool
) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=engine() if complete else stopping(11))
    (folder / MANIFEST_FILE).unlink()
    before = content(folder)
    for _ in range(2):
        with pytest.raises(
            ConfigError, match=r"parts without a manifest; expected the manifest.json .* found part-0000"
        ):
            run(folder, source, resume=resume)
        assert content(folder) == before
        (folder / "errors.jsonl").unlink(missing_ok=True)
        before = content(folder)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("kept", [0, 1])
def test_parts_that_an_old_manifest_does_not_tell_of_are_never_removed(
    tmp_path: Path, source: Path, resume: bool, kept: int
) -> None:
    folder = tmp_path / "out"
    with suppress(RuntimeError):
        run(folder, source, made=stopping(15))
    found = read_manifest(folder)
    assert found is not None
    assert len(found.parts) == 3
    (folder / MANIFEST_FILE).write_bytes(Manifest(found.run, found.parts[:kept]).to_bytes())
    before = content(folder)
    with pytest.raises(ConfigError, match=r"does not tell of; .* found part-00000[12]\.jsonl"):
        run(folder, source, resume=resume)
    assert content(folder) == before


def test_errors_may_be_listed_elsewhere(tmp_path: Path, source: Path, whole: dict[str, bytes]) -> None:
    listed = tmp_path / "bad.jsonl"
    with suppress(RuntimeError):
        run(tmp_path / "out", source, errors=listed, made=stopping(11))
    run(tmp_path / "out", source, errors=listed, resume=True)
    assert {**content(tmp_path / "out"), "errors.jsonl": listed.read_bytes()} == whole


def test_errors_may_be_listed_through_a_link(tmp_path: Path, source: Path, whole: dict[str, bytes]) -> None:
    link, listed = tmp_path / "link.jsonl", tmp_path / "elsewhere" / "bad.jsonl"
    listed.parent.mkdir()
    link.symlink_to(listed)
    with suppress(RuntimeError):
        run(tmp_path / "out", source, errors=link, made=stopping(11))
    assert listed.stat().st_size > 0
    run(tmp_path / "out", source, errors=link, resume=True)
    assert link.is_symlink()
    assert {**content(tmp_path / "out"), "errors.jsonl": listed.read_bytes()} == whole


def test_a_stream_of_the_process_is_not_a_list_of_an_earlier_run(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as stream:
        stream.write(b"said before\n")
        stream.flush()
        with ErrorList(Path(f"/dev/fd/{stream.fileno()}"), 0, "") as errors:
            errors.cut()
            errors.write(b"bad\n")
            errors.sync()
    assert (tmp_path / "log").read_bytes() == b"said before\nbad\n"


def test_a_complete_run_removes_no_file(tmp_path: Path) -> None:
    source, precious = tmp_path / "in.jsonl", tmp_path / "precious.jsonl"
    source.write_text('{"id": "a", "text": "ERK"}\n')
    run(tmp_path / "out", source)
    precious.write_text("mine")
    run(tmp_path / "out", source, errors=precious, resume=True)
    assert precious.read_text() == "mine"


def test_nothing_to_annotate(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("no JSON\n")
    with pytest.raises(InputError, match="nothing to annotate"):
        run(tmp_path / "out", source)
    write_source(source)
    run(tmp_path / "out", source)


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders there")
def test_two_runs_never_write_into_one_folder(tmp_path: Path, source: Path) -> None:
    with (
        PartFolder(tmp_path / "out", RUN),
        pytest.raises(ConfigError, match="another run writes into the output folder"),
    ):
        run(tmp_path / "out", source, resume=True)
    run(tmp_path / "out", source, resume=True)


@pytest.mark.parametrize("format", ["parquet", "jsonl"])
def test_parts_in_other_formats(tmp_path: Path, source: Path, format: str) -> None:
    with suppress(RuntimeError):
        run(tmp_path / "out", source, made=stopping(9), changes={"format": format})
    run(tmp_path / "out", source, resume=True, changes={"format": format})
    run(tmp_path / "whole", source, changes={"format": format})
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    assert len([*read_documents(tmp_path / "out")]) == 20


def test_names_of_parts() -> None:
    assert part_suffix(Path("out"), "jsonl") == ".jsonl.zst"
    assert part_suffix(Path("out.parquet"), "parquet") == ".parquet"


def test_text_is_compressed(whole: dict[str, bytes]) -> None:
    raw = whole["part-000000.jsonl.zst"]
    lines = zstandard.ZstdDecompressor().stream_reader(raw).read().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["c0", "c1", "c2", "c4"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
class TestKilling:
    """Ends the process, as ``kill -9`` does, before each thing that changes the folder."""

    @staticmethod
    def killed(before: int, work: Callable[[], object]) -> bool:
        """Do work in a child that is killed before its step of this number; whether it came so far."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # forking a process with threads
            child = os.fork()
        if not child:
            steps = 0

            def step(function: Callable[..., Any]) -> Callable[..., Any]:
                def call(*arguments: Any, **options: Any) -> Any:
                    nonlocal steps
                    if steps == before:
                        os.kill(os.getpid(), signal.SIGKILL)
                    steps += 1
                    return function(*arguments, **options)

                return call

            os.fsync = step(os.fsync)
            Path.replace = step(Path.replace)  # type: ignore[method-assign]
            Path.unlink = step(Path.unlink)  # type: ignore[method-assign]
            Path.mkdir = step(Path.mkdir)  # type: ignore[method-assign]
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)

    def test_a_run_killed_at_any_step_can_be_gone_on_with(self, tmp_path: Path) -> None:
        source, step = write_source(tmp_path / "in.jsonl", 8), 0
        run(tmp_path / "whole", source)
        while self.killed(step, partial(run, tmp_path / str(step), source)):
            run(tmp_path / str(step), source, resume=True)
            assert content(tmp_path / str(step)) == content(tmp_path / "whole"), f"killed at step {step}"
            step += 1
        assert len(content(tmp_path / "whole")) == 4
        assert step > 2 * 7
        assert content(tmp_path / str(step)) == content(tmp_path / "whole")

    @pytest.mark.parametrize("seed", range(3))
    def test_a_run_killed_again_and_again(
        self, tmp_path: Path, source: Path, whole: dict[str, bytes], seed: int
    ) -> None:
        chance = random.Random(seed)  # noqa: S311
        kills = 0
        while self.killed(
            chance.randrange(20),
            lambda: run(tmp_path / "out", source, resume=True, made=engine(chance.randrange(1, 9))),
        ):
            kills += 1
        assert kills > 2
        assert content(tmp_path / "out") == whole

"""How a run says how far it is."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from rich.console import Console

from nlp import Caption, Document, InputError, Location
from nlp.formats.base import raise_error
from nlp.formats.manifest import Tally
from nlp.formats.sources import read_sources
from nlp.scale import progress as progress_module
from nlp.scale.progress import Meter, RunProgress, _duration, _lines
from nlp.scale.summary import summarize

RECORDS = [{"id": str(number), "text": f"Caption {number} " + "x" * (number % 50)} for number in range(1000)]


def write(path: Path) -> Path:
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines))
    elif path.suffix == ".zst":
        path.write_bytes(zstandard.compress(lines[:5000]) + zstandard.compress(lines[5000:]))
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(RECORDS), path)
    else:
        path.write_bytes(lines)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
def test_lines_are_counted(tmp_path: Path, name: str) -> None:
    assert _lines(write(tmp_path / name)) == 1000


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_lines_of_large_files_are_estimated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = tmp_path / name
    lines = b"".join(f"{number * 7919 % 10007} {'x' * (number % 97)}\n".encode() for number in range(60_000))
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    monkeypatch.setattr(progress_module, "_SAMPLE", 1 << 20)
    monkeypatch.setattr(progress_module, "_CHUNK", 1 << 16)
    assert _lines(path) == pytest.approx(60_000, rel=0.15)


def test_lines_of_a_damaged_file_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(write(tmp_path / "b.jsonl.gz").read_bytes()[:-900])
    (tmp_path / "a.parquet").write_text("no Parquet")
    assert _lines(tmp_path / "a.jsonl.gz") is None
    assert _lines(tmp_path / "a.parquet") is None


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
def test_the_share_grows_with_the_captions(tmp_path: Path, name: str) -> None:
    meter = Meter([write(tmp_path / name)])
    shares = [meter.share(caption.where) for caption in read_sources([tmp_path / name], raise_error)]
    assert shares == pytest.approx([number / 1000 for number in range(1, 1001)])


def test_the_share_of_many_files_is_by_their_bytes(tmp_path: Path) -> None:
    for name, size in (("a.txt", 10), ("b.txt", 30), ("c.md", 60)):
        (tmp_path / name).write_text("x" * size)
    meter = Meter([tmp_path / "a.txt", tmp_path])
    assert (meter.files, meter.bytes) == (4, 110)
    places = [tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.md"]
    # The first is read twice, but its caption comes once.
    assert [meter.share(Location(str(path))) for path in places] == pytest.approx([0, 20 / 110, 50 / 110])


@pytest.mark.parametrize("sources", [["-"], []])
def test_what_is_left_of_a_stream_is_not_known(tmp_path: Path, sources: list[str]) -> None:
    assert Meter(sources).share(Location("<stdin>", 3)) is None
    assert Meter([write(tmp_path / "a.jsonl"), "-"]).share(Location(str(tmp_path / "a.jsonl"))) is None


def test_a_file_that_is_not_among_the_sources_ends_the_measure(tmp_path: Path) -> None:
    meter = Meter([write(tmp_path / "a.jsonl")])
    assert meter.share(Location("elsewhere")) is None
    assert meter.share(Location(str(tmp_path / "a.jsonl"))) is None


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def said(path: Path, *, seconds: float, before: int = 0, terminal: bool = False) -> list[str]:
    """What is shown of a run over a file with so many seconds for each caption."""
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, force_terminal=terminal, width=200)
    with RunProgress(Meter([path]), done_before=before, console=console, clock=clock) as progress:
        for number, caption in enumerate(read_sources([path], raise_error)):
            if number < before:
                clock.now += 1 / 1024
                progress.passed(caption)
            else:
                clock.now += seconds
                progress.done(caption, Document(caption.id, caption.text))
    return stream.getvalue().splitlines()


def test_a_log_gets_a_line_now_and_then(tmp_path: Path) -> None:
    lines = said(write(tmp_path / "a.jsonl"), seconds=0.125)
    assert lines == [
        "pathcap: 80 captions, 8.0/s, 8.0% read, 1 min 55 s left",
        "pathcap: 320 captions, 8.0/s, 32.0% read, 1 min 25 s left",
        "pathcap: 560 captions, 8.0/s, 56.0% read, 55 s left",
        "pathcap: 800 captions, 8.0/s, 80.0% read, 25 s left",
    ]


def test_a_short_run_says_nothing(tmp_path: Path) -> None:
    assert said(write(tmp_path / "a.jsonl"), seconds=0.001) == []


def test_what_was_done_before_does_not_count_for_the_rate(tmp_path: Path) -> None:
    lines = said(write(tmp_path / "a.jsonl"), seconds=0.125, before=500)
    assert lines[0] == "pathcap: 77 captions, 8.0/s, 57.7% read, 53 s left"


def test_a_terminal_gets_a_bar(tmp_path: Path) -> None:
    shown = "".join(said(write(tmp_path / "a.jsonl"), seconds=0.125, terminal=True))
    assert re.search(r"━.*999 captions, 8\.0/s, 99\.9% read", shown)


def test_errors_are_inputs_too() -> None:
    stream, clock = io.StringIO(), Clock()
    with RunProgress(Meter(["-"]), console=Console(file=stream, width=200), clock=clock) as progress:
        progress.done(Caption("a", "ERK"), Document("a", "ERK"))
        clock.now = 20
        error = InputError("empty caption", where=Location("<stdin>", 2))
        progress.done(error, error)
    assert stream.getvalue() == "pathcap: 1 caption, 0.1/s\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (3600, "1 h 00 min"), (3 * 3600 + 310, "3 h 05 min"), (3e5, "3 d 11 h")],
)
def test_durations(seconds: float, text: str) -> None:
    assert _duration(seconds) == text


def test_a_summary_tells_what_was_done_and_what_was_not(tmp_path: Path) -> None:
    tally = Tally()
    tally.add(Document("a", "x" * 30))
    for message in ("empty caption", "no caption", "empty caption"):
        tally.add(InputError(message))
    first, second, third = summarize(tally, 2.0, "out", tmp_path / "errors.jsonl")
    assert first == "1 caption annotated in 2.0 s (0.5 captions/s, 15 characters/s) -> out"
    assert second.startswith("0 mentions, 0 relations; peak memory ")
    assert third == f"3 inputs set aside, listed in {tmp_path}/errors.jsonl: 2 empty caption; 1 no caption"


def test_a_summary_of_a_run_that_went_on_tells_of_the_whole() -> None:
    now, whole = Tally(captions=10, characters=100, mentions=5), Tally(captions=90, mentions=60, relations=7)
    first, second, third = summarize(now, 1.0, "out/", whole=whole, parts=9)
    assert first == "10 more captions annotated in 1.0 s (10.0 captions/s, 100 characters/s)"
    assert second == "90 captions in all -> out/ in 9 parts"
    assert third.startswith("60 mentions, 7 relations")

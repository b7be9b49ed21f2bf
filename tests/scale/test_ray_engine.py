"""Annotation on a cluster of Ray: two nodes on this machine, with one worker each."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nlp.cli import SET_ASIDE, main
from nlp.config import default_model
from nlp.errors import ConfigError, InputError, ModelError, PipelineError
from nlp.formats.records import to_record
from nlp.pipeline import Pipeline
from nlp.scale import ray_engine, ray_worker
from nlp.scale.outcomes import Failed, Outcome, annotate_here
from nlp.scale.ray_engine import BLOCK, WorkerRange, annotate_with_ray
from nlp.scale.ray_worker import TRIES, Begun, Worker, identity, outcome_or_error, pack, unpack
from nlp.scale.wire import caption_to_json, outcome_to_json
from nlp.types import Caption, Document
from tests.timing import until

# Ray warns of its own settings, and leaves sockets and streams of its processes to the collector.
pytestmark = [
    pytest.mark.filterwarnings(r"ignore::DeprecationWarning:ray\..*"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

TEXTS = [
    "The drug raises the level of TNF by ERK1.",
    "MEK → ERK2 in the nucleus.",
    "Interleukin 6 (IL-6) inhibits the kinase and binds TNF-α.",
    "No names here.",
]
OBJECT_STORE = 100 * 2**20
UNWRITABLE = "ERK \ud800"


def captions(count: int) -> list[Caption]:
    return [Caption(f"c{number}", f"{TEXTS[number % len(TEXTS)]} Panel {number}.") for number in range(count)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster of two nodes with one CPU each."""
    pytest.importorskip("ray", reason="needs Ray")
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": OBJECT_STORE, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    cluster.add_node(**node)
    yield cluster.address
    cluster.shutdown()
    until(lambda: not worker_pids())


@pytest.fixture(scope="module")
def pipeline_here(model_folder: Path) -> Pipeline:
    return Pipeline.load(model_folder)


def worker_pids() -> set[int]:
    """Processes of this test's cluster that annotate."""
    parents, workers = {}, set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if b"ray::MapWorker" in (process / "cmdline").read_bytes():
                workers.add(int(process.name))
        except OSError:
            continue

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_ours(parents[pid]))

    return {pid for pid in workers if is_ours(pid)}


def held_workers() -> set[int]:
    """The workers there are, stopped until they are told to go on."""
    pids = worker_pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return pids


def shown(outcomes: list[Outcome]) -> list[object]:
    """What is written of outcomes, scores included."""
    return [
        to_record(outcome) if isinstance(outcome, Document) else (outcome.caption, str(outcome.error))
        for outcome in outcomes
    ]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_nothing(
    cluster: str, model_folder: Path, pipeline_here: Pipeline, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = captions(12 * BLOCK + 7)
    wanted.insert(6 * BLOCK, Caption("bad", UNWRITABLE))
    local = list(annotate_here(wanted, pipeline=pipeline_here))
    assert [outcome.caption.id for outcome in local if isinstance(outcome, Failed)] == ["bad"]
    assert sum(bool(outcome.mentions) for outcome in local if isinstance(outcome, Document)) > BLOCK
    capfd.readouterr()
    with closing(annotate_with_ray(wanted, model=model_folder, workers=WorkerRange(2, 2), address=cluster)) as outcomes:
        found = [next(outcomes)]
        # Held, so that work is left for the one that takes the killed one's place, however long each takes to start.
        until(lambda: len(held_workers()) == 2)
        killed, other = before = worker_pids()
        try:
            os.kill(killed, signal.SIGKILL)
            until(lambda: worker_pids() - before)
        finally:
            os.kill(other, signal.SIGCONT)
        found += [next(outcomes) for _ in wanted[1:]]
        assert next(outcomes, None) is None
    assert shown(found) == shown(local)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_captions_are_read_as_outcomes_are_taken(cluster: str, model_folder: Path, pipeline_here: Pipeline) -> None:
    wanted, taken = captions(3 * BLOCK + 1), 0

    def counted() -> Iterator[Caption]:
        nonlocal taken
        for caption in wanted:
            taken += 1
            yield caption

    with closing(
        annotate_with_ray(counted(), model=model_folder, workers=WorkerRange(1, 2), address=cluster, window=2 * BLOCK)
    ) as outcomes:
        found = [next(outcomes)]
        assert taken == 3 * BLOCK
        found += outcomes
    assert shown(found) == shown(list(annotate_here(wanted, pipeline=pipeline_here)))


@pytest.mark.slow
def test_the_command_writes_the_same_files(
    cluster: str, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", cluster)
    source = tmp_path / "captions.jsonl"
    lines = [json.dumps({"id": caption.id, "text": caption.text}) for caption in captions(BLOCK + 30)]
    source.write_text("\n".join([*lines[:50], "{", *lines[50:]]), encoding="utf-8")
    written = {}
    for engine in ("local", "ray"):
        folder = tmp_path / engine
        arguments = ["-o", f"{folder}/", "--format", "parquet", "--part-size", "40", "--model", str(model_folder)]
        assert main(["annotate", str(source), "--engine", engine, *arguments]) == SET_ASIDE
        written[engine] = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len([name for name in written["local"] if name.endswith(".parquet")]) == 3
    assert written["ray"] == written["local"]


def test_a_cluster_without_a_gpu_says_so(cluster: str, model_folder: Path) -> None:
    with pytest.raises(ConfigError, match="no GPU"):
        next(annotate_with_ray(captions(1), model=model_folder, address=cluster, device="cuda"))


def test_where_no_cluster_is_the_error_says_so(model_folder: Path) -> None:
    pytest.importorskip("ray", reason="needs Ray")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match=f"no Ray cluster.*{address}"):
            next(annotate_with_ray(captions(1), model=model_folder, address=address))
    with pytest.raises(ConfigError, match="not an address in the cluster"):
        next(annotate_with_ray(captions(1), model=model_folder, address="ray://127.0.0.1:10001"))


def test_without_ray_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(ConfigError, match=r"pathcap\[ray\]"):
        next(annotate_with_ray(captions(1)))


@pytest.mark.parametrize(("text", "expected"), [("1", (1, 1)), ("2:8", (2, 8)), ("3:3", (3, 3))])
def test_numbers_of_workers(text: str, expected: tuple[int, int]) -> None:
    workers = WorkerRange.parse(text)
    assert (workers.least, workers.most) == expected


@pytest.mark.parametrize("text", ["", "0", "2:1", "-1", "1:", ":2", "1:2:3", "two"])
def test_numbers_of_workers_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="number of workers"):
        WorkerRange.parse(text)


def test_a_worker_with_another_model_says_so(model_folder: Path) -> None:
    worker = Worker(Begun(), str(model_folder), None, "cpu", identity(default_model()))
    ((number, error),) = unpack(worker(pack(4, map(caption_to_json, captions(2)))), outcome_or_error)
    assert number == 4
    assert type(error) is ModelError
    assert "not the driver's" in str(error)


class DiedError(Exception):
    """A worker's process ended."""


def test_a_caption_that_ends_its_worker_is_set_aside_alone(
    model_folder: Path, pipeline_here: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Ray does it: the same block to one new worker after another, with what was counted as all that is left."""

    def annotate(captions: list[Caption], *, pipeline: Pipeline) -> Iterator[Outcome]:
        if any("deadly" in caption.text for caption in captions):
            raise DiedError
        return annotate_here(captions, pipeline=pipeline)

    monkeypatch.setattr(ray_worker, "annotate_here", annotate)
    monkeypatch.setattr(ray_worker, "_load", lambda *_: pipeline_here)
    wanted = captions(5)
    wanted[2] = Caption("x", "A deadly ERK1.")
    begun, deaths, block = Begun(), 0, pack(10, map(caption_to_json, wanted))
    while True:
        try:
            numbers, outcomes = zip(*unpack(Worker(begun, None, None, "cpu", "")(block), outcome_or_error), strict=True)
        except DiedError:
            deaths += 1
        else:
            break
    assert deaths == 2 * TRIES
    assert numbers == (10, 11, 12, 13, 14)
    assert [outcome.id for outcome in outcomes if isinstance(outcome, Document)] == ["c0", "c1", "c3", "c4"]
    assert isinstance(failed := outcomes[2], Failed)
    assert failed.caption == wanted[2]
    assert isinstance(failed.error, PipelineError)
    # Nothing is left to remember.
    assert not begun._counts


def test_an_error_of_ray_is_told_by_its_first_cause() -> None:
    text = (
        "ray::Worker()\n  File x\nValueError: broken\n\nThe above exception was the direct cause of the next:\n\nothers"
    )
    assert ray_engine._cause(RuntimeError(text)) == "ValueError: broken"
    assert ray_engine._cause(RuntimeError("The actor died.\n")) == "The actor died."
    assert ray_engine._cause(RuntimeError()) == "RuntimeError"


def test_what_crosses_processes_is_whole(pipeline_here: Pipeline) -> None:
    document = pipeline_here("Interleukin 6 (IL-6) activates TNF and ERK1.")
    assert document.abbreviations
    assert document.mentions
    failed = Failed(Caption("x", "ERK"), InputError("wrong", expected="right"))
    (_, copy), (_, other) = unpack(pack(0, map(outcome_to_json, (document, failed))), outcome_or_error)
    # Scores are no part of equality.
    assert repr(copy) == repr(document)
    assert other.caption == failed.caption
    assert other.error.expected == "right"

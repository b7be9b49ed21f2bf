"""The benchmark: that it measures what it says, on few captions and without peers."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nlp import Caption, Pipeline
from nlp.networks.graph import OnnxGraph
from nlp.networks.inputs import Window
from tests.conftest import REPOSITORY

TEXTS = [
    "TNF activates NF-κB, which raises the level of IL-6 (interleukin 6).",
    "(A) Rapamycin inhibits mTOR. (B) AKT phosphorylates FOXO3.",
    "Hypoxia stabilises HIF-1α, which induces VEGF in tumour cells.",
]


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Scripts can be imported."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    yield
    for name in [name for name in sys.modules if name not in known]:
        if name.split(".")[0] in ("benchmark", "benchmarking"):
            del sys.modules[name]


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "captions.jsonl"
    records = [{"id": f"c{number}", "text": text} for number, text in enumerate(TEXTS)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_whole_run(captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import benchmark

    out = tmp_path / "figures.json"
    options = ["--captions", captions, "--repeats", "2", "--threads", "1", "--starts", "0", "--no-peers", "--json", out]
    benchmark.main(list(map(str, options)))
    report = json.loads(out.read_text(encoding="utf-8"))

    parts = report["captions"]["parts"]
    assert {name: part["captions"] for name, part in parts.items()} == {"warm": 1, "1": 1, "2": 1}
    assert parts["1"]["characters"] == len(TEXTS[1])
    assert parts["1"]["window_pieces"] == parts["1"]["pieces"] + 2  # the marks of its only window

    rows = {row["name"]: row for row in report["speed"]}
    assert list(rows) == ["bare encoder", "pathcap", "pathcap, file to file"]
    for row in rows.values():
        assert row["cores"] == 1
        assert row["captions/s"]["all"] == pytest.approx([1 / seconds for seconds in row["seconds"]])
        pieces = [parts[name]["pieces"] / seconds for name, seconds in zip("12", row["seconds"], strict=True)]
        assert row["pieces/s"]["all"] == pytest.approx(pieces)
        assert row["captions/s"]["low"] <= row["captions/s"]["median"] <= row["captions/s"]["high"]
        assert 0 < row["processor"]["median"] < 10
        assert 5e7 < row["peak"] < 1.5e9
    assert rows["pathcap"]["peak"] > rows["bare encoder"]["peak"], "each has its own memory"

    ratios = {row["name"]: row["ratio"]["all"] for row in report["ratios"]}
    ours, theirs = (rows[name]["captions/s"]["all"] for name in ("pathcap", "bare encoder"))
    assert ratios["pathcap / bare encoder"] == pytest.approx(np.divide(ours, theirs))

    stages = report["stages"]
    assert stages["captions"] == 2
    assert {"sentences", "grounding", "merged-mentions: encoder", "elsewhere"} <= stages["seconds"].keys()
    assert set(report["files"]["seconds"]) == {
        f"{what} {kind}" for what in ("reading", "writing") for kind in ("jsonl", "parquet")
    }
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["versions"]["pathcap"]

    printed = capsys.readouterr().out
    for expected in ("| bare encoder | 1 |", "| pathcap / bare encoder | 1 |", "| – encoder |", "| writing parquet |"):
        assert expected in printed


def test_start_of_a_process(captions: Path, tmp_path: Path) -> None:
    import benchmark

    (tmp_path / "one.jsonl").write_text(captions.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    report: dict[str, Any] = {}
    benchmark.measure_start(report, benchmark.Spec("", str(tmp_path)), SimpleNamespace(starts=1), [])
    seconds = {name: found["median"] for name, found in report["start"].items()}
    assert list(seconds) == ["python", "import of pathcap", "pathcap annotate, one caption"]
    assert 0 < seconds["python"] < min(seconds["import of pathcap"], seconds["pathcap annotate, one caption"])
    assert isinstance(report["torch_imported"], bool)


def test_windows_are_those_of_the_pipeline(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, captions: Path
) -> None:
    from benchmarking.captions import prepare, read_captions, read_windows

    parts = prepare([str(captions)], None, 1, None, tmp_path)
    found = {name: read_windows(tmp_path, name) for name in parts}
    expected: list[Window] = []
    read = OnnxGraph.read

    def recording(graph: OnnxGraph, windows: Any, head: str) -> Any:
        expected.extend(windows)
        return read(graph, windows, head)

    monkeypatch.setattr(OnnxGraph, "read", recording)
    for name in parts:
        expected.clear()
        list(pipeline.stream(read_captions(tmp_path, name)))
        assert len(found[name]) == len(expected) == parts[name]["windows"]
        for ours, theirs in zip(sorted(found[name], key=key), sorted(expected, key=key), strict=True):
            for array in ("ids", "shapes", "firsts"):
                np.testing.assert_array_equal(getattr(ours, array), getattr(theirs, array))


def key(window: Window) -> list[int]:
    return window.ids.tolist()


def test_parts_are_apart_and_even(tmp_path: Path, captions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarking import captions as module

    monkeypatch.setattr(module, "WindowCutter", NoWindows)
    texts = [f"ERK number {number}." for number in range(100)]
    captions.write_text("".join(json.dumps({"id": text, "text": text}) + "\n" for text in texts), encoding="utf-8")
    parts = module.prepare([str(captions)], 50, 4, None, tmp_path)
    own = {name: [caption.text for caption in module.read_captions(tmp_path, name)] for name in parts}
    assert list(own) == ["warm", "1", "2", "3", "4"]
    assert sorted(text for part in own.values() for text in part) == sorted(texts[::2])
    assert {len(part) for part in own.values()} == {10}
    everything = module.read_captions(tmp_path, module.ALL)
    assert [caption.text for caption in everything] == [text for name in "1234" for text in own[name]]
    assert len(module.read_captions(tmp_path, module.ONE)) == 1
    with pytest.raises(SystemExit, match="100 captions are too few"):
        module.prepare([str(captions)], None, 100, None, tmp_path)


class NoWindows:
    def __init__(self, _: object) -> None:
        self.cut: list[Caption] = []

    def __call__(self, captions: list[Caption]) -> list[Window]:
        self.cut += captions
        return []

    def pieces(self, texts: list[str]) -> list[str]:
        return texts


def test_contenders_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarking import runs
    from benchmarking.child import Spec

    told: list[tuple[str, str]] = []

    class Fake:
        """Takes a second for each caption of its share."""

        def __init__(self, spec: Spec) -> None:
            self.spec, self.answers = spec, iter([{}])

        def tell(self, line: str) -> None:
            told.append((self.spec.task, line))
            self.answers = iter([{"seconds": 2.0, "processor": 1.0, "detail": {"part": line}}])

        def answer(self) -> dict[str, Any]:
            return next(self.answers)

        def finish(self) -> dict[str, Any]:
            return {"peak": 100}

        def end(self) -> None:
            told.append((self.spec.task, "end"))

    monkeypatch.setattr(runs, "Process", Fake)
    known = [runs.Contender("a", (Spec("a", ""),)), runs.Contender("b", (Spec("b0", ""), Spec("b1", "")))]
    parts = {"1": {"captions": 4, "pieces": 40}, "2": {"captions": 6, "pieces": 60}}
    alone, together = runs.compare(known, parts, "warm")
    turns = [(task, part) for part in ("warm", "1", "2") for task in ("a", "b0", "b1")]
    assert told[:9] == turns
    assert sorted(told[9:]) == [("a", "end"), ("b0", "end"), ("b1", "end")]
    assert alone.captions == [4, 6]
    assert alone.caption_rates == [2.0, 3.0]
    assert alone.piece_rates == [20.0, 30.0]
    assert alone.processor_times == [1 / 4, 1 / 6]
    assert [detail["part"] for detail in alone.details] == ["1", "2"]
    assert (alone.peak, together.peak) == (100, 200)
    assert together.processor == [2.0, 2.0]
    assert all(seconds < 2 for seconds in together.seconds), "of several, the time until the last answers"


def test_process_that_fails_is_named() -> None:
    from benchmarking.child import Spec
    from benchmarking.runs import ask

    with pytest.raises(SystemExit, match="no such task: its process ended with status 1"):
        ask(Spec("no such task", ""), "1")


def test_peers_that_cannot_run_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import benchmark

    spec = benchmark.Spec("", "", cache=str(tmp_path / "cache"), steps=2)
    options = SimpleNamespace(data=None, wheels=None)
    assert benchmark.prepare_peers(spec, options) == []
    assert "needs --data" in capsys.readouterr().err
    benchmark.trained(tmp_path / "cache", 2).mkdir()
    assert benchmark.prepare_peers(spec, options) == ["peer", "peer-abbreviations"]
    assert "need --wheels and gilda" in capsys.readouterr().err


@pytest.mark.slow
def test_peer_learns_once_and_runs(captions: Path, tmp_path: Path) -> None:
    from benchmarking.child import Spec
    from benchmarking.peer import CORPUS, trained, trained_f1
    from benchmarking.runs import Contender, ask, compare

    corpus = tmp_path / "data" / "corpora" / "ner" / CORPUS
    corpus.mkdir(parents=True)
    sentences = "Aspirin\tB-Chemical\nprevents\tO\nstroke\tB-Disease\n.\tO\n\n" * 8
    for split in ("train", "devel"):
        (corpus / f"{split}.tsv.gz").write_bytes(gzip.compress(sentences.encode()))
    cache = tmp_path / "cache"
    cache.mkdir()
    spec = Spec("prepare-peer", str(tmp_path), cache=str(cache), steps=2)
    ask(spec, json.dumps({"data": str(tmp_path / "data"), "wheels": None}))
    folder = trained(cache, 2)
    assert 0 <= trained_f1(folder) <= 1
    assert [path.name for path in cache.iterdir()] == [folder.name], "no text is left behind"

    halves = [replace(spec, task="peer-abbreviations", share=(number, 2)) for number in range(2)]
    parts = {"captions": {"captions": len(TEXTS), "pieces": 40}}
    (found,) = compare([Contender("peer", tuple(halves))], parts, None)
    assert len(found.details) == 2
    assert all(detail["mentions"] >= 0 for detail in found.details)
    assert found.captions == [3]


def test_start_times_leaves_out_the_first_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarking.runs import start_times

    fails = [sys.executable, "-c", "raise SystemExit('went wrong')"]
    reads = [sys.executable, "-c", "assert input() == 'one'"]
    assert {name: len(times) for name, times in start_times({"reads": (reads, "one\n")}, 2).items()} == {"reads": 2}
    with pytest.raises(SystemExit, match=r"(?s)fails: status 1.*went wrong"):
        start_times({"fails": (fails, "")}, 1)


def test_peer_has_a_process_for_each_core() -> None:
    import benchmark

    spec = benchmark.Spec("", "", cores=(3, 5))
    *own, peer = benchmark.contenders(spec, ["cpu", "cuda"], ["peer"])
    assert [contender.name for contender in own] == [
        f"{name}{on}" for on in ("", ", GPU") for name in ("bare encoder", "pathcap", "pathcap, file to file")
    ]
    assert [(one.cores, one.share) for one in peer.specs] == [((3,), (0, 2)), ((5,), (1, 2))]


class TestClock:
    def test_inner_time_counts_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from benchmarking import stages

        now = [0.0]
        monkeypatch.setattr(stages.time, "thread_time", lambda: now[0])
        clock = stages.Clock()

        def spend(seconds: float) -> None:
            now[0] += seconds

        inner = clock.timed("inner", lambda: spend(3))
        same = clock.timed("stage", lambda: (spend(1), inner()))
        outer = clock.timed("stage", lambda: (spend(10), same(), inner()))
        outer()
        inner()
        assert clock.seconds == {"stage": 11, "stage: inner": 6, "inner": 3}

    def test_time_counts_where_something_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from benchmarking import stages

        now = iter([0.0, 1.0, 3.0, 6.0])
        monkeypatch.setattr(stages.time, "thread_time", lambda: next(now))
        clock = stages.Clock()

        def fail() -> None:
            raise KeyError

        with pytest.raises(KeyError):
            clock.timed("outer", clock.timed("inner", fail))()
        assert clock.seconds == {"outer": 4, "outer: inner": 2}

    def test_classes_are_as_before(self, pipeline: Pipeline) -> None:
        from benchmarking.stages import INNER, timing

        kinds = {*map(type, pipeline.stages), *(kind for _, kind, _ in INNER)}
        before = {kind: {**vars(kind)} for kind in kinds}
        with timing(pipeline):
            changed = {kind for kind in kinds if {**vars(kind)} != before[kind]}
        assert changed == kinds
        assert {kind: {**vars(kind)} for kind in kinds} == before

    def test_every_stage_has_its_share(self, pipeline: Pipeline) -> None:
        from benchmarking.stages import REST, shares

        found = shares(pipeline, lambda: list(pipeline.stream(TEXTS)))
        assert {stage.name for stage in pipeline.stages} <= found.keys()
        assert found["merged-mentions: encoder"] > found["keywords"]
        assert abs(found[REST]) < sum(found.values()) / 2


class TestTables:
    def test_spread(self) -> None:
        from benchmarking.tables import shown, spread

        assert shown(spread([1.0, 4.0, 2.0])) == "2.0 (1.0–4.0)"
        assert shown(spread([1234.56]), 1) == "1,234.6"
        assert shown(spread([0.5]), 0, scale=1000) == "500"

    def test_stages_with_their_parts(self) -> None:
        from benchmarking.tables import grouped

        found = grouped({"a": 1.0, "b": 2.0, "a: x": 3.0})
        assert found == {"a": {"": 1.0, "x": 3.0}, "b": {"": 2.0}}
        assert list(found) == ["a", "b"]

    def test_ray_and_peer(self) -> None:
        from benchmarking.tables import _peer, _ray, spread

        rows = [
            {
                "name": f"{n} workers",
                "captions/s": spread([20.0 * n]),
                "until the first": spread([9.0]),
                "in all": spread([60.0]),
            }
            for n in (1, 2)
        ]
        table, ratio = _ray({"ray": rows})
        assert "| 2 workers | 40.0 | 9.0 | 60.0 |" in table
        assert ratio == "Ratio: 2.00"
        said = _peer({"peer": {"corpus": "BC5CDR", "steps": 4000, "devel_f1": 0.8123}})
        assert "4,000 batches (devel F1 81.2)" in said


def test_torch_cannot_be_imported_beside_the_peer() -> None:
    from benchmarking.peer import WithoutTorch

    with pytest.raises(ModuleNotFoundError):
        WithoutTorch().find_spec("torch")
    assert WithoutTorch().find_spec("numpy") is None

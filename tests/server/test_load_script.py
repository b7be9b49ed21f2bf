"""The load test: what it counts, and that a short run of it goes through."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from nlp.server import Settings
from tests.conftest import REPOSITORY
from tests.server.servers import Marks, running, toy


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    import load_test

    yield load_test
    for name in set(sys.modules) - known:
        if name.split(".")[0] in ("load_test", "benchmarking"):
            del sys.modules[name]


def test_percentiles_and_arrivals(script: ModuleType) -> None:
    assert [script.percentile([4, 1, 3, 2], percent) for percent in (0, 25, 50, 75, 99, 100)] == [1, 1, 2, 3, 4, 4]
    assert script.percentile([], 99) == 0
    times = script.arrivals(50, 20, 1)
    assert times == sorted(times) == script.arrivals(50, 20, 1)
    assert times != script.arrivals(50, 20, 2)
    assert 900 < len(times) < 1100
    assert times[-1] < 20
    assert len(script.arrivals(1e6, 20, 1)) == script.MOST_REQUESTS


def test_phases_count_what_is_done_and_what_is_shed(script: ModuleType) -> None:
    with running(toy(Marks(seconds=0.05)), Settings(queue_captions=4, max_captions=4, batch_captions=1)) as (url, _):
        closed = script.run_phase(url, 4, lambda asked: script.closed(asked, ["A b."], 4, 0.5))
        times = [0.01 * number for number in range(40)]
        opened = script.run_phase(url, 40, lambda asked: script.opened(asked, ["A b."], times))
    assert set(closed.statuses) == {200}
    # One after the other, and what is under way at the end is waited for.
    assert 4 <= closed.statuses[200] <= closed.seconds / 0.05
    assert 0.5 <= closed.seconds < 1.5
    assert min(closed.times) >= 0.05
    assert sum(opened.statuses.values()) == 40
    assert set(opened.statuses) == {200, 429}
    assert 0.3 < opened.shed < 0.95
    assert opened.failed == 0
    assert opened.rate < 25


def test_nobody_there_is_a_failure(script: ModuleType) -> None:
    phase = script.run_phase("http://127.0.0.1:9", 2, lambda asked: script.opened(asked, ["A b."], [0.0, 0.0]))
    assert phase.statuses == Counter({0: 2})
    assert (phase.failed, phase.rate, phase.times) == (2, 0.0, [])
    with pytest.raises(SystemExit, match="only loopback"):
        script.run_phase("http://192.0.2.1:80", 2, lambda asked: script.opened(asked, ["A b."], [0.0]))


def test_a_short_run(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "captions.jsonl"
    source.write_text('{"text": "AKT inhibits GSK3B."}\n{"text": "MEK activates ERK in neurons."}\n', encoding="utf-8")
    options = ["--captions", source, "--seconds", "0.5", "--clients", "4", "--repeats", "1", "--flood", "1.5"]
    script.main(
        [*map(str, options), "--threads", "1", "--json", str(tmp_path / "out.json"), "--", "--queue-captions", "100"]
    )
    printed = capsys.readouterr().out
    assert "| server, 4 clients |" in printed
    assert len({line.count("|") for line in printed.splitlines() if line.startswith("|")}) == 1
    report = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    (repeat,) = report["repeats"]
    assert repeat["batch"]["captions_per_second"] > 0
    assert repeat["sustained"]["statuses"].keys() == {"200"}
    assert repeat["sustained"]["ratio"] > 0.1
    assert repeat["steady"]["p50"] <= repeat["steady"]["p99"] <= repeat["steady"]["longest"]
    assert repeat["peak"]["loaded"] <= repeat["peak"]["flooded"]

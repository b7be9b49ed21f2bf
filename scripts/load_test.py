"""What `pathcap serve` sustains, beside what the pipeline does in a batch, in one run on the same captions.

    load_test.py [--captions SOURCE...] [--clients N] [--seconds N] [--repeats N] [--share F] [--json FILE]
                 [--model DIR] [--threads N] [-- ARGUMENTS OF pathcap serve...]

In each repeat, one after the other:

- batch: a process streams the captions through the pipeline for --seconds, with as many threads as cores;
- sustained: a server on loopback is asked by --clients clients, each of which asks again as soon as it is answered;
- steady: requests arrive at random, at --share of what the same server sustained just before, whether or not others are
  answered. A time is from when a request should have been sent, so that a client that lags does not hide anything;
- flood: requests arrive at --flood times what it sustained, most of which it must shed.

A request is one caption. What asks runs on the cores of the server, and its share of them is told. Nothing outside this
machine is asked. Each phase is bounded in time and in requests. The table goes to standard output, all figures to
--json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarking.machine import cores, describe

ROOT: Final = Path(__file__).resolve().parent.parent
EXAMPLES: Final = ROOT / "corpora" / "examples"
MOST_REQUESTS: Final = 20_000
# Answers that a phase still waits for when its time is over.
LAST: Final = 60.0
# Torch is of no use to the pipeline on a CPU, and takes 200 MB.
BATCH: Final = """
import sys
sys.modules["torch"] = None
from nlp.pipeline import Pipeline
del sys.modules["torch"]
import json, time
from itertools import cycle
from pathlib import Path
from nlp.types import Caption

texts, seconds, model, threads = json.loads(sys.stdin.read())
pipeline = Pipeline.load(model, device="cpu", threads=threads)
for _ in pipeline.stream(texts[:8]):
    pass
end = time.perf_counter() + seconds
def waiting():
    for number, text in enumerate(cycle(texts)):
        if time.perf_counter() > end:
            return
        yield Caption(str(number), text)
started, used, done = time.perf_counter(), time.process_time(), 0
for document in pipeline.stream(waiting()):
    done += 1
taken, used = time.perf_counter() - started, time.process_time() - used
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else ()
peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
print(json.dumps({"captions": done, "seconds": taken, "processor": used / done, "peak": peak * 1024}))
"""


@dataclass(slots=True)
class Phase:
    """What became of the requests of a phase.

    Attributes:
        seconds: from the first request to the last answer.
        statuses: of HTTP, how often each; 0 where there was no answer.
        times: seconds of each request that was done, unordered.
        asking: share of one core that what asks took.
        processor: seconds of a core that the server took for each request that was done.
    """

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    asking: float = 0.0
    processor: float = 0.0

    @property
    def rate(self) -> float:
        """Captions a second."""
        return self.statuses[200] / self.seconds if self.seconds else 0.0

    @property
    def shed(self) -> float:
        """Share that was refused for want of room."""
        asked = sum(self.statuses.values())
        return self.statuses[429] / asked if asked else 0.0

    @property
    def failed(self) -> int:
        """Requests that were neither done nor refused for want of room."""
        return sum(self.statuses.values()) - self.statuses[200] - self.statuses[429]

    def figures(self) -> dict[str, Any]:
        return {
            "seconds": self.seconds,
            "requests": sum(self.statuses.values()),
            "statuses": dict(self.statuses),
            "captions_per_second": self.rate,
            "shed": self.shed,
            "failed": self.failed,
            "p50": percentile(self.times, 50),
            "p99": percentile(self.times, 99),
            "longest": max(self.times, default=0.0),
            "asking": self.asking,
            "processor": self.processor,
        }


def percentile(times: Sequence[float], percent: float) -> float:
    """The least time that ``percent`` of the times are not above; 0 of none."""
    if not times:
        return 0.0
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Seconds from the start at which requests arrive: at random, ``rate`` a second, and not too many."""
    chance = random.Random(seed)
    times: list[float] = []
    at = chance.expovariate(rate)
    while at < seconds and len(times) < MOST_REQUESTS:
        times.append(at)
        at += chance.expovariate(rate)
    return times


class Connections:
    """Connections to a server on loopback, each of which asks one thing at a time.

    Written for this: a client of the usual kind takes more of the cores that it shares with the server.

    Args:
        url: of the server.
        most: connections; who finds none free waits for one.
    """

    def __init__(self, url: str, most: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        if self._host not in ("127.0.0.1", "::1"):
            raise SystemExit(f"only loopback is asked, not {self._host}")
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(most)

    async def ask(self, text: str) -> int:
        """Have one caption annotated: the status of the answer, or 0 if there was none."""
        body = json.dumps({"text": text}).encode()
        head = f"POST /annotate HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        request = b"%sContent-Length: %d\r\n\r\n%s" % (head.encode(), len(body), body)
        async with self._room:
            try:
                async with asyncio.timeout(LAST):
                    reader, writer = self._free.pop() if self._free else await self._open()
                    writer.write(request)
                    answer = await reader.readuntil(b"\r\n\r\n")
                    length = re.search(rb"(?i)^content-length: (\d+)", answer, re.MULTILINE)
                    await reader.readexactly(int(length[1]) if length else 0)
            except (OSError, EOFError, TimeoutError):
                return 0
            if b"connection: close" in answer.lower():
                writer.close()
            else:
                self._free.append((reader, writer))
            return int(answer.split(maxsplit=2)[1])

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port)

    def close(self) -> None:
        for _, writer in self._free:
            writer.close()


async def closed(connections: Connections, texts: Sequence[str], clients: int, seconds: float) -> Phase:
    """Have each client ask again as soon as it is answered, for a while."""
    phase, waiting = Phase(), cycle(texts)
    started = time.perf_counter()

    async def ask_on() -> None:
        while time.perf_counter() - started < seconds and sum(phase.statuses.values()) < MOST_REQUESTS:
            await ask(connections, next(waiting), phase, time.perf_counter())

    await asyncio.gather(*(ask_on() for _ in range(clients)))
    phase.seconds = time.perf_counter() - started
    return phase


async def opened(connections: Connections, texts: Sequence[str], times: Sequence[float]) -> Phase:
    """Ask at given times, whatever has been answered."""
    phase, waiting = Phase(), cycle(texts)
    started = time.perf_counter()
    tasks = []
    for at in times:
        await asyncio.sleep(max(0.0, started + at - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(connections, next(waiting), phase, started + at)))
    await asyncio.gather(*tasks)
    phase.seconds = time.perf_counter() - started
    return phase


async def ask(connections: Connections, text: str, phase: Phase, since: float) -> None:
    """Have one caption annotated; the time runs from ``since``."""
    status = await connections.ask(text)
    phase.statuses[status] += 1
    if status == 200:
        phase.times.append(time.perf_counter() - since)


def run_phase(
    url: str, most: int, phase: Callable[[Connections], Coroutine[Any, Any, Phase]], pid: int | None = None
) -> Phase:
    """Run a phase with connections of its own, and tell what asking took of a core, and what the server ``pid`` did."""

    async def run() -> Phase:
        connections = Connections(url, most)
        try:
            return await phase(connections)
        finally:
            connections.close()

    used, served = time.process_time(), processor_time(pid)
    found = asyncio.run(run())
    found.processor = (processor_time(pid) - served) / max(1, found.statuses[200])
    found.asking = (time.process_time() - used) / found.seconds
    return found


@contextmanager
def server(arguments: Sequence[str]) -> Iterator[tuple[str, int]]:
    """A server on loopback for the length of a block: its url and process id."""
    command = [sys.executable, "-m", "nlp", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://(127\.0\.0\.1|\[::1\]):\d+", line)
            if found is None:
                raise SystemExit(f"the server did not start on loopback: {line or process.wait()}")
            yield found[0], process.pid
            process.send_signal(signal.SIGTERM)
            if process.wait(LAST):
                raise SystemExit(f"the server ended with status {process.returncode}")
        finally:
            process.kill()


def memory(pid: int) -> int:
    """The most memory that a process has had, in bytes; 0 where the system does not tell."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def processor_time(pid: int | None) -> float:
    """Seconds of a core that a process has had; 0 where the system does not tell."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def batch(texts: Sequence[str], seconds: float, model: str | None, threads: int) -> dict[str, Any]:
    """What the pipeline does in a batch: captions, seconds, and its most memory."""
    done = subprocess.run(
        [sys.executable, "-c", BATCH],
        input=json.dumps([list(texts), seconds, model, threads]),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: dict[str, Any] = json.loads(done.stdout)
    return {**figures, "captions_per_second": figures["captions"] / figures["seconds"]}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a repeat does."""

    texts: Sequence[str]
    clients: int
    seconds: float
    share: float
    flood: float
    model: str | None
    threads: int
    arguments: Sequence[str]


def repeat(plan: Plan, number: int) -> dict[str, Any]:
    """One repeat: its figures by phase."""
    alone = batch(plan.texts, plan.seconds, plan.model, plan.threads)
    model = ["--model", plan.model] if plan.model else []
    with server(["--workers", str(plan.threads), *model, *plan.arguments]) as (url, pid):
        run_phase(url, 4, lambda asked: closed(asked, plan.texts[:16], 4, 1.0))
        before = memory(pid)
        sustained = run_phase(
            url, plan.clients, lambda asked: closed(asked, plan.texts, plan.clients, plan.seconds), pid
        )
        times = arrivals(plan.share * sustained.rate, plan.seconds, number)
        steady = run_phase(url, 768, lambda asked: opened(asked, plan.texts, times), pid)
        after = memory(pid)
        times = arrivals(plan.flood * sustained.rate, plan.seconds, number)
        flood = run_phase(url, 768, lambda asked: opened(asked, plan.texts, times), pid)
        peaks = {"started": before, "loaded": after, "flooded": memory(pid)}
    return {
        "batch": alone,
        "sustained": {**sustained.figures(), "ratio": sustained.rate / alone["captions_per_second"]},
        "steady": steady.figures(),
        "flood": flood.figures(),
        "peak": peaks,
    }


def median(repeats: Sequence[Mapping[str, Any]], *path: str) -> float:
    """The median of a figure over the repeats."""
    values = []
    for one in repeats:
        value: Any = one
        for key in path:
            value = value[key]
        values.append(value)
    return float(statistics.median(values))


def render(repeats: Sequence[Mapping[str, Any]], plan: Plan) -> str:
    """The table, in Markdown: medians over the repeats."""

    def of(*path: str) -> float:
        return median(repeats, *path)

    rows = [("", "captions/s", "of batch", "core time", "p50", "p99", "shed (429)", "failed", "peak memory")]
    rows.append(
        ("batch (`Pipeline.stream`)", f"{of('batch', 'captions_per_second'):.1f}", "100 %",
         f"{of('batch', 'processor') * 1000:.0f} ms", "", "", "", "",
         megabytes(of("batch", "peak")))
    )  # fmt: skip
    names = {
        "sustained": f"server, {plan.clients} clients",
        "steady": f"server, at {plan.share:.0%} of that",
        "flood": f"server, at {plan.flood:.0%} of that",
    }
    for phase, name in names.items():
        rate = of(phase, "captions_per_second")
        rows.append(
            (
                name,
                f"{rate:.1f}",
                f"{rate / of('batch', 'captions_per_second'):.0%}".replace("%", " %"),
                f"{of(phase, 'processor') * 1000:.0f} ms",
                f"{of(phase, 'p50') * 1000:.0f} ms",
                f"{of(phase, 'p99') * 1000:.0f} ms",
                f"{of(phase, 'shed'):.1%}".replace("%", " %"),
                f"{sum(one[phase]['failed'] for one in repeats)}",
                megabytes(of("peak", "flooded" if phase == "flood" else "loaded")),
            )
        )
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "| --- |" + " ---: |" * (len(rows[0]) - 1), *lines[1:]])


def megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB" if size else "unknown"


def read_texts(sources: Sequence[str], limit: int) -> list[str]:
    """Texts of captions, mixed, so that each phase has long and short ones."""
    from nlp.formats.sources import read_sources

    texts = [caption.text for caption in read_sources(sources, lambda error: print(error, file=sys.stderr))]
    random.Random(0).shuffle(texts)
    if not texts:
        raise SystemExit("no captions")
    return texts[:limit]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", nargs="+", default=[str(EXAMPLES)], metavar="SOURCE")
    parser.add_argument("--limit", type=int, default=2000, help="captions that are used in turn")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each phase")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.7, help="of what is sustained, at which times are measured")
    parser.add_argument("--flood", type=float, default=3.0, help="times what is sustained, to see what is shed")
    parser.add_argument("--model", metavar="DIR")
    parser.add_argument("--threads", type=int, default=len(cores()), help="batches annotated at the same time")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("arguments", nargs="*", help="after --: more for pathcap serve")
    options = parser.parse_args(arguments)
    plan = Plan(
        read_texts(options.captions, options.limit),
        min(options.clients, 256),
        min(options.seconds, 120.0),
        options.share,
        options.flood,
        options.model,
        options.threads,
        options.arguments,
    )
    repeats = []
    for number in range(1, options.repeats + 1):
        repeats.append(repeat(plan, number))
        print(f"repeat {number}: {json.dumps(repeats[-1])}", file=sys.stderr)
    machine = describe()
    characters = statistics.mean(map(len, plan.texts))
    print(
        f"{machine['processor']}, {plan.threads} threads; {len(plan.texts):,} captions of {characters:.0f} characters;"
    )
    asking = median(repeats, "sustained", "asking")
    print(f"medians of {options.repeats} repeats of {plan.seconds:g} s a phase; asking took {asking:.0%} of a core.\n")
    print(render(repeats, plan))
    if options.json is not None:
        setting = {key: value for key, value in asdict(plan).items() if key != "texts"}
        figures = {"machine": machine, "plan": {**setting, "captions": len(plan.texts)}, "repeats": repeats}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

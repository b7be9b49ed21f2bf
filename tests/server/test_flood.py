"""Many clients at the same time: what is annotated together, what is shed, and what it all takes of memory."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from nlp.server import Settings
from tests.server.servers import Marks, running, toy
from tests.server.test_serve import process
from tests.timing import until

CLIENTS = 64
SLOW = """
import sys
from nlp.server import Settings, serve
from tests.server.servers import Marks, toy

settings = Settings(port=0, queue_captions=20, max_captions=10, queue_characters=200_000, all_bodies=4 << 20)
sys.exit(0 if serve(lambda: toy(Marks(seconds=0.02)), settings) else 1)
"""


def test_concurrent_requests_are_batched_and_what_does_not_fit_is_shed() -> None:
    marks = Marks(seconds=0.2)
    settings = Settings(queue_captions=40, max_captions=40, batch_captions=8)

    async def ask(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=url, timeout=20, limits=httpx.Limits(max_connections=CLIENTS)) as client:
            requests = (client.post("/annotate", json={"text": f"A{number} acts."}) for number in range(CLIENTS))
            return await asyncio.gather(*requests)

    with running(toy(marks, threads=2), settings) as (url, app):
        held: list[int] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.001):
                held.append(app.state.service._dispatcher.held[0])

        with ThreadPoolExecutor(1) as pool:
            pool.submit(watch)
            responses = asyncio.run(ask(url))
            done.set()
    statuses = Counter(response.status_code for response in responses)
    assert set(statuses) == {200, 429}
    assert statuses[200] >= 40
    assert max(held) <= 40
    assert all(int(response.headers["Retry-After"]) >= 1 for response in responses if response.status_code == 429)
    # Far fewer batches than requests, never more than two at a time, each answer to its own question.
    assert len(marks.batches) <= statuses[200] / 2
    assert max(map(len, marks.batches)) <= 8
    assert marks.most_at_once == 2
    for number, response in enumerate(responses):
        if response.status_code == 200:
            assert response.json()["text"] == f"A{number} acts."


def test_memory_stays_within_what_was_promised() -> None:
    if not Path("/proc/self/status").is_file():
        pytest.skip("needs Linux to tell a process' memory")
    large = json.dumps({"captions": [{"text": "A " * 9000}] * 10}).encode().ljust(1 << 20)

    def ask(url: str) -> Counter[int]:
        statuses: Counter[int] = Counter()
        with httpx.Client(base_url=url, timeout=30, headers={"Content-Type": "application/json"}) as client:
            for _ in range(4):
                statuses[client.post("/annotate", content=large).status_code] += 1
        return statuses

    with process(["-c", SLOW]) as (server, url), ThreadPoolExecutor(24) as pool:

        def peak() -> float:
            status = Path(f"/proc/{server.pid}/status").read_text()
            return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024

        ask(url)
        before = peak()
        statuses = sum(pool.map(ask, [url] * 24), Counter())
        grown = peak() - before
        metrics = httpx.get(f"{url}/metrics").text
        until(lambda: "pathcap_held_captions 0.0" in httpx.get(f"{url}/metrics").text)
    assert set(statuses) == {200, 429}
    assert statuses[429] > 20
    assert "pathcap_body_bytes" in metrics
    # 96 requests of 1 MB and 2 MB of answers; 4 MB of bodies, 200 kB of captions and their answers are held at a time.
    assert grown < 60, f"{grown:.0f} MB"

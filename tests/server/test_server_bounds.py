"""What a server bounds and guards: connections, unread bodies, curated lists, work aside, and its folder."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from nlp.server import Settings, create_app
from nlp.server.examples import DOCUMENT
from tests.server.servers import Marks, running, toy
from tests.server.test_http import LIMITS, TOKEN, problem
from tests.timing import until


@pytest.fixture(scope="module")
def small() -> Iterator[httpx.Client]:
    """A server that takes little, with a toy pipeline."""
    with running(toy(Marks()), Settings(**LIMITS)) as (url, _), httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    ("curated", "field"),
    [
        ({"keywords": ["B"] * 1001}, "captions.0.keywords"),
        ({"genes": [{"word": "B"}] * 1001}, "captions.0.genes"),
        ({"keywords": [{"keyword": "B", "words": ["b"] * 1001}]}, "captions.0.keywords"),
    ],
)
def test_curated_lists_are_bounded(curated: dict[str, Any], field: str) -> None:
    captions = [{"text": "A.", **curated}]
    body = json.dumps({"captions": captions}, separators=(",", ":"))
    with running(toy(Marks())) as (url, _):
        response = httpx.post(f"{url}/score", content=body, headers={"Content-Type": "application/json"})
    told = problem(response, 422, "invalid")
    assert any(wrong["field"].startswith(field) for wrong in told["fields"])


def test_curated_lists_weigh_what_they_hold(small: httpx.Client) -> None:
    caption = {"text": "A.", "keywords": [{"keyword": "b" * 100, "words": ["c" * 100], "identifiers": ["d:" * 30]}]}
    told = problem(small.post("/score", json={"captions": [caption]}), 413, "too_large")
    assert "262 characters" in told["detail"]
    rows = {"text": "A.", "genes": [{"word": "b" * 120, "hgnc_symbol": "c" * 120, "entrez": 1}]}
    told = problem(small.post("/score", json={"captions": [rows]}), 413, "too_large")
    assert "252 characters" in told["detail"]


def test_what_is_refused_unread_is_told_before_the_connection_is_closed(small: httpx.Client) -> None:
    assert small.base_url.port is not None
    with socket.create_connection((small.base_url.host, small.base_url.port), timeout=10) as connection:
        connection.sendall(
            b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 400000\r\n\r\n"
        )
        # The answer is there at once, and what the client goes on to send does not reset the connection.
        started = time.perf_counter()
        answer = connection.recv(100)
        assert time.perf_counter() - started < 2  # for which the connection stays open
        connection.sendall(b" " * 400_000)
        while more := connection.recv(1000):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert answer.endswith(b"}")


def test_a_connection_is_closed_if_no_request_comes() -> None:
    with running(toy(Marks(seconds=0.6)), Settings(read_timeout=0.3)) as (url, _):
        host, port = url.removeprefix("http://").split(":")
        body = b'{"text": "ERK"}'
        head = b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        for begin in (b"", head[:20]):
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                connection.sendall(begin)
                assert connection.recv(100) == b""
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            # Neither the work nor the pause between two requests is the client's delay.
            for _ in range(2):
                connection.sendall(head % len(body) + body)
                answer = b""
                while not answer.endswith(b"}"):
                    answer += connection.recv(10_000)
                assert answer.startswith(b"HTTP/1.1 200 ")
                time.sleep(0.6)
            # But the next one must be whole in time too.
            connection.sendall(head[:20])
            assert connection.recv(100) == b""


@pytest.mark.parametrize("path", ["/convert", "/score"])
def test_what_takes_too_long_beside_the_networks_is_504(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    gate = threading.Event()
    begun: list[object] = []

    def wait(given: object) -> Any:
        begun.append(given)
        assert gate.wait(20)
        return b"", ""

    monkeypatch.setattr("nlp.server.service._convert", wait)
    monkeypatch.setattr("nlp.server.service._curated", wait)
    requests: dict[str, Any] = {
        "/convert": {"documents": [DOCUMENT], "format": "sif"},
        "/score": {"captions": [{"text": "A.", "keywords": ["B"]}]},
    }
    with running(toy(Marks()), Settings(timeout=0.3)) as (url, app):
        for _ in range(3):
            problem(httpx.post(f"{url}{path}", json=requests[path]), 504, "timeout")
        # The loop was free meanwhile, and what nobody waits for any more is not begun.
        assert app.state.service._aside._held == len(begun) == 1
        gate.set()
        until(lambda: app.state.service._aside._held == 0)
        assert httpx.post(f"{url}/convert", json=requests["/convert"]).status_code == 200


def test_no_more_is_held_beside_the_networks_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr("nlp.server.service._convert", lambda _: (b"", "") if gate.wait(20) else None)
    request = {"documents": [DOCUMENT], "format": "sif"}
    with running(toy(Marks())) as (url, app), ThreadPoolExecutor(8) as pool:
        held = [pool.submit(httpx.post, f"{url}/convert", json=request, timeout=20) for _ in range(8)]
        until(lambda: app.state.service._aside._held == 8)
        problem(httpx.post(f"{url}/convert", json=request), 429, "queue_full")
        gate.set()
        assert {one.result().status_code for one in held} == {200}


@pytest.mark.parametrize("root", ["/x", "/x/y", "/annotate", "/static"])
def test_the_token_is_asked_for_in_a_folder_too(root: str) -> None:
    app = create_app(toy(Marks()), Settings(token=TOKEN))
    outer = Starlette(routes=[Mount(root, app)])
    # As a server is told that a proxy takes the folder off, and as another application holds this one.
    with TestClient(app, root_path=root) as told:
        mounted = TestClient(outer)
        # Some proxies leave the folder out of the path; where it is that of a route, nobody could tell.
        plain = ((told, ""),) if root.startswith("/x") else ()
        for client, before in ((told, root), (mounted, root), *plain):
            for method, path in (("POST", "/annotate"), ("POST", "/score"), ("POST", "/convert"), ("GET", "/metrics")):
                assert client.request(method, f"{before}{path}", json={"text": "ERK"}).status_code == 401
            right = {"Authorization": f"Bearer {TOKEN}"}
            assert client.post(f"{before}/annotate", json={"text": "ERK"}, headers=right).status_code == 200
            for path in ("/health", "/static/main.js"):
                assert client.get(f"{before}{path}").status_code == 200
        text = told.get(f"{root}/metrics", headers=right).text
    assert 'route="/annotate",status="401"' in text
    assert 'route="other"' not in text


def test_as_many_connections_are_open_as_are_allowed() -> None:
    with running(toy(Marks()), Settings(connections=2)) as (url, _):
        with httpx.Client(base_url=url) as first, httpx.Client(base_url=url) as second:
            assert [one.get("/health").status_code for one in (first, second)] == [200, 200]
            assert httpx.get(f"{url}/health").status_code == 503
            assert first.get("/health").status_code == 200
        # Closed ones make room.
        until(lambda: httpx.get(f"{url}/health").status_code == 200)

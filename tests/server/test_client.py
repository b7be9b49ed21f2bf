"""The client: the same documents as a pipeline, and what it does when a server has no room or errs."""

from __future__ import annotations

import json
import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from nlp.client import Client
from nlp.errors import AnnotationError, ConfigError, InputError, PathcapError, ServerError
from nlp.formats.records import to_record
from nlp.options import Options
from nlp.pipeline import Pipeline
from nlp.server import Settings
from nlp.types import Caption, CuratedKeyword, CuratedList, Document
from tests.server.servers import CONTRADICTION, FAULT, Marks, running, toy

TEXTS = ["Esketamine activates ERK.", "AKT inhibits GSK3B in neurons."]
TOKEN = "0123456789abcdef"  # noqa: S105


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(Pipeline.load(threads=1)) as (url, _):
        yield url


@pytest.fixture(scope="module")
def toy_url() -> Iterator[str]:
    with running(toy(Marks()), Settings(max_characters=1000)) as (url, _):
        yield url


def rounded(document: Document) -> dict[str, Any]:
    return to_record(document)


def test_it_answers_what_a_pipeline_answers(url: str, pipeline: Pipeline) -> None:
    with Client(url) as client:
        assert rounded(client.annotate(TEXTS[0])) == rounded(pipeline(TEXTS[0]))
        assert [*map(rounded, client.annotate(TEXTS))] == [*map(rounded, pipeline(TEXTS))]
        caption = Caption("x", TEXTS[1], title="Signals", paper_title="On signals")
        assert rounded(client.annotate(caption)) == rounded(pipeline(caption))
        narrow = Options(types={"GENE"}, min_mention_score=0.9, relation_types=())
        expected = pipeline.with_options(types={"GENE"}, min_mention_score=0.9, relation_types=())
        assert rounded(client.annotate(TEXTS[1], options=narrow)) == rounded(expected(TEXTS[1]))
        other = pipeline.with_options(profile="pfocr")
        assert rounded(client.annotate("ADH acts.", profile="pfocr")) == rounded(other("ADH acts."))


def test_many_are_sent_in_parts_and_come_back_in_order(toy_url: str) -> None:
    with Client(toy_url) as client:
        documents = client.annotate(f"A{number} acts." for number in range(70))
        assert [document.id for document in documents] == [str(number) for number in range(1, 71)]
        assert [document.text for document in documents] == [f"A{number} acts." for number in range(70)]
        assert client.annotate([]) == []
        long = [Caption(str(number), "A" * 900, paper_title="B" * 90) for number in range(200)]
        assert [document.id for document in client.annotate(long)] == [caption.id for caption in long]


def test_one_of_many_that_cannot_be_annotated(toy_url: str) -> None:
    texts = ["A b.", CONTRADICTION, "C d."]
    failed: list[tuple[str, PathcapError]] = []
    with Client(toy_url) as client:
        documents = client.annotate(texts, on_error=lambda caption, error: failed.append((caption.id, error)))
        assert [document.id for document in documents] == ["1", "3"]
        assert [id for id, _ in failed] == ["2"]
        with pytest.raises(AnnotationError, match="contradict"):
            client.annotate(texts)
        with pytest.raises(ServerError) as raised:
            client.annotate(FAULT)
        assert raised.value.status == 500


def test_one_of_many_that_is_wrong(toy_url: str) -> None:
    texts = ["A b.", "a" * 1001, "C d.", "\ud800", " ", "E f."]
    failed: list[str] = []
    with Client(toy_url) as client:
        documents = client.annotate(texts, on_error=lambda caption, _: failed.append(caption.id))
        assert [document.id for document in documents] == ["1", "3", "6"]
        assert failed == ["2", "4", "5"]
        with pytest.raises(InputError):
            client.annotate(texts)


def test_it_scores_curated_keywords(url: str) -> None:
    curated = CuratedList((CuratedKeyword("MAPK1", "GENE", ("ERK",)), CuratedKeyword("TP53")), frozenset({"GENE"}))
    with Client(url) as client:
        scores = client.score([Caption("a", TEXTS[0], curated=curated)], profile="precise")
        counts = scores["precise"]["overall"]["micro"]["counts"]
        assert counts == {"tp_predicted": 1, "predicted": 2, "tp_gold": 1, "gold": 2}
        assert [*client.score([Caption("a", TEXTS[0], curated=curated)])] == ["precise", "pfocr"]
        with pytest.raises(InputError, match="nothing to score"):
            client.score([Caption("a", TEXTS[0])])


def test_health_and_readiness(toy_url: str) -> None:
    with Client(toy_url) as client:
        assert client.health()["status"] == "ok"
        assert client.ready()
    with Client("http://127.0.0.1:9") as nobody:
        assert not nobody.ready()
        with pytest.raises(ServerError, match="cannot be reached"):
            nobody.health()


def test_a_blank_caption_is_told_as_one(toy_url: str) -> None:
    failed = []
    with Client(toy_url) as client:
        with pytest.raises(InputError, match=r"captions\.1\.text") as raised:
            client.annotate(["A b.", "", "C d."])
        assert "required" not in str(raised.value)
        documents = client.annotate(["A b.", "", "C d."], on_error=lambda caption, _: failed.append(caption.id))
    assert [document.id for document in documents] == ["1", "3"]
    assert failed == ["2"]


@pytest.mark.parametrize("caption", ["", "  ", "a" * 1001, "\ud800"])
def test_a_caption_that_is_wrong_is_the_senders(toy_url: str, caption: str) -> None:
    with Client(toy_url) as client, pytest.raises(InputError):
        client.annotate(caption)


def test_what_is_no_caption(toy_url: str) -> None:
    with Client(toy_url) as client, pytest.raises(InputError, match="not a caption"):
        client.annotate([3])  # type: ignore[list-item]


def test_the_token(toy_url: str) -> None:
    with running(toy(Marks()), Settings(token=TOKEN)) as (url, _):
        with Client(url, TOKEN) as client:
            assert client.annotate("ERK acts.").text == "ERK acts."
        for token in (None, "wrong"):
            with Client(url, token) as client, pytest.raises(ServerError) as raised:
                client.annotate("ERK acts.")
            assert raised.value.status == 401


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://x", "http://", "http://[::1"])
def test_what_is_no_server(url: str) -> None:
    with pytest.raises(ConfigError):
        Client(url)


def test_a_token_that_cannot_be_sent_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as raised:
        Client("http://x", "sécret")
    assert "cret" not in str(raised.value)


@contextmanager
def answering(*answers: tuple[int, dict[str, str], str]) -> Iterator[tuple[str, list[float]]]:
    """A server that gives these answers, one after the other, and the times at which it was asked."""
    left = [*answers]
    times: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            times.append(time.monotonic())
            status, headers, body = left.pop(0)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", times
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


GOOD = (200, {}, json.dumps({"id": "caption", "text": "ERK acts."}))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each wait of a client, which do pass: what the test measures may take longer on a busy machine."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr("nlp.client.time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    return waits


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_told_and_asks_again(slept: list[float], status: int) -> None:
    with answering((status, {"Retry-After": "1"}, ""), GOOD) as (url, times), Client(url) as client:
        assert client.annotate("ERK acts.").text == "ERK acts."
    assert 1.0 <= slept[0] <= 1.25
    assert times[1] - times[0] >= 1.0


def test_it_waits_longer_each_time_where_it_is_not_told(slept: list[float]) -> None:
    full = (429, {}, "")
    with answering(full, full, GOOD) as (url, times), Client(url) as client:
        client.annotate("ERK acts.")
    assert 0.5 <= slept[0] <= 0.625
    assert 1.0 <= slept[1] <= 1.25
    assert times[1] - times[0] >= 0.5
    assert times[2] - times[1] >= 1.0


class Clock:
    """Time that passes only where it is slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("nlp.client.time", made)
    monkeypatch.setattr("nlp.client.random.uniform", lambda least, _: least)
    return made


def test_it_asks_until_its_time_is_over(clock: Clock) -> None:
    full = [(429, {}, "")] * 12
    with answering(*full) as (url, times), Client(url, max_wait=60) as client, pytest.raises(ServerError):
        client.annotate("ERK acts.")
    assert clock.slept == [0.5, 1, 2, 4, *[8] * 6, 4.5]
    assert len(times) == 12


def test_what_the_server_says_is_waited_for_if_it_is_in_time(clock: Clock) -> None:
    answers = [(429, {"Retry-After": str(seconds)}, "") for seconds in (50, 10, 1)]
    with answering(*answers) as (url, times), Client(url, max_wait=60) as client, pytest.raises(ServerError):
        client.annotate("ERK acts.")
    assert clock.slept == [50, 10]
    assert len(times) == 3
    with answering(answers[0], GOOD) as (url, times), Client(url, max_wait=49) as client, pytest.raises(ServerError):
        client.annotate("ERK acts.")
    assert len(times) == 1


def test_it_waits_until_a_date(slept: list[float]) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    with answering((503, {"Retry-After": date}, ""), GOOD) as (url, times), Client(url) as client:
        client.annotate("ERK acts.")
    assert slept[0] <= 3.75
    assert times[1] - times[0] >= 0.5


@pytest.mark.parametrize(("headers", "max_wait"), [({"Retry-After": "1000"}, 60), ({}, 0)])
def test_it_does_not_wait_for_ever(headers: dict[str, str], max_wait: float) -> None:
    problem = json.dumps({"detail": "too many captions are waiting"})
    with answering((429, headers, problem)) as (url, times), Client(url, max_wait=max_wait) as client:
        with pytest.raises(ServerError, match="too many captions are waiting") as raised:
            client.annotate("ERK acts.")
        assert raised.value.status == 429
    assert len(times) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 500, 504])
def test_other_errors_are_not_tried_again(status: int) -> None:
    with answering((status, {"X-Request-ID": "r1"}, "<html>")) as (url, times), Client(url) as client:
        with pytest.raises(ServerError, match=str(status)) as raised:
            client.annotate("ERK acts.")
        assert raised.value.where is not None
        assert raised.value.where.id == "r1"
        assert url in str(raised.value)
        again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301
        assert (str(again), again.status) == (str(raised.value), status)
    assert len(times) == 1


@pytest.mark.parametrize("captions", ["ERK acts.", ["ERK acts.", "AKT acts."]])
def test_options_that_the_server_does_not_take_are_no_captions_fault(captions: Any) -> None:
    fields = [{"field": "options.profile", "message": "expected another"}]
    invalid = (422, {}, json.dumps({"detail": "the request is not valid", "fields": fields}))
    failed: list[Caption] = []
    refused = pytest.raises(ConfigError, match=r"options\.profile: expected another")
    with answering(invalid) as (url, times), Client(url) as client, refused:
        client.annotate(captions, on_error=lambda caption, _: failed.append(caption))
    assert (len(times), failed) == (1, [])


def test_a_profile_that_the_server_lacks(toy_url: str) -> None:
    with Client(toy_url) as client, pytest.raises(ConfigError, match="no keywords"):
        client.annotate(["ERK acts."], profile="precise", on_error=lambda *_: None)


@pytest.mark.parametrize("fields", [None, 3, [3], [{}], {"field": "captions"}])
def test_invalid_without_fields_is_told(fields: Any) -> None:
    invalid = (422, {}, json.dumps({"fields": fields}))
    with answering(invalid) as (url, _), Client(url) as client, pytest.raises(ConfigError):
        client.annotate("ERK acts.")


@pytest.mark.parametrize(
    "errors",
    [
        None,
        {},
        [3],
        [{}],
        [{"index": 0}],
        [{"index": "0", "message": "no"}],
        [{"index": 1, "message": "no"}],
        [{"index": -1, "message": "no"}],
        [{"index": 0, "message": 3}],
        [],
    ],
)
def test_errors_that_are_none_are_the_servers(errors: Any) -> None:
    body = json.dumps({"documents": [], "errors": errors})
    refused = pytest.raises(ServerError, match="no server of pathcap")
    with answering((200, {}, body)) as (url, _), Client(url) as client, refused:
        client.annotate(["ERK acts."], on_error=lambda *_: None)


@pytest.mark.parametrize("body", ["<html>", "[]", "3", '{"id": "x"}', '{"id": "x", "text": 3}'])
def test_another_server_is_told(body: str) -> None:
    with answering((200, {}, body), (200, {}, body)) as (url, _), Client(url) as client:
        with pytest.raises(PathcapError):
            client.annotate("ERK acts.")
        with pytest.raises(PathcapError):
            client.annotate(["ERK acts."])

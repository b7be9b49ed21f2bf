"""The server's routes: every status and header, by a server that runs on loopback."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from nlp.errors import PipelineError
from nlp.formats.records import from_record, to_record
from nlp.formats.writers import WRITERS
from nlp.pipeline import Pipeline
from nlp.server import Settings, create_app
from nlp.server.examples import ANNOTATE_EXAMPLES, CONVERT_EXAMPLES, DOCUMENT, SCORE_EXAMPLES
from nlp.server.logs import JsonFormatter
from nlp.server.schemas import DocumentOut
from nlp.types import Caption
from tests.server.servers import CONTRADICTION, FAULT, Marks, running, toy
from tests.timing import until

TOKEN = "a-token-of-more-than-sixteen-letters"  # noqa: S105
LIMITS = {"max_body": 2000, "max_captions": 3, "max_characters": 100, "queue_captions": 4, "queue_characters": 250}


@pytest.fixture(scope="module")
def small() -> Iterator[httpx.Client]:
    """A server that takes little, with a toy pipeline."""
    with running(toy(Marks()), Settings(**LIMITS)) as (url, _), httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def real() -> Iterator[httpx.Client]:
    """A server with the pipeline that comes with pathcap."""
    with running(Pipeline.load(threads=1)) as (url, _), httpx.Client(base_url=url, timeout=30) as client:
        yield client


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that a response tells, if it is the one expected."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert (told["status"], told["code"], told["type"]) == (status, code, "about:blank")
    assert told["request_id"] == response.headers["X-Request-ID"]
    assert told["title"]
    assert told["detail"]
    return told


def test_one_caption_is_answered_with_its_record(small: httpx.Client) -> None:
    response = small.post("/annotate", json={"id": "x", "text": "ERK acts."})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    record = response.json()
    assert to_record(from_record(record)) == record
    assert (record["id"], record["text"], record["mentions"][0]["text"]) == ("x", "ERK acts.", "ERK")
    assert small.post("/annotate", json={"text": "ERK acts."}).json()["id"] == "caption"


def test_many_captions_are_answered_in_order(small: httpx.Client) -> None:
    answer = small.post("/annotate", json={"captions": [{"text": "A b."}, {"text": "C d.", "id": "x"}]}).json()
    assert [(record["id"], record["text"]) for record in answer["documents"]] == [("1", "A b."), ("x", "C d.")]
    assert answer["errors"] == []


def test_a_caption_that_cannot_be_annotated_does_not_spoil_the_others(small: httpx.Client) -> None:
    texts = ["A b.", CONTRADICTION, "C d."]
    answer = small.post("/annotate", json={"captions": [{"text": text} for text in texts]}).json()
    assert [record["id"] for record in answer["documents"]] == ["1", "3"]
    assert answer["errors"] == [{"index": 1, "id": "2", "message": "stages contradict each other"}]


@pytest.mark.parametrize("text", [FAULT, CONTRADICTION])
def test_a_fault_is_told_without_what_it_says(small: httpx.Client, caplog: pytest.LogCaptureFixture, text: str) -> None:
    with caplog.at_level(logging.INFO, "nlp.server"):
        told = problem(small.post("/annotate", json={"text": text}), 500, "fault")
    assert "quotes" not in json.dumps(told)
    assert small.post("/annotate", json={"text": "A b."}).status_code == 200


def test_options_choose_what_is_answered(real: httpx.Client) -> None:
    text = "Esketamine activates ERK."
    whole = real.post("/annotate", json={"text": text}).json()
    assert {mention["type"] for mention in whole["mentions"]} == {"GENE", "CHEMICAL"}
    assert whole["relations"]
    assert len(whole["keywords"]) == 3
    genes = real.post("/annotate", json={"text": text, "options": {"types": ["GENE"]}}).json()
    assert [mention["text"] for mention in genes["mentions"]] == ["ERK"]
    assert genes["relations"] == []
    assert {keyword["type"] for keyword in genes["keywords"]} == {"GENE"}
    sure = {"thresholds": {"mentions": 0.0, "references": 0.9, "relations": 1.0}}
    kept = real.post("/annotate", json={"text": text, "options": sure}).json()
    assert all(one["score"] >= 0.9 for mention in kept["mentions"] for one in mention["references"])
    assert kept["relations"] == []
    bound = real.post("/annotate", json={"text": text, "options": {"relation_types": ["binding"]}}).json()
    assert bound["relations"] == []
    assert bound["mentions"] == whole["mentions"]
    other = real.post("/annotate", json={"text": "ADH is active.", "options": {"profile": "pfocr"}}).json()
    plain = real.post("/annotate", json={"text": "ADH is active.", "options": {"profile": "precise"}}).json()
    assert len(other["keywords"]) > len(plain["keywords"])


def test_the_server_answers_what_the_pipeline_says(real: httpx.Client, pipeline: Pipeline) -> None:
    caption = Caption("a", "TNF-α induces IL6 in β cells 😀 and p53.", title="Signals", paper_title="On signals")
    request = {"id": "a", "text": caption.text, "title": caption.title, "paper_title": caption.paper_title}
    assert real.post("/annotate", json=request).json() == to_record(pipeline(caption))


@pytest.mark.parametrize(
    ("path", "examples"),
    [("/annotate", ANNOTATE_EXAMPLES), ("/score", SCORE_EXAMPLES), ("/convert", CONVERT_EXAMPLES)],
)
def test_the_examples_of_openapi_are_answered(real: httpx.Client, path: str, examples: dict[str, Any]) -> None:
    for example in examples.values():
        assert real.post(path, json=example["value"]).status_code == 200


def test_the_example_of_a_document_is_what_comes_out(real: httpx.Client) -> None:
    found = real.post("/annotate", json=ANNOTATE_EXAMPLES["one"]["value"]).json()
    TypeAdapter(DocumentOut).validate_python(found)
    for record in (found, told := json.loads(json.dumps(DOCUMENT))):
        for part in (*record["mentions"], *record["relations"]):
            part.pop("score")
            for reference in part.pop("references", ())[:1]:
                part["reference"] = reference["curie"]
    assert found == told


def test_scores_are_those_of_the_command(real: httpx.Client) -> None:
    caption = {"id": "a", "text": "Esketamine activates ERK.", "keywords": ["MAPK1", "MAPK3", "TP53"]}
    answer = real.post("/score", json={"captions": [caption]}).json()
    assert [*answer["profiles"]] == ["precise", "pfocr"]
    precise = answer["profiles"]["precise"]
    assert precise["overall"]["micro"]["counts"] == {"tp_predicted": 2, "predicted": 3, "tp_gold": 2, "gold": 3}
    (figure,) = precise["per_figure"]
    assert [one["keyword"] for one in figure["curated"] if one["found"]] == ["MAPK1", "MAPK3"]
    assert [one["keyword"] for one in figure["predicted"] if not one["right"]] == ["Esketamine"]
    only = real.post("/score", json={"captions": [caption], "options": {"profile": "pfocr"}}).json()
    assert only["profiles"] == {"pfocr": answer["profiles"]["pfocr"]}


def test_curated_lists_may_be_rows_or_objects(real: httpx.Client) -> None:
    forms: list[dict[str, Any]] = [
        {"genes": [{"word": "ERK", "symbol": "ERK", "hgnc_symbol": "MAPK1", "entrez": 5594}]},
        {"keywords": [{"keyword": "MAPK1", "type": "GENE", "words": ["ERK"]}], "types": ["GENE"]},
    ]
    for form in forms:
        answer = real.post("/score", json={"captions": [{"text": "Esketamine activates ERK.", **form}]}).json()
        counts = answer["profiles"]["precise"]["by_type"]["GENE"]["micro"]["counts"]
        assert counts == {"tp_predicted": 1, "predicted": 2, "tp_gold": 1, "gold": 1}
        assert answer["profiles"]["precise"]["overall"]["reachable"] == 1


@pytest.mark.parametrize(
    ("captions", "field"),
    [
        ([{"text": "A."}], "captions.0.keywords"),
        ([{"text": "A.", "keywords": ["B"], "id": "2"}, {"text": "C.", "keywords": []}], "captions.1.id"),
        ([{"text": "A.", "keywords": [{"keyword": "B"}], "genes": []}], "captions.0.keywords"),
    ],
)
def test_what_cannot_be_scored(small: httpx.Client, captions: list[Any], field: str) -> None:
    told = problem(small.post("/score", json={"captions": captions}), 422, "invalid")
    assert [wrong["field"] for wrong in told["fields"]] == [field]


def test_a_pipeline_without_keywords_scores_none(small: httpx.Client) -> None:
    request = {"captions": [{"text": "A.", "keywords": ["B"]}], "options": {"profile": "precise"}}
    told = problem(small.post("/score", json=request), 422, "invalid")
    assert "no keywords" in told["fields"][0]["message"]
    del request["options"]
    problem(small.post("/score", json=request), 422, "invalid")
    with pytest.raises(PipelineError):
        create_app(toy(Marks()), Settings(profile="precise"))


@pytest.mark.parametrize("format", WRITERS)
def test_documents_are_converted(small: httpx.Client, format: str) -> None:
    response = small.post("/convert", json={"documents": [DOCUMENT], "format": format})
    assert response.status_code == 200, response.text
    suffix = (WRITERS[format].suffixes or ("",))[0]
    assert response.headers["Content-Disposition"] == f'attachment; filename="pathcap{suffix}"'
    assert response.content


def test_documents_that_are_none_are_not_converted(small: httpx.Client) -> None:
    for record in ({"id": "a"}, {"id": "a", "text": "ERK", "mentions": [{"id": "T1"}]}, {"id": "a", "text": 3}):
        told = problem(small.post("/convert", json={"documents": [DOCUMENT, record], "format": "sif"}), 422, "invalid")
        assert told["fields"][0]["field"] == "documents.1"
    told = problem(small.post("/convert", json={"documents": [DOCUMENT], "format": "doc"}), 422, "invalid")
    assert told["fields"][0]["field"] == "format"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({}, "text"),
        ([], "body"),
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": 3}, "text"),
        ({"text": None}, "text"),
        ({"text": "a", "id": ""}, "id"),
        ({"text": "a", "id": 3}, "id"),
        ({"text": "a", "what": 1}, "what"),
        ({"text": "a", "captions": [{"text": "b"}]}, "text"),
        ({"captions": []}, "captions"),
        ({"captions": "a"}, "captions"),
        ({"captions": [{"text": "a"}, {"text": ""}]}, "captions.1.text"),
        ({"captions": [{"text": "a"}, "b"]}, "captions.1"),
        ({"text": "a", "options": {"profile": "best"}}, "options.profile"),
        ({"text": "a", "options": {"profile": "precise"}}, "options"),
        ({"text": "a", "options": {"types": ["GENE", "GEN"]}}, "options.types.1"),
        ({"text": "a", "options": {"relation_types": ["love"]}}, "options.relation_types.0"),
        ({"text": "a", "options": {"thresholds": {"mentions": 1.1}}}, "options.thresholds.mentions"),
        ({"text": "a", "options": {"thresholds": {"mentions": "0.5"}}}, "options.thresholds.mentions"),
        ({"text": "a", "options": {"thresholds": {"keywords": 0.5}}}, "options.thresholds.keywords"),
    ],
)
def test_bad_input_names_its_field(small: httpx.Client, request_: Any, field: str) -> None:
    told = problem(small.post("/annotate", json=request_), 422, "invalid")
    assert field in [wrong["field"] for wrong in told["fields"]]
    assert all(wrong["message"] for wrong in told["fields"])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b'{"text": "\\ud800"}', b'{"text": "\xff"}', b"[" * 1500, b'{"text": NaN}']
)
def test_what_is_not_json_is_bad_input(small: httpx.Client, body: bytes) -> None:
    problem(small.post("/annotate", content=body, headers={"Content-Type": "application/json"}), 422, "invalid")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/json", "Content-Encoding": "gzip"}],
)
def test_other_kinds_of_bodies_are_not_taken(small: httpx.Client, headers: dict[str, str]) -> None:
    response = small.post("/annotate", content=b'{"text": "ERK"}', headers=headers)
    problem(response, 415, "not_json")
    assert response.headers["Connection"] == "close"


def test_a_body_may_tell_its_coding(small: httpx.Client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert small.post("/annotate", content=b'{"text": "ERK"}', headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"captions": [{"text": "a"}] * 4}, "captions"),
        ({"text": "a" * 101}, "text"),
        ({"text": "a" * 60, "title": "b" * 60}, "text"),
        ({"captions": [{"text": "a"}, {"text": "a" * 101}]}, "captions.1.text"),
        ({"captions": [{"text": "a" * 90}] * 3}, "captions"),
    ],
)
def test_too_many_or_too_long_captions(small: httpx.Client, request_: Any, field: str) -> None:
    told = problem(small.post("/annotate", json=request_), 413, "too_large")
    assert told["fields"][0]["field"] == field


@pytest.mark.parametrize("path", ["/annotate", "/score", "/convert"])
@pytest.mark.parametrize("chunked", [False, True])
def test_too_large_a_body_is_not_read(small: httpx.Client, path: str, chunked: bool) -> None:
    # What /annotate answers is larger than what it is asked.
    limit = 16_000 if path == "/convert" else 2000
    body = b" " * (limit + 1)
    headers = {"Content-Type": "application/json"}
    response = small.post(path, content=iter([body[:1000], body[1000:]]) if chunked else body, headers=headers)
    told = problem(response, 413, "too_large")
    assert f"{limit:,} bytes" in told["detail"]
    assert response.headers["Connection"] == "close"
    problem(small.post(path, content=body[:-1], headers=headers), 422, "invalid")


def test_a_declared_length_is_judged_before_the_body_comes(small: httpx.Client) -> None:
    assert small.base_url.port is not None
    with socket.create_connection((small.base_url.host, small.base_url.port), timeout=5) as connection:
        connection.sendall(
            b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_slow_body_is_given_up() -> None:
    with running(toy(Marks()), Settings(read_timeout=0.2)) as (url, app):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(
                b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
            )
            assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")
        assert b"pathcap_body_bytes 0.0" in app.state.service.metrics.text()


def test_bodies_are_bounded_together() -> None:
    settings = Settings(max_body=1000, all_bodies=1500)
    with running(toy(Marks()), settings) as (url, app):
        host, port = url.removeprefix("http://").split(":")
        head = b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=5) as slow:
            slow.sendall(head + b" " * 900)
            until(lambda: b"pathcap_body_bytes 900.0" in app.state.service.metrics.text())
            body = b'{"text": "ERK"}'.ljust(700)
            told = httpx.post(f"{url}/annotate", content=body, headers={"Content-Type": "application/json"})
            problem(told, 429, "queue_full")
            assert told.headers["Retry-After"] == "1"
            assert told.headers["Connection"] == "close"
        until(lambda: b"pathcap_body_bytes 0.0" in app.state.service.metrics.text())
        told = httpx.post(f"{url}/annotate", content=body, headers={"Content-Type": "application/json"})
        assert told.status_code == 200


def test_a_full_queue_is_429_until_there_is_room() -> None:
    gate = threading.Event()
    marks = Marks(gate=gate)
    with running(toy(marks), Settings(**LIMITS)) as (url, app), ThreadPoolExecutor(4) as pool:
        three = {"captions": [{"text": "A b."}] * 3}
        held = pool.submit(httpx.post, f"{url}/annotate", json=three, timeout=20)
        until(lambda: app.state.service._dispatcher.held[0] == 3)
        response = httpx.post(f"{url}/annotate", json=three)
        problem(response, 429, "queue_full")
        assert int(response.headers["Retry-After"]) >= 1
        assert "Connection" not in response.headers
        other = pool.submit(httpx.post, f"{url}/annotate", json={"text": "A b."}, timeout=20)
        until(lambda: app.state.service._dispatcher.held[0] == 4)
        metrics = httpx.get(f"{url}/metrics").text
        assert "pathcap_held_captions 4.0" in metrics
        assert 'pathcap_problems_total{code="queue_full"} 1.0' in metrics
        gate.set()
        assert held.result().status_code == other.result().status_code == 200
        until(lambda: app.state.service._dispatcher.held == (0, 0))
        assert httpx.post(f"{url}/annotate", json=three).status_code == 200


def test_what_takes_too_long_is_504_and_withdrawn() -> None:
    gate = threading.Event()
    marks = Marks(gate=gate)
    with running(toy(marks), Settings(timeout=0.3, batch_captions=1)) as (url, app):
        problem(httpx.post(f"{url}/annotate", json={"captions": [{"text": "A b."}] * 3}), 504, "timeout")
        until(lambda: app.state.service._dispatcher.waiting == 0)
        gate.set()
        until(lambda: app.state.service._dispatcher.held == (0, 0))
        assert len(marks.batches) == 1
        assert httpx.post(f"{url}/annotate", json={"text": "A b."}).status_code == 200


def test_what_nobody_waits_for_is_withdrawn() -> None:
    gate = threading.Event()
    marks = Marks(gate=gate)
    with running(toy(marks), Settings(batch_captions=1)) as (url, app):
        dispatcher = app.state.service._dispatcher
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/annotate", json={"captions": [{"text": "A b."}] * 3}, timeout=0.3)
        until(lambda: dispatcher.waiting == 0)
        assert dispatcher.held[0] == 3
        gate.set()
        until(lambda: dispatcher.held == (0, 0))
        assert len(marks.batches) == 1
        assert 'status="499"' in httpx.get(f"{url}/metrics").text


def test_a_client_that_does_not_read_holds_no_room_for_ever() -> None:
    class Long(Marks):
        """Finds a gene in every letter, so that the answer is long."""

        def _marks(self, text: str) -> Any:
            first = super()._marks(text)[0]
            return tuple(
                type(first)(f"T{n}", "GENE", n, n + 1, letter) for n, letter in enumerate(text) if letter != " "
            )

    settings = Settings(write_timeout=0.3)
    with running(toy(Long()), settings) as (url, app):
        host, port = url.removeprefix("http://").split(":")
        body = json.dumps({"captions": [{"text": "a" * 19_000}] * 4}).encode()
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((host, int(port)))
            connection.sendall(
                b"POST /annotate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            until(lambda: app.state.service._dispatcher.held[0] == 4)
            until(lambda: app.state.service._dispatcher.held[0] == 0)
            assert 'pathcap_problems_total{code="slow_client"} 1.0' in httpx.get(f"{url}/metrics").text
        assert (
            httpx.post(f"{url}/annotate", content=body, headers={"Content-Type": "application/json"}).status_code == 200
        )


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
def test_without_the_token_nothing_is_annotated(given: str) -> None:
    with running(toy(Marks()), Settings(token=TOKEN)) as (url, _), httpx.Client(base_url=url) as client:
        headers = {"Authorization": given} if given else {}
        for method, path in (
            ("POST", "/annotate"),
            ("POST", "/score"),
            ("POST", "/convert"),
            ("GET", "/metrics"),
            ("POST", "/annotate/"),
            ("POST", "/x/annotate"),
            ("GET", "/static/../metrics"),
            ("GET", "/nothing"),
        ):
            response = client.request(method, path, headers=headers)
            problem(response, 401, "unauthorized")
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert TOKEN not in response.text
        for path in ("/health", "/ready", "/", "/openapi.json", "/static/main.js"):
            assert client.get(path).status_code == 200
        right = {"Authorization": f"bearer {TOKEN}"}
        assert client.post("/annotate", json={"text": "ERK"}, headers=right).status_code == 200
        assert client.get("/openapi.json").json()["paths"]["/annotate"]["post"]["security"]


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/metrics", "/openapi.json", "/static/main.js"])
def test_a_head_is_a_get_without_its_body(small: httpx.Client, path: str) -> None:
    head, get = small.head(path), small.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert small.get("/health").json()["status"] == "ok"  # the connection is in order


def test_what_is_not_there(small: httpx.Client) -> None:
    problem(small.get("/nothing"), 404, "not_found")
    response = small.get("/annotate")
    problem(response, 405, "method_not_allowed")
    assert small.head("/annotate").status_code == 405
    assert response.headers["Allow"] == "POST"
    assert small.get("/docs").status_code == 404


def test_every_answer_has_an_id_and_is_not_kept_nor_guessed(small: httpx.Client) -> None:
    for path in ("/health", "/nothing"):
        response = small.get(path, headers={"X-Request-ID": "mine-1.2_3"})
        assert response.headers["X-Request-ID"] == "mine-1.2_3"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
    for bad in ("a b", "x" * 65, "a\tb", "é".encode().decode("latin-1"), ""):
        made = small.get("/health", headers={"X-Request-ID": bad.encode("latin-1")}).headers["X-Request-ID"]
        assert len(made) == 32
        assert made != small.get("/health").headers["X-Request-ID"]


def test_health_and_readiness(small: httpx.Client) -> None:
    assert small.get("/health").json()["status"] == "ok"
    assert small.get("/ready").json() == {"status": "ready"}


def test_a_server_that_ends_takes_no_more_but_finishes() -> None:
    gate = threading.Event()
    with running(toy(Marks(gate=gate))) as (url, app), ThreadPoolExecutor(1) as pool:
        held = pool.submit(httpx.post, f"{url}/annotate", json={"text": "A b."}, timeout=20)
        until(lambda: app.state.service.active == 1)
        app.state.service.drain()
        ready = httpx.get(f"{url}/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
        assert httpx.get(f"{url}/health").status_code == 200
        for path in ("/annotate", "/score", "/convert"):
            response = httpx.post(f"{url}{path}", json={})
            problem(response, 503, "draining")
            assert int(response.headers["Retry-After"]) >= 1
            assert response.headers["Connection"] == "close"
        gate.set()
        assert held.result().status_code == 200
        until(lambda: app.state.service.active == 0)


def test_no_origin_may_ask_unless_told() -> None:
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    with running(toy(Marks())) as (url, _):
        response = httpx.post(f"{url}/annotate", json={"text": "ERK"}, headers={"Origin": "https://a.example"})
        assert "Access-Control-Allow-Origin" not in response.headers
        assert httpx.options(f"{url}/annotate", headers=preflight).status_code == 405
    with running(toy(Marks()), Settings(origins=("https://a.example",))) as (url, _):
        allowed = httpx.options(f"{url}/annotate", headers=preflight)
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert httpx.options(f"{url}/annotate", headers={**preflight, "Origin": "https://b.example"}).status_code == 400
        response = httpx.post(f"{url}/annotate", json={}, headers={"Origin": "https://a.example"})
        assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]


def test_metrics_tell_requests_captions_and_batches() -> None:
    with running(toy(Marks())) as (url, _), httpx.Client(base_url=url) as client:
        client.post("/annotate", json={"captions": [{"text": "ab cd"}, {"text": CONTRADICTION}]})
        for path in ("/one", "/two"):
            client.get(path)
        response = client.get("/metrics")
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        lines = set(response.text.splitlines())
    assert {
        'pathcap_requests_total{route="/annotate",status="200"} 1.0',
        'pathcap_requests_total{route="other",status="404"} 2.0',
        'pathcap_captions_total{outcome="done"} 1.0',
        'pathcap_captions_total{outcome="failed"} 1.0',
        "pathcap_characters_total 18.0",
        "pathcap_held_captions 0.0",
        "pathcap_held_captions_limit 256.0",
        'pathcap_request_seconds_count{route="/annotate"} 1.0',
    } <= lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_two_servers_in_a_process_count_apart() -> None:
    apps = [create_app(toy(Marks())) for _ in range(2)]
    apps[0].state.service.metrics.answered("/health", 200, 0.1, None)
    assert b'route="/health",status="200"' in apps[0].state.service.metrics.text()
    assert b'route="/health",status="200"' not in apps[1].state.service.metrics.text()


def test_openapi_has_every_route_with_examples_and_problems(small: httpx.Client) -> None:
    schema = small.get("/openapi.json").json()
    assert {*schema["paths"]} == {"/annotate", "/score", "/convert", "/health", "/ready", "/metrics"}
    for path in ("/annotate", "/score", "/convert"):
        operation = schema["paths"][path]["post"]
        (content,) = operation["requestBody"]["content"].values()
        assert content["examples"]
        assert {"200", "401", "408", "413", "415", "422", "429", "500", "503", "504"} == {*operation["responses"]}
    names = set(schema["components"]["schemas"])
    used = {part.split('"')[0] for part in json.dumps(schema).split("#/components/schemas/")[1:]}
    assert used <= names
    assert "security" not in schema["paths"]["/annotate"]["post"]


def test_no_caption_text_is_logged(small: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    # A request is logged after its answer, so one of an earlier test may come late.
    ids = [f"logged-{number}" for number in range(4)]
    first, second, third, fourth = ({"X-Request-ID": id} for id in ids)

    def lines_of_requests() -> list[str]:
        lines = [JsonFormatter().format(record) for record in caplog.records if record.name == "nlp.server"]
        return [line for line in lines if json.loads(line).get("request_id") in ids]

    with caplog.at_level(logging.DEBUG):
        small.post("/annotate", json={"text": "Secretin acts."}, headers=first)
        small.post("/annotate", json={"text": "Secretin acts.", "Secretin": 1}, headers=second)
        small.post("/annotate?text=Secretin", json={"text": FAULT}, headers=third)
        small.get("/Secretin", headers=fourth)
        until(lambda: len(lines_of_requests()) >= 4)
    lines = lines_of_requests()
    assert not [line for line in lines if "Secretin" in line or "quotes" in line]
    facts = [json.loads(line) for line in lines]
    assert [fact["status"] for fact in facts] == [200, 422, 500, 404]
    assert facts[0].keys() >= {"time", "level", "event", "request_id", "method", "route", "milliseconds", "captions"}
    assert facts[2]["error"] == "RuntimeError"
    assert facts[2]["level"] == "error"
    assert any("servers.py" in place for place in facts[2]["at"])


def test_keep_alive_and_many_requests_on_one_connection(small: httpx.Client) -> None:
    started = time.perf_counter()
    assert {small.post("/annotate", json={"text": f"A {number}."}).status_code for number in range(50)} == {200}
    assert time.perf_counter() - started < 10

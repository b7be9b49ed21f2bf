"""What the README says of the server is done by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from nlp.formats.records import to_record
from nlp.pipeline import Pipeline
from nlp.types import Document
from tests.conftest import REPOSITORY
from tests.server.servers import running

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
TOLD = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(Pipeline.load(threads=1)) as (url, _):
        yield url


def section() -> str:
    return README.partition("\n### Over HTTP\n")[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", section(), re.MULTILINE | re.DOTALL)


def test_requests_are_answered(url: str) -> None:
    (curl,) = (block for block in blocks("sh") if block.startswith("curl"))
    found = re.fullmatch(r"curl -H 'Content-Type: application/json' -d '(.*)' http://127.0.0.1:8765(/\S+)\n", curl)
    assert found
    one = httpx.post(url + found[2], content=found[1], headers={"Content-Type": "application/json"})
    assert one.json()["mentions"][0]["text"] == "Esketamine"
    (many,) = blocks("json5")
    answer = httpx.post(f"{url}/annotate", json=json.loads(many)).json()
    assert [document["id"] for document in answer["documents"]] == ["a", "b"]
    assert answer["errors"] == []


def test_routes_are_there(url: str) -> None:
    told = re.findall(r"`(?:GET |POST )?(/[a-z]+)`", section().partition("| route |")[2].partition("\n\n")[0])
    assert set(httpx.get(f"{url}/openapi.json").json()["paths"]) == set(told)


def test_the_client_gives_the_same_documents(url: str, pipeline: Pipeline) -> None:
    (example,) = blocks("py")
    assert TOLD in example
    names: dict[str, object] = {}
    exec(compile(example.replace(TOLD, url), "README.md", "exec"), names)  # noqa: S102
    document, documents = names["document"], names["documents"]
    assert isinstance(document, Document)
    assert to_record(document) == to_record(pipeline("Esketamine activates ERK."))
    assert isinstance(documents, list)
    assert [one.text for one in documents] == ["AKT inhibits GSK3B.", "MEK activates ERK."]

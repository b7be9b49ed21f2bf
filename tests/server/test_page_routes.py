"""The web page as it is sent: its headers, its files, and nothing that needs more than they allow."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

pytest.importorskip("fastapi", reason="needs the extra server")

from fastapi import FastAPI
from fastapi.testclient import TestClient

from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.server.page import page_routes
from nlp.server.page.router import HEADERS


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.include_router(page_routes())
    return TestClient(app)


class Tags(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/static/page.css", "/static/nothing.js"])
def test_everything_comes_with_a_strict_policy(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"unsafe|\*|https?:", headers["content-security-policy"])
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_page_has_no_script_or_style_in_itself(client: TestClient) -> None:
    tags = Tags(client.get("/").text).found
    for tag, attributes in tags:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert not {name for name in attributes if name == "style" or name.startswith("on")}
        for name in ("src", "href"):
            assert not re.match(r"[a-z]+:|/", attributes.get(name) or ""), "addresses are relative"


def test_what_the_page_names_is_there(client: TestClient) -> None:
    links = {
        value for _, one in Tags(client.get("/").text).found for value in (one.get("src"), one.get("href")) if value
    }
    named = {link for link in links if link.startswith("static/")}
    scripts = files("nlp.server.page").joinpath("static").iterdir()
    imported = {
        f"static/{name}"
        for script in scripts
        if script.name.endswith(".js")
        for name in re.findall(r'^import .* from "\./(.+)";$', script.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"static/main.js", "static/report.css"} <= named
    assert {"static/dom.js", "static/server.js"} <= imported
    for link in named | imported:
        assert client.get(f"/{link}").status_code == 200, link


def test_all_types_are_in_the_legends(client: TestClient) -> None:
    types = [one["data-type"] for _, one in Tags(client.get("/").text).found if "data-type" in one]
    assert types == [*MENTION_TYPES, *RELATION_TYPES]


def test_a_file_is_sent_once(client: TestClient) -> None:
    first = client.get("/static/main.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = client.get("/static/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    other = client.get("/static/dom.js", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("name", ["..%2frouter.py", "../router.py", "page.html", "", "vendor"])
def test_nothing_else_is_sent(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404

"""What a server may be told, and what it refuses."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from nlp.errors import ConfigError
from nlp.server import Settings, is_loopback, read_token
from nlp.server.logs import LOGGER, log, log_to

TOKEN = "0123456789abcdef"  # noqa: S105


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]"])
def test_this_machine_alone_may_do_without_a_token(host: str) -> None:
    assert is_loopback(host)
    assert Settings(host=host).token is None


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "", "192.168.0.3", "example.org", "localhost.example.org", "127.0.0"],  # noqa: S104
)
def test_others_need_one_unless_told_so(host: str) -> None:
    with pytest.raises(ConfigError, match="no token"):
        Settings(host=host)
    assert Settings(host=host, token=TOKEN).host == host
    assert Settings(host=host, without_token=True).host == host


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"port": -1}, "port"),
        ({"port": 65536}, "port"),
        ({"profile": "best"}, "profile"),
        ({"max_body": 0}, "max_body"),
        ({"workers": 0}, "workers"),
        ({"timeout": 0.0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"read_timeout": float("inf")}, "read_timeout"),
        ({"max_captions": 300}, "max_captions"),
        ({"max_characters": 2_000_000}, "max_characters"),
        ({"all_bodies": 1000}, "max_body"),
        ({"token": "short"}, "token"),
    ],
)
def test_what_contradicts_itself(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Settings(**given)


def test_documents_may_be_larger_than_requests_but_not_than_all_bodies() -> None:
    assert Settings(max_body=1000).max_documents == 8000
    assert Settings(max_body=1000, all_bodies=5000).max_documents == 5000


def test_a_token_comes_from_a_file_or_else_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATHCAP_TOKEN", raising=False)
    assert read_token(None) is None
    monkeypatch.setenv("PATHCAP_TOKEN", "from-the-environment")
    assert read_token(None) == "from-the-environment"
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert read_token(tmp_path / "token") == TOKEN


@pytest.mark.parametrize("content", ["", "\n", "short", "0123456789 abcdef", "0123456789\nabcdef", "0123456789abcdé"])
def test_a_token_that_is_none_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (tmp_path / "token").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_token(tmp_path / "token")
    assert str(tmp_path) in str(raised.value)
    assert "0123456789" not in str(raised.value)
    monkeypatch.setenv("PATHCAP_TOKEN", content)
    with pytest.raises(ConfigError):
        read_token(None)


def test_a_log_line_is_json_and_quotes_no_error() -> None:
    stream = io.StringIO()
    handlers, level, propagate = LOGGER.handlers[:], LOGGER.level, LOGGER.propagate
    uvicorn = logging.getLogger("uvicorn")
    others = uvicorn.handlers[:], uvicorn.level, uvicorn.propagate
    try:
        log_to(stream)
        try:
            raise ValueError("Secretin acts")
        except ValueError as error:
            log("request", logging.ERROR, error, captions=1)
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
        logging.getLogger("uvicorn.error").info("Finished server process [1]")
    finally:
        LOGGER.handlers[:], LOGGER.propagate = handlers, propagate
        LOGGER.setLevel(level)
        uvicorn.handlers[:], _, uvicorn.propagate = others
        uvicorn.setLevel(others[1])
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["request", "Invalid HTTP request received."]
    assert (lines[0]["level"], lines[0]["captions"], lines[0]["error"]) == ("error", 1, "ValueError")
    assert lines[0]["time"].endswith("+00:00")
    assert "Secretin" not in stream.getvalue()

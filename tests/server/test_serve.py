"""``pathcap serve`` as a process: its port, its signals, its exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from nlp.cli import main
from tests.conftest import REPOSITORY
from tests.timing import until

# A pipeline that never ends with captions that say so.
NEVER = """
import sys, time
from nlp.server import Settings, serve
from tests.server.servers import Marks, toy

class Never(Marks):
    def _marks(self, text):
        time.sleep(600 if text == "never" else 0)
        return super()._marks(text)

sys.exit(0 if serve(lambda: toy(Never()), Settings(port=0, drain_timeout={drain})) else 1)
"""


# A conversion that never ends.
ENDLESS = """
import sys, time
from nlp.server import Settings, serve, service
from tests.server.servers import Marks, toy

service._convert = lambda _: time.sleep(600)
sys.exit(0 if serve(lambda: toy(Marks()), Settings(port=0, drain_timeout=0.5)) else 1)
"""


@contextmanager
def process(arguments: Sequence[str], **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as a process, and the url that it printed."""
    inherited = {name: value for name, value in os.environ.items() if name != "PATHCAP_TOKEN"}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**inherited, "PYTHONPATH": str(REPOSITORY), **environment},
    ) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            found = re.fullmatch(r"pathcap: serving on (http://127\.0\.0\.1:\d+)\n", line)
            assert found, line + (running.stderr.read() if running.stderr and not line else "")
            yield running, found[1]
        finally:
            running.kill()


def held(url: str) -> float:
    text = httpx.get(f"{url}/metrics").text
    return float(re.findall(r"^pathcap_held_captions (\S+)$", text, re.MULTILINE)[0])


def test_what_is_under_way_when_it_is_told_to_end_is_finished(tmp_path: Path) -> None:
    request = {"captions": [{"text": f"Drug {n} activates ERK and inhibits AKT in β cells. " * 20} for n in range(60)]}
    with process(["-m", "nlp", "serve", "--port", "0"]) as (running, url), ThreadPoolExecutor(1) as pool:
        assert httpx.get(f"{url}/ready").status_code == 200
        answer = pool.submit(httpx.post, f"{url}/annotate", json=request, timeout=60)
        until(lambda: held(url))
        running.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(f"{url}/ready").status_code == 503)
        refused = httpx.post(f"{url}/annotate", json={"text": "ERK acts."})
        assert (refused.status_code, refused.json()["code"]) == (503, "draining")
        assert not answer.done()
        documents = answer.result(60)
        assert documents.status_code == 200
        assert len(documents.json()["documents"]) == 60
        assert running.wait(20) == 0
        assert running.stderr is not None
        lines = [json.loads(line) for line in running.stderr]
    assert [line["event"] for line in lines if line["event"] != "request"] == ["started", "draining", "stopped"]
    assert lines[-1]["finished"]
    assert "ERK" not in json.dumps(lines)


def test_a_server_with_nothing_to_do_ends_at_once_and_asks_for_its_token() -> None:
    token = "0123456789abcdef"  # noqa: S105
    with process(["-c", NEVER.format(drain=60)]) as (running, url):
        assert httpx.post(f"{url}/annotate", json={"text": "ERK acts."}).status_code == 200
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
    with process(["-m", "nlp", "serve", "--port", "0"], PATHCAP_TOKEN=token) as (running, url):
        assert httpx.post(f"{url}/annotate", json={"text": "ERK"}).status_code == 401
        right = {"Authorization": f"Bearer {token}"}
        assert httpx.post(f"{url}/annotate", json={"text": "ERK"}, headers=right).status_code == 200


@pytest.mark.parametrize(("drain", "again"), [(60, True), (0.5, False)])
def test_what_cannot_be_finished_is_given_up(drain: float, again: bool) -> None:
    with process(["-c", NEVER.format(drain=drain)]) as (running, url), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx.post, f"{url}/annotate", json={"text": "never"}, timeout=30)
        until(lambda: held(url))
        running.send_signal(signal.SIGTERM)
        if again:
            until(lambda: httpx.get(f"{url}/ready").status_code == 503)
            running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 1
        with pytest.raises(httpx.HTTPError):
            answer.result(5).raise_for_status()


def test_work_beside_the_networks_does_not_keep_the_process_from_ending() -> None:
    request = {"documents": [{"id": "a", "text": "ERK acts."}], "format": "sif"}
    with process(["-c", ENDLESS]) as (running, url), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx.post, f"{url}/convert", json=request, timeout=30)
        with pytest.raises(TimeoutError):
            answer.result(0.5)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 1
        with pytest.raises(httpx.HTTPError):
            answer.result(5).raise_for_status()


def test_a_port_that_is_taken_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert main(["serve", "--port", port]) == 2
    error = capsys.readouterr().err
    assert error.startswith("pathcap: the server cannot listen there")
    assert f"127.0.0.1:{port}" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "no token"),  # noqa: S104
        (["--host", "no.such.host.invalid", "--without-token"], "cannot listen"),
        (["--port", "99999"], "port is out of range"),
        (["--token-file", "none"], "none: No such file"),
        (["--token-file", "none", "--without-token"], "not to be asked for"),
        (["--max-captions", "0"], "max_captions"),
        (["--timeout", "nan"], "timeout"),
        (["--read-timeout", "0"], "read_timeout"),
        (["--write-timeout", "-1"], "write_timeout"),
        (["--all-bodies", "1000"], "max_body"),
        (["--batch-characters", "0"], "batch_characters"),
    ],
)
def test_what_it_refuses_is_one_clear_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PATHCAP_TOKEN", raising=False)
    assert main(["serve", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("pathcap: ")
    assert said in error
    assert error.count("\n") == 1


def test_arguments_tell_their_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for part in ("127.0.0.1", "8765", "--token-file", "PATHCAP_TOKEN", "--queue-captions N", "(default: 256)"):
        assert part in text
    for limit in ("--all-bodies", "--batch-characters", "--read-timeout", "--write-timeout", "(default: 1,048,576)"):
        assert limit in text
    assert not re.search(r"\de[+-]?\d", text)


SERVE = "from nlp.cli import main; sys.exit(main(['serve', '--port', '0']))"
CONNECT = """
from nlp.client import Client
try:
    Client("http://127.0.0.1")
except Exception as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize(
    ("absent", "does", "extra"),
    [
        ("fastapi", SERVE, "pathcap[server]"),
        ("prometheus_client", SERVE, "pathcap[server]"),
        ("httpx", CONNECT, "pathcap[client]"),
    ],
)
def test_what_is_not_installed_names_its_extra(absent: str, does: str, extra: str) -> None:
    code = f"import sys\nsys.modules[{absent!r}] = None\n{does}"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert done.returncode in (1, 2)
    assert extra in done.stderr
    assert done.stderr.count("\n") == 1

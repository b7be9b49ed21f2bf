"""The wheel works by itself: no checkout, an empty environment, no network."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

NO_NETWORK = """
import socket

def refuse(*_):
    raise OSError("the network is blocked")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
"""


def run(*command: str | Path, **more: object) -> str:
    done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True, **more)  # type: ignore[call-overload]  # noqa: S603
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, REPOSITORY)
    (built,) = folder.glob("pathcap-*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_carries_the_model_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"nlp"}
    assert {"nlp/_models/caption/config.yaml", "nlp/_models/caption/lexicon.bin", "nlp/py.typed"} <= set(names)
    assert wheel.stat().st_size < 35_000_000


@pytest.mark.slow
def test_the_wheel_carries_the_web_page_and_its_libraries(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    page = REPOSITORY / "nlp" / "server" / "page"
    files = {*page.glob("static/*"), *page.glob("templates/*")}
    assert {page / "static" / "main.js", page / "templates" / "page.html"} <= files
    assert {path.relative_to(REPOSITORY).as_posix() for path in files} <= names
    if shutil.which("npm") is None and "CI" not in os.environ:
        pytest.skip("needs npm")
    libraries = ("cytoscape.min.js", "cytoscape.LICENSE.txt", "js-yaml.esm.min.mjs", "js-yaml.LICENSE.txt")
    assert {f"nlp/server/page/vendor/{name}" for name in libraries} <= names


@pytest.mark.slow
def test_it_annotates_a_caption_in_an_empty_environment_without_network(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "-c", REPOSITORY / "constraints.txt", wheel)
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(NO_NETWORK)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    printed = run(
        tmp_path / "venv" / "bin" / "pathcap",
        "annotate",
        "-",
        "-o",
        "-",
        input='{"id": "x", "text": "Ketamine activates ERK."}\n',
        cwd=tmp_path,
        env={**clean, "PYTHONPATH": str(blocked)},
    )
    record = json.loads(printed)
    assert [mention["text"] for mention in record["mentions"]] == ["Ketamine", "ERK"]
    assert [(edge["type"], edge["sign"]) for edge in record["relations"]] == [("activation", 1)]
    assert {keyword["keyword"] for keyword in record["keywords"]} == {"Ketamine", "MAPK1", "MAPK3"}

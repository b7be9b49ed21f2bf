"""The build brings the libraries of the web page, and goes on without them."""

from __future__ import annotations

import io
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("hatchling", reason="needs hatchling")

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin.utils import load_plugin_from_script

import hatch_build


def archive(contents: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as made:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return stream.getvalue()


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """An npm that packs what is put here, in place of what it is asked for."""
    packs: list[bytes] = []

    def run(command: list[str], cwd: Path, **more: Any) -> None:
        if not packs:
            raise subprocess.CalledProcessError(1, command)
        (cwd / "packed.tgz").write_bytes(packs[-1])

    monkeypatch.setattr(hatch_build.shutil, "which", lambda name: name)
    monkeypatch.setattr(hatch_build.subprocess, "run", run)
    return packs


def hook(root: Path, target: str = "wheel") -> tuple[Any, list[str]]:
    said: list[str] = []
    app = SimpleNamespace(display_warning=said.append)
    made = hatch_build.CustomBuildHook(str(root), {}, None, None, str(root), target, app)  # type: ignore[arg-type]
    return made, said


def build(root: Path, target: str = "wheel") -> tuple[list[str], list[str]]:
    """The artifacts that the build adds, and what it warns of."""
    (root / hatch_build.VENDOR).parent.mkdir(parents=True, exist_ok=True)
    made, said = hook(root, target)
    data: dict[str, Any] = {"artifacts": []}
    made.initialize("standard", data)
    return data["artifacts"], said


def test_hatchling_finds_it() -> None:
    found = load_plugin_from_script(hatch_build.__file__, "hatch_build.py", BuildHookInterface, "build_hook")
    assert found.__name__ == hatch_build.CustomBuildHook.__name__


def test_without_npm_the_build_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hatch_build.shutil, "which", lambda _: None)
    artifacts, said = build(tmp_path)
    assert artifacts == []
    names = [package.name for package in hatch_build.PACKAGES]
    assert said == [f"the web page comes without {name}: npm is not there" for name in names]


def test_without_a_network_the_build_goes_on(tmp_path: Path, npm: list[bytes]) -> None:
    artifacts, said = build(tmp_path)
    assert artifacts == []
    assert all("npm did not get" in words for words in said)


def test_another_package_is_not_taken(tmp_path: Path, npm: list[bytes]) -> None:
    npm.append(archive({member: b"other" for one in hatch_build.PACKAGES for member, _ in one.files.values()}))
    artifacts, said = build(tmp_path)
    assert artifacts == []
    assert all("is not the one that is known" in words for words in said)
    assert not (tmp_path / hatch_build.VENDOR).exists()


def test_what_is_known_is_taken_once(tmp_path: Path, npm: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    packed = archive({"package/one.js": b"one", "package/LICENSE": b"licence", "package/other.js": b"left out"})
    files = {
        "one.js": ("package/one.js", sha256(b"one").hexdigest()),
        "one.LICENSE.txt": ("package/LICENSE", sha256(b"licence").hexdigest()),
    }
    package = hatch_build.Package("one@1.0.0", hatch_build.integrity(packed), files)
    monkeypatch.setattr(hatch_build, "PACKAGES", (package,))
    npm.append(packed)
    artifacts, said = build(tmp_path)
    assert said == []
    folder = tmp_path / hatch_build.VENDOR
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == {"one.js": b"one", "one.LICENSE.txt": b"licence"}
    assert artifacts == [f"{hatch_build.VENDOR}/{name}" for name in files]
    npm.clear()
    assert build(tmp_path) == (artifacts, [])
    # What was changed since is fetched again.
    (folder / "one.js").write_bytes(b"changed")
    assert build(tmp_path)[0] == []


def test_a_source_distribution_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hatch_build.shutil, "which", lambda _: pytest.fail("npm was looked for"))
    assert build(tmp_path, "sdist") == ([], [])

"""Puts the libraries of the web page beside it before a wheel is built.

Cytoscape.js draws networks, js-yaml reads PFOCR's pages.

They come from the npm registry by ``npm pack``, and are taken only if a package is the one whose hash stands here.
Where there is no npm or no network the build goes on: the page then shows its edges as a table alone, and says why.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, Final, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR: Final = "nlp/server/page/vendor"
# Without a network npm would try for minutes.
NPM_OPTIONS: Final = ("--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000")
SECONDS: Final = 90


# Not a dataclass: hatchling loads this file without making a module of it, which those need.
class Package(NamedTuple):
    """A package of the npm registry, and what is taken from it.

    Attributes:
        name: with its version.
        integrity: hash of the package, as npm writes it.
        files: by their names in ``VENDOR``: their names in the package, and their sha256.
    """

    name: str
    integrity: str
    files: Mapping[str, tuple[str, str]]


PACKAGES: Final = (
    Package(
        "cytoscape@3.35.0",
        "sha512-sMvBIXiGMnhkCaWz2R06FwF/27MNlS+Tqvi17foO9UhnUg3XGZccKjxsvEqQFAQYMSSZmN5SxYzUYlQ0DOJJ3g==",
        {
            "cytoscape.min.js": (
                "package/dist/cytoscape.min.js",
                "71fa9ebec21a7ca2c40cff6aacc30d1f6464e363662ad4b2c197e1adc770cd94",
            ),
            "cytoscape.LICENSE.txt": (
                "package/LICENSE",
                "eb319c6e6f233607f71e8e2f450391751883cfc0eeb3ca7ef574c13d1d9c2203",
            ),
        },
    ),
    Package(
        "js-yaml@5.5.0",
        "sha512-paNr4LFIFPjeeSmwNYdrb8FafLLG/Cr2Af3GjbsHJ5CxIjH4r0c2emlmRdAtpPAieP1gRVzk6buBbVP5gBMGAg==",
        {
            "js-yaml.esm.min.mjs": (
                "package/dist/browser/js-yaml.esm.min.mjs",
                "de0f5266d4312ab9cd564aba4217eb9cc98dcfd18bd59988aa7e0971e7c722b5",
            ),
            "js-yaml.LICENSE.txt": (
                "package/LICENSE",
                "a07bc24468b9654ce76a547d47a2db282d07733b715db4c73a98bd63961f9550",
            ),
        },
    ),
)


class UnavailableError(Exception):
    """A package cannot be had; says why."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches the libraries before a wheel, editable or not, is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own
        """Called by hatchling before it collects files."""
        if self.target_name != "wheel":
            return
        for package in PACKAGES:
            try:
                provide(package, Path(self.root) / VENDOR)
            except (UnavailableError, OSError) as error:
                self.app.display_warning(f"the web page comes without {package.name}: {error}")
            else:
                build_data["artifacts"] += [f"{VENDOR}/{name}" for name in package.files]


def provide(package: Package, folder: Path) -> None:
    """Put what is taken of a package into ``folder``; nothing is fetched if it is there.

    Raises:
        UnavailableError: if it cannot be fetched, or what came is not what was asked for.
        OSError: if the folder cannot be written.
    """
    if all(_is(folder / name, digest) for name, (_, digest) in package.files.items()):
        return
    for name in package.files:
        # Of another version, which the page must not run.
        (folder / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as place:
        contents = _contents(package, _fetch(package, Path(place)))
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def integrity(content: bytes) -> str:
    """The hash of a package as npm writes it."""
    return f"sha512-{b64encode(sha512(content).digest()).decode()}"


def _fetch(package: Package, place: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("npm is not there")
    try:
        subprocess.run(  # noqa: S603
            [npm, "pack", package.name, *NPM_OPTIONS], cwd=place, check=True, capture_output=True, timeout=SECONDS
        )
    except subprocess.SubprocessError as error:
        raise UnavailableError(f"npm did not get {package.name}") from error
    archive = next(place.glob("*.tgz"), None)
    if archive is None:
        raise UnavailableError(f"npm did not get {package.name}")
    found = integrity(archive.read_bytes())
    if found != package.integrity:
        raise UnavailableError(
            f"{package.name} is not the one that is known; expected {package.integrity}; found {found}"
        )
    return archive


def _contents(package: Package, path: Path) -> dict[str, bytes]:
    contents = {}
    try:
        with tarfile.open(path) as archive:
            for name, (member, digest) in package.files.items():
                stream = archive.extractfile(member)
                contents[name] = b"" if stream is None else stream.read()
                if sha256(contents[name]).hexdigest() != digest:
                    raise UnavailableError(f"{member} of {package.name} is not the one that is known")
    except (KeyError, tarfile.TarError) as error:
        raise UnavailableError(f"{package.name} does not hold what is known: {error}") from error
    return contents


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == digest

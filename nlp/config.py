"""A model folder's ``config.yaml``: which stages run, with which options, on which files.

name: caption
version: "1"
files:
  lexicon.bin: <sha256>
stages:
  - sentences
  - lexicon-mentions: {option: value}
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from nlp.errors import ConfigError, Location, ModelError

CONFIG_FILE = "config.yaml"
PROFILES = ("precise", "pfocr")


@dataclass(frozen=True, slots=True)
class StageConfig:
    """A stage by its name in ``nlp.assembly.STAGES``, and the options it is made with."""

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What a model folder says of itself.

    Attributes:
        path: the folder.
        name: of the model.
        version: of the model, raised whenever its output changes.
        files: sha256 of each file it needs, by name in the folder.
        stages: in the order they run.
    """

    path: Path
    name: str
    version: str
    files: Mapping[str, str]
    stages: tuple[StageConfig, ...]

    def file(self, name: str) -> Path:
        """The path of one of the model's files.

        Raises:
            ModelError: if the configuration does not list it or the folder does not hold it.
        """
        path = self.path / name
        if name not in self.files:
            raise ModelError("a file is not listed in the model's configuration", found=name, where=_at(self.path))
        if not path.is_file():
            raise ModelError("a file of the model is missing", expected=str(path), where=_at(self.path))
        return path

    def digest(self, name: str) -> str:
        """The sha256 of one of the model's files, as it is now."""
        return fingerprint(self.file(name))

    def verify(self) -> None:
        """Compare every file with its recorded hash.

        Raises:
            ModelError: for the first file that is missing or differs.
        """
        for name, expected in self.files.items():
            found = self.digest(name)
            if found != expected:
                raise ModelError(
                    "a file of the model is not the one its configuration names",
                    expected=f"sha256 {expected}",
                    found=f"sha256 {found}",
                    where=Location(source=str(self.path / name)),
                )


def fingerprint(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def default_model() -> Path:
    """The model that comes with pathcap: inside the installed package, or ``models/`` of a checkout.

    Raises:
        ModelError: if neither is there.
    """
    package = Path(__file__).parent
    places = (package / "_models" / "caption", package.parent / "models" / "caption")
    for place in places:
        if (place / CONFIG_FILE).is_file():
            return place
    raise ModelError("the model is not installed", expected=" or ".join(map(str, places)))


def read_model_config(path: Path) -> ModelConfig:
    """Read ``config.yaml`` of the model folder ``path``.

    Raises:
        ModelError: if there is no such file.
        ConfigError: if it is not YAML or lacks a field.
    """
    file = path / CONFIG_FILE
    if not file.is_file():
        raise ModelError("not a model folder", expected=str(file))
    document = read_yaml(file)
    if not isinstance(document, dict):
        raise ConfigError("not a model configuration", expected="a mapping", where=_at(file))
    missing = [key for key in ("name", "version", "files", "stages") if key not in document]
    if missing:
        raise ConfigError("a model configuration is incomplete", expected=", ".join(missing), where=_at(file))
    if not isinstance(document["files"], dict) or not isinstance(document["stages"], list):
        raise ConfigError(
            "a model configuration is of the wrong form", expected="files: a mapping, stages: a list", where=_at(file)
        )
    return ModelConfig(
        path=path,
        name=str(document["name"]),
        version=str(document["version"]),
        files=MappingProxyType(dict(document["files"])),
        stages=tuple(_stage(item, file) for item in document["stages"]),
    )


def read_yaml(path: Path) -> Any:
    """What a YAML file holds, by the safe C loader.

    Raises:
        ConfigError: with the line, if it is not YAML.
    """
    try:
        with path.open("rb") as stream:
            return yaml.load(stream, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError(
            "not YAML", found=problem, where=Location(str(path), mark.line + 1 if mark else None)
        ) from error


def _stage(item: object, file: Path) -> StageConfig:
    if isinstance(item, str):
        return StageConfig(item, MappingProxyType({}))
    if isinstance(item, dict) and len(item) == 1:
        name, options = next(iter(item.items()))
        if isinstance(options, dict):
            return StageConfig(str(name), MappingProxyType(options))
    raise ConfigError(
        "a stage is not understood", expected="name, or name: {options}", found=str(item), where=_at(file)
    )


def _at(path: Path) -> Location:
    return Location(source=str(path))

"""Where outputs go: they appear under their names only when they are complete.

An output is written beside its place, under a name that begins with a dot, and then takes the place, or is removed if
anything fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nlp.errors import ConfigError, Location


def check_place(path: Path) -> None:
    """Check that a file may be written at ``path``.

    Raises:
        ConfigError: if its folder is not there, or it is a folder itself.
    """
    _check_parent(path)
    if path.is_dir():
        raise ConfigError("the output is a folder", expected="a file name", where=Location(str(path)))


def check_folder_place(path: Path) -> None:
    """Check that a folder may be written at ``path``: a folder that holds something is not replaced.

    Raises:
        ConfigError: if the folder around it is not there, or something is in the place already.
    """
    _check_parent(path)
    if path.is_dir():
        if next(path.iterdir(), None) is not None:
            raise ConfigError(
                "the output folder is not empty", expected="a new or an empty folder", where=Location(str(path))
            )
    elif path.exists():
        raise ConfigError("the output is a file", expected="a new or an empty folder", where=Location(str(path)))


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of ``path`` when the block ends well."""
    # Through links, so that the file is replaced and not the link to it.
    target = path.resolve()
    check_place(target)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:  # a device or a pipe, which cannot be replaced
            yield stream
        return
    temporary = _beside(target)
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """A new folder that stands at ``path`` when the block ends well.

    Raises:
        ConfigError: if something is in the place already.
    """
    target = path.resolve()
    check_folder_place(target)
    temporary = _beside(target)
    temporary.mkdir()
    try:
        yield temporary
        temporary.replace(target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _check_parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise ConfigError("the output folder is not there", where=Location(str(path)))

"""What the readers share: how errors are handed on, and the checks of what every caption must have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeAlias

from nlp.errors import FormatError, InputError, Location
from nlp.types import Caption

OnError: TypeAlias = Callable[[InputError], None]
"""Takes what could not be read; the reader goes on when it returns, and stops when it raises."""

Reader: TypeAlias = Callable[[Path, OnError], Iterator[Caption]]
"""Yields the captions of one file, and hands every record that cannot be read to its second argument."""


def raise_error(error: InputError) -> NoReturn:
    """An ``OnError`` for those who want to stop at the first error."""
    raise error


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark, line ends unchanged.

    Raises:
        FormatError: naming the line of the first byte that is not UTF-8.
    """
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError(
            "the file is not UTF-8",
            expected="UTF-8 text",
            found=f"byte 0x{error.object[error.start]:02x}",
            where=Location(str(path), line),
        ) from error


def caption_text(value: object, where: Location) -> str:
    """``value`` if it is a caption: a string with something in it that can be written as UTF-8.

    Raises:
        InputError: otherwise.
    """
    if not isinstance(value, str):
        raise InputError("the caption is of the wrong kind", expected="text", found=show(value), where=where)
    if not value.strip():
        raise InputError("empty caption", expected="text", found=show(value), where=where)
    _check_unicode(value, where)
    return value


def caption_id(candidates: Iterable[object], default: str, where: Location) -> str:
    """The first of ``candidates`` that is there at all, or else ``default``; whole numbers become strings.

    Raises:
        InputError: if it is neither a string nor a whole number.
    """
    for value in candidates:
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise InputError("the id is of the wrong kind", expected="text", found=show(value), where=where)
        _check_unicode(str(value), where)
        return str(value)
    _check_unicode(default, where)
    return default


def optional_text(record: Mapping[str, object], keys: Iterable[str]) -> str:
    """The first string among the values of ``keys`` that is not empty; the empty string if there is none."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def show(value: object, limit: int = 80) -> str:
    """``value`` as it may stand in an error message: on one line, and short."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _check_unicode(text: str, where: Location) -> None:
    # Bytes that were not UTF-8 and half surrogate pairs of JSON escapes both end up as lone surrogates, which no
    # writer could write later.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            "text that is not valid Unicode",
            expected="UTF-8 text",
            found=f"{text[error.start]!a} at character {error.start}",
            where=where,
        ) from error

"""What readers and writers share: how errors are handed on, and the checks of what every caption must have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol, TypeAlias
from urllib.parse import unquote

from nlp.errors import FormatError, InputError, Location
from nlp.types import Caption, Document

OnError: TypeAlias = Callable[[InputError], None]
"""Takes what could not be read; the reader goes on when it returns, and stops when it raises."""

Reader: TypeAlias = Callable[[Path, OnError], Iterator[Caption]]
"""Yields the captions of one file, and hands every record that cannot be read to its second argument."""


class OtherKindError(FormatError):
    """A file that is well-formed, but of another kind than its name lets one think: JSON or XML without captions."""


class Writer(Protocol):
    """Takes documents, one at a time, in order."""

    def write(self, document: Document) -> None: ...


OpenWriter: TypeAlias = Callable[[BinaryIO, str], AbstractContextManager[Writer]]
"""Opens a writer on a stream of bytes, given the suffix of the output's name, in lower case and without that of a
compression: ``.xml`` of ``out.xml.gz``. What it has not written when it is closed, it writes then."""

OpenFolderWriter: TypeAlias = Callable[[Path], AbstractContextManager[Writer]]
"""Opens a writer of files in a new, empty folder."""


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
    check_unicode(value, where)
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
        check_unicode(str(value), where)
        return str(value)
    check_unicode(default, where)
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


def as_caption(given: object, id: str) -> Caption:
    """A caption as callers give it: a text, which gets ``id``, or one as it was read.

    Raises:
        InputError: if it is neither.
    """
    if isinstance(given, str):
        return Caption(id=id, text=given)
    if not isinstance(given, Caption):
        raise InputError("not a caption", expected="text or Caption", found=repr(given)[:80], where=Location(id=id))
    return given


def check_unicode(text: str, where: Location | None = None) -> None:
    """Check that ``text`` can be written as UTF-8.

    Bytes that were not UTF-8 and half surrogate pairs of JSON escapes both end up as lone surrogates, which no writer
    could write later.

    Raises:
        InputError: naming the first character that cannot.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise unicode_error(error, where) from error


def unicode_error(error: UnicodeEncodeError, where: Location | None) -> InputError:
    """What a lone surrogate is called that an encoder stumbled over."""
    return InputError(
        "text that is not valid Unicode",
        expected="UTF-8 text",
        found=f"{error.object[error.start]!a} at character {error.start}",
        where=where,
    )


def percent_encode(text: str, unsafe: re.Pattern[str]) -> str:
    """``text`` with each character that ``unsafe`` matches, and ``%``, as the ``%XX`` of its UTF-8 bytes."""
    return "%25".join(unsafe.sub(_percent, part) for part in text.split("%"))


def percent_decode(text: str) -> str:
    """What ``percent_encode`` was given; ``text`` itself if it holds a ``%`` that stands for nothing."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8"))

"""The records of one large JSON value, read one at a time."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from nlp.errors import FormatError, Location
from nlp.formats.base import show

_CHUNK: Final = 1 << 16
_LARGEST: Final = 1 << 26


class JsonPieces:
    """Reads a JSON value piece by piece, so that only the piece at hand is in memory.

    Args:
        stream: UTF-8, with or without a byte order mark.
        source: the file's name, for messages.

    Raises:
        FormatError: by all methods, where the text is not JSON, or a piece is over 64 million characters.
    """

    def __init__(self, stream: BinaryIO, source: str) -> None:
        self._stream = stream
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder().raw_decode
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._ended = False

    @property
    def where(self) -> Location:
        """The line that is read next."""
        return Location(self._source, self._line + self._buffer.count("\n", 0, self._at))

    def peek(self) -> str:
        """The next character that is not white space; the empty string at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._buffer) or not self._fill():
                return self._buffer[self._at : self._at + 1]

    def take(self, expected: str) -> str:
        """Pass over the next character, one of ``expected``, and return it."""
        found = self.peek()
        if not found or found not in expected:
            raise FormatError(
                "not JSON from here on",
                expected=" or ".join(expected),
                found=show(self._buffer[self._at : self._at + 20]) if found else "the end of the file",
                where=self.where,
            )
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._buffer, self._at)
            except ValueError as error:  # also for a number of thousands of digits, which is no JSONDecodeError
                if len(self._buffer) - self._at < _LARGEST and self._fill():
                    continue
                at = error.pos if isinstance(error, json.JSONDecodeError) else self._at
                line = self._line + self._buffer.count("\n", 0, at)
                raise FormatError(
                    "not JSON from here on", found=str(error), where=Location(self._source, line)
                ) from error
            except RecursionError as error:
                raise FormatError("JSON that is nested too deeply", where=self.where) from error
            # A number may go on in what was not read yet.
            if end < len(self._buffer) or not self._fill():
                self._at = end
                return value

    def members(self) -> Iterator[str]:
        """The keys of an object; whoever takes one must read its value before the next."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self.take('"')
            key = self.value()
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def items(self) -> Iterator[Location]:
        """The place of each item of an array; whoever takes one must read the item before the next."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            self.peek()
            yield self.where
            if self.take(",]") == "]":
                return

    def _fill(self) -> bool:
        """Read on, as much again as is at hand; False if nothing more can come."""
        if self._ended:
            return False
        self._line += self._buffer.count("\n", 0, self._at)
        self._buffer = self._buffer[self._at :]
        self._at = 0
        chunk = self._stream.read(max(_CHUNK, len(self._buffer)))
        self._ended = not chunk
        try:
            self._buffer += self._decode.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            raise FormatError(
                "the file is not UTF-8 from here on",
                expected="UTF-8 text",
                found=f"byte 0x{error.object[error.start]:02x}",
                where=Location(
                    self._source,
                    self._line + self._buffer.count("\n") + error.object.count(b"\n", 0, error.start),
                ),
            ) from error
        return not self._ended or bool(self._buffer)

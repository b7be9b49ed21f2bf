"""Sentences with one IOB2 tag a token: ``token<TAB>tag`` lines, a blank line after each sentence."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from nlp.errors import FormatError, Location
from nlp.networks.tags import LabelledSpan
from nlp.training.examples import Example


def read(path: Path) -> Iterator[Example]:
    """The sentences of a file, tokens joined by blanks.

    Raises:
        FormatError: at a line that is not a token and a tag.
    """
    tokens: list[tuple[str, str]] = []
    number = 0
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip("\r\n"):
                if tokens:
                    yield _sentence(f"{path.parent.name}:{number}", tokens)
                tokens = []
                continue
            token, tab, tag = line.rstrip("\r\n").partition("\t")
            if not (tab and token and (tag == "O" or tag[:2] in ("B-", "I-"))):
                raise FormatError(
                    "not a tagged token",
                    expected="token, tab, O or B-… or I-…",
                    found=repr(line),
                    where=Location(str(path), number),
                )
            tokens.append((token, tag))
    if tokens:
        yield _sentence(f"{path.parent.name}:{number}", tokens)


def _sentence(id: str, tokens: list[tuple[str, str]]) -> Example:
    spans: list[LabelledSpan] = []
    start, before = 0, "O"
    for token, tag in tokens:
        end = start + len(token)
        if tag != "O":
            label = tag[2:]
            if tag[0] == "I" and before[2:] == label:
                spans[-1] = spans[-1]._replace(end=end)
            else:
                spans.append(LabelledSpan(start, end, label))
        start, before = end + 1, tag
    return Example(id, " ".join(token for token, _ in tokens), tuple(spans))

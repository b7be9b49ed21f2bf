"""A light view of a sentence: words, marks, and each mention as one symbol. Needs no tokenizer and no tagger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nlp.arrows import ARROW_PATTERN
from nlp.types import Mention, Span

_TOKEN: Final = re.compile(rf"{ARROW_PATTERN}|[-−–]/[-−–]|\+/[-−–]|[^\W\d_]+(?:['’][a-z]+)?|\d[\w.]*|\S")
# "up-regulates", "knock down": one word, so that the table of triggers need not list every spelling.
_JOINED: Final = re.compile(
    r"\b(up|down|co|de|re|trans|auto|hyper|over|hetero|homo|half)[-‐–]"
    r"(?=regulat|express|activat|phosphor|ubiquit|represent|stimul|produc|local|sensit|methyl|acetyl|dimer|lif)"
    r"|\b(knock)[-‐– ](?=down|out|ed)|\b(up|down) (?=regulat)",
    re.IGNORECASE,
)
HYPHENS: Final = frozenset("-‐‑–—−")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, a mark, or a mention (then ``mention`` is set, and ``text`` is empty)."""

    text: str
    start: int
    end: int
    mention: Mention | None = None


def tokenize(text: str, sentence: Span, mentions: Sequence[Mention]) -> list[Token]:
    """The tokens of ``text[sentence]``; ``mentions`` are those inside it, in order, without overlap."""
    tokens: list[Token] = []
    place = sentence.start
    for mention in mentions:
        _words(text, place, mention.start, tokens)
        tokens.append(Token("", mention.start, mention.end, mention))
        place = mention.end
    _words(text, place, sentence.end, tokens)
    return tokens


def _words(text: str, start: int, end: int, tokens: list[Token]) -> None:
    while start < end:
        joined = _JOINED.search(text, start, end)
        stop = joined.start() if joined else end
        tokens.extend(Token(m[0].lower(), m.start(), m.end()) for m in _TOKEN.finditer(text, start, stop))
        if joined is None:
            return
        rest = _TOKEN.match(text, joined.end(), end)
        if rest is None:
            return
        prefix = next(group for group in joined.groups() if group)
        tokens.append(Token((prefix + rest[0]).lower(), joined.start(), rest.end()))
        start = rest.end()

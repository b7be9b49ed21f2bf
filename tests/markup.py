"""Marked-up captions for tests, in the file form of the annotation guidelines.

One block is a caption: an optional ``### id`` line, the text with each mention as ``⟦T1:GENE|ERK⟧``, then one line a
relation, ``R T1 T2 activation + "activates"``, with ``neg`` and ``spec`` after the quoted trigger if they hold. A
trigger is looked for where it stands nearest to its two mentions; ``…`` marks where it is split, and the first piece
is kept. The trigger may be left out.

    document = parse('''
        ⟦T1:CHEMICAL|Drug A⟧ activates ⟦T2:GENE|ERK⟧ and raises ⟦T3:GENE|BDNF⟧ levels.
        R T1 T2 activation + "activates"
        R T1 T3 expression + "raises … levels"
    ''')
"""

from __future__ import annotations

import re
from textwrap import dedent

from nlp.stages.base import Draft
from nlp.types import Caption, Document, Mention, Relation, Span, Trigger

_MENTION = re.compile(r"⟦(\w+):([A-Z]+)\|([^⟦⟧]+)⟧")
_RELATION = re.compile(r'^R (\w+) (\w+) (\w+) ([+0-])(?: "([^"]+)")?((?: (?:neg|spec))*)$')
_SIGN = {"+": 1, "-": -1, "0": 0}

Edge = tuple[str, str, str, int, bool, bool]


def parse(block: str, id: str = "caption") -> Document:
    """The document of one block; ``id`` holds where the block names none.

    Raises:
        ValueError: if a line that starts like a relation is not one, or a trigger does not stand in the text.
        AnnotationError: if the parts contradict each other.
    """
    lines = dedent(block).strip("\n").rstrip().split("\n")
    if lines[0].startswith("### "):
        id = lines.pop(0).removeprefix("### ").strip()
    rest = [line for line in lines if not line.startswith("R ")]
    text, mentions = _read_mentions("\n".join(rest))
    by_id = {mention.id: mention for mention in mentions}
    relations = tuple(
        _read_relation(f"R{number}", line, text, by_id)
        for number, line in enumerate((line for line in lines if line.startswith("R ")), start=1)
    )
    return Document(id=id, text=text, mentions=mentions, relations=relations)


def parse_blocks(text: str) -> tuple[Document, ...]:
    """The documents of several blocks, each begun by its ``### id`` line."""
    blocks = re.split(r"^(?=### )", dedent(text).strip("\n"), flags=re.MULTILINE)
    return tuple(parse(block) for block in blocks if block.strip())


def to_draft(document: Document, sentences: tuple[Span, ...] | None = None) -> Draft:
    """A draft with the document's text and mentions, without its relations; by default each line is one sentence."""
    if sentences is None:
        sentences = tuple(Span(line.start(), line.end()) for line in re.finditer(r"[^\n]+", document.text))
    return Draft(Caption(document.id, document.text), sentences=sentences, mentions=document.mentions)


def edges(document: Document) -> set[Edge]:
    """What a document's relations say, by surface: (source, target, type, sign, negated, speculative)."""
    surface = {mention.id: mention.text for mention in document.mentions}
    return {
        (
            surface[relation.source],
            surface[relation.target],
            relation.type,
            relation.sign,
            relation.negated,
            relation.speculative,
        )
        for relation in document.relations
    }


def _read_mentions(marked: str) -> tuple[str, tuple[Mention, ...]]:
    text, end, mentions = "", 0, []
    for match in _MENTION.finditer(marked):
        text += marked[end : match.start()]
        id, type, surface = match.groups()
        mentions.append(Mention(id, type, len(text), len(text) + len(surface), surface))
        text += surface
        end = match.end()
    return text + marked[end:], tuple(mentions)


def _read_relation(id: str, line: str, text: str, mentions: dict[str, Mention]) -> Relation:
    match = _RELATION.match(line)
    if match is None:
        raise ValueError(f'not a relation: expected R source target type sign "trigger", found {line!r}')
    source, target, type, sign, words, flags = match.groups()
    return Relation(
        id=id,
        source=source,
        target=target,
        type=type,
        sign=_SIGN[sign],
        trigger=None if words is None else _find(words, text, mentions[source], mentions[target]),
        negated="neg" in flags,
        speculative="spec" in flags,
    )


def _find(words: str, text: str, source: Mention, target: Mention) -> Trigger:
    piece = words.split("…")[0].strip()
    places = [match.start() for match in re.finditer(re.escape(piece), text)]
    if not places:
        raise ValueError(f"a trigger does not stand in the text: {piece!r} in {text!r}")
    start = min(places, key=lambda place: abs(place - source.start) + abs(place - target.start))
    return Trigger(start, start + len(piece), piece)

"""Engines that know one gene, and the sources that they are tried on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from nlp.errors import AnnotationError
from nlp.scale.outcomes import Engine, Failed, Outcome
from nlp.types import Caption, Document, Mention


def outcome_of(caption: Caption) -> Outcome:
    """A document that marks the first ``ERK``; no document of a text with an exclamation mark."""
    if "!" in caption.text:
        return Failed(caption, AnnotationError("loud"))
    start = caption.text.find("ERK")
    mentions = () if start < 0 else (Mention("T1", "GENE", start, start + 3, "ERK"),)
    return Document(caption.id, caption.text, mentions)


def engine(ahead: int = 1) -> Engine:
    """Takes so many captions before it gives back their outcomes."""

    def annotate(captions: Iterable[Caption]) -> Iterator[Outcome]:
        captions = iter(captions)
        while batch := list(islice(captions, ahead)):
            yield from map(outcome_of, batch)

    return annotate


def reading_engine(ahead: int) -> Engine:
    """Reads on a thread of its own while outcomes are taken."""

    def annotate(captions: Iterable[Caption]) -> Iterator[Outcome]:
        captions = iter(captions)
        with ThreadPoolExecutor(1) as pool:
            batch = list(islice(captions, ahead))
            while batch:
                following = pool.submit(lambda: list(islice(captions, ahead)))
                yield from map(outcome_of, batch)
                batch = following.result()

    return annotate


def write_source(path: Path, count: int = 23) -> Path:
    """Captions, among them one in five that cannot be read, one in seven that cannot be annotated, and doubles."""
    lines = []
    for number in range(count):
        if number % 5 == 2:
            lines.append("no JSON")
        text = f"Drug {number} activates ERK{'!' if number % 7 == 3 else '.'}"
        lines.append(json.dumps({"id": f"c{number}", "text": text}))
        if number % 6 == 1:
            lines.append(lines[-1])
    lines += ["{}", "[]"]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


class Silent:
    """A watch that counts."""

    def __init__(self) -> None:
        self.passed_inputs = self.done_inputs = 0

    def passed(self, _: object) -> None:
        self.passed_inputs += 1

    def done(self, *_: object) -> None:
        self.done_inputs += 1

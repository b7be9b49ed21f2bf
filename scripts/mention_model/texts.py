"""Plain text of captions and corpora, for pretraining the encoder without labels.

What is measured stays out: gold devel captions, the splits that the configuration protects, and every test split.
A text that mostly repeats one given before is left out, since corpora share documents and cut them differently.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

from corpora import captions, iob
from corpora.overlap import Protected, letters

NON_COMMERCIAL: Final = frozenset({"BioNLP11-GE", "selventa_small"})
STANDOFF: Final = frozenset({"BioID", "BioRED", "ChemProt", "CRAFT5"})
"""Corpora whose tagged sentences were made from documents that are read as they are."""
LOOSE: Final = frozenset({"BC2GM"})
"""Corpora whose sentences do not follow one another."""
DOCUMENTS: Final = {"standoff": ("train",), "relations": ("train", "all"), "events": ("train", "devel")}
WORDS: Final = 250
"""Words of a line that sentences are joined to."""
PARAGRAPH: Final = 5
"""Paragraphs of fewer words are headings."""
GRAM: Final = 8

_WORD: Final = re.compile(r"\w+")
_BLANK_LINE: Final = re.compile(r"\n\s*\n")
_SPACING: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\d) \. (?=\d)", "."),
        (r" ([,.;:?!])(?= |$)", r"\1"),
        (r"([(\[]) ", r"\1"),
        (r" ([)\]])", r"\1"),
        (r" - (?=(?:and|or|to) )", "- "),
        (r"(?<=[\w)\]]) ([-‐/]) (?=[\w(\[])", r"\1"),
        (r"(?<=\d) %", "%"),
        (r" ['’] s(?=[ ,.;])", "'s"),
    )
)


def unlabelled(config: Mapping[str, Any], root: Path) -> Iterator[str]:
    """Texts of the shared data, one paragraph, caption or run of sentences each, on one line.

    Args:
        config: ``captions`` and ``protected`` as the training script reads them.
        root: the folder of the shared data.
    """
    devel = list(captions.read(root / config["captions"]["devel"]))
    protected = Protected(chain((example.text for example in devel), _guarded(config, root)))
    seen = Seen()
    for text in chain(_captions(config, root, {example.id for example in devel}), _documents(root)):
        if text not in protected and seen.add(text):
            yield text
    for path in sorted((root / "corpora" / "ner").glob("*/train.tsv.gz")):
        if path.parent.name not in STANDOFF:
            kept = (
                sentence if sentence not in protected and seen.add(sentence) else None
                for sentence in (untokenised(example.text) for example in iob.read(path))
            )
            yield from join(kept, 0 if path.parent.name in LOOSE else WORDS)


class Seen:
    """Texts given so far, known by their runs of ``GRAM`` words."""

    def __init__(self) -> None:
        self._grams: set[int] = set()

    def add(self, text: str) -> bool:
        """Whether a text has words and at most half of its runs of words were seen before; remembers them."""
        words = _WORD.findall(text.casefold())
        grams = {hash(tuple(words[start : start + GRAM])) for start in range(max(1, len(words) - GRAM + 1))}
        known = len(grams & self._grams)
        self._grams |= grams
        return bool(words) and 2 * known <= len(grams)


def untokenised(sentence: str) -> str:
    """A sentence without the blanks that a tokenizer set around punctuation."""
    for pattern, replacement in _SPACING:
        sentence = pattern.sub(replacement, sentence)
    return sentence


def join(sentences: Iterable[str | None], words: int) -> Iterator[str]:
    """Join sentences that follow each other to lines of at least ``words`` words; ``None`` ends a line."""
    line: list[str] = []
    length = 0
    for sentence in chain(sentences, [None]):
        if sentence is not None:
            line.append(sentence)
            length += len(sentence.split())
        if line and (sentence is None or length >= words):
            yield " ".join(line)
            line, length = [], 0


def _guarded(config: Mapping[str, Any], root: Path) -> Iterator[str]:
    """Texts of the protected splits, and of every test split."""
    corpora = root / "corpora"
    tagged = {
        corpora / "ner" / name / f"{split}.tsv.gz" for split, names in config["protected"].items() for name in names
    }
    for path in sorted(tagged | set(corpora.glob("ner/*/test.tsv.gz"))):
        yield from (example.text for example in iob.read(path))
    for path in sorted(corpora.glob("*/*/test.jsonl.gz")):
        yield from (record["text"] for record in _records(path))


def _captions(config: Mapping[str, Any], root: Path, left_out: set[str]) -> Iterator[str]:
    for record in _records(root / "captions" / "captions.jsonl.gz"):
        if record["figid"] not in left_out:
            title, caption = record["figtitle"] or "", record["caption"]
            yield _line(caption if letters(title) in letters(caption) else f"{title}. {caption}")
            yield _line(record["papertitle"] or "")
    yield from (_line(example.text) for example in captions.read(root / config["captions"]["train"]))


def _documents(root: Path) -> Iterator[str]:
    """Documents of corpora by paragraphs, then the evidence of statements."""
    for kind, splits in DOCUMENTS.items():
        for path in sorted((root / "corpora" / kind).glob("*/*.jsonl.gz")):
            if path.name.partition(".")[0] in splits and path.parent.name not in NON_COMMERCIAL:
                for record in _records(path):
                    paragraphs = (_line(paragraph) for paragraph in _BLANK_LINE.split(record["text"]))
                    yield from (text for text in paragraphs if text.count(" ") + 1 >= PARAGRAPH)
    for path in sorted((root / "corpora" / "bel").glob("*.jsonl.gz")):
        if path.name.partition(".")[0] not in NON_COMMERCIAL:
            yield from dict.fromkeys(_line(record["evidence"] or "") for record in _records(path))


def _line(text: str) -> str:
    return " ".join(text.split())


def _records(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)

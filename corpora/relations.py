"""All that the relation model learns from and is measured on, by source and by corpus.

A source is a data set; the sources of one corpus share its labels. Nothing is learned from a text of which a part
stands in what is measured (``Hidden``), nor from DrugProt's copies of ChemProt's abstracts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from corpora import annotated, bel, chemprot, events, gold_relations
from corpora.overlap import Protected
from corpora.records import convert
from nlp.errors import ConfigError
from nlp.pipeline import Pipeline
from nlp.stages.abbreviations import Abbreviations
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import CAPTION_LABELS, CAPTION_MEANINGS, RelatedExample, RelationCorpus

CAPTION: Final = "caption"
EVENTS: Final = "events"
CHEMPROT: Final = "chemprot"
BEL: Final = "bel"

_BEL: Final = ("covid19kg", "hemekg", "neurommsig")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Source:
    """A data set.

    Attributes:
        corpus: the corpus it is a part of.
        read: its reader, of one file.
        files: for each split (train, devel, test) its files below the folder of shared data.
        repeats: the source whose documents of the same split are left out of it; empty for none.
    """

    corpus: str
    read: Callable[[Path, Tokenizer], Iterator[RelatedExample]]
    files: Mapping[str, Sequence[str]]
    repeats: str = ""


def _events(name: str, **splits: str) -> Source:
    files = {
        split: tuple(f"corpora/events/{name}/{part}.jsonl.gz" for part in parts.split())
        for split, parts in splits.items()
    }
    return Source(EVENTS, events.read, files)


@cache
def _pipeline() -> Pipeline:
    return bel.mention_pipeline()


def _read_bel(path: Path, tokenizer: Tokenizer) -> Iterator[RelatedExample]:
    return bel.read(path, _pipeline(), tokenizer)


def _read_captions(path: Path, tokenizer: Tokenizer) -> Iterator[RelatedExample]:
    return _annotated(annotated.records(annotated.CAPTIONS, path, annotated.caption_text), tokenizer)


def _read_evidence(path: Path, tokenizer: Tokenizer) -> Iterator[RelatedExample]:
    source = path.name.partition(".")[0] + "__"
    return _annotated(annotated.records(annotated.EVIDENCE, path, annotated.evidence_text, source), tokenizer)


def _annotated(records: Iterable[Mapping[str, Any]], tokenizer: Tokenizer) -> Iterator[RelatedExample]:
    abbreviations = Abbreviations(tokenizer.language)
    return (gold_relations.example(record, tokenizer, abbreviations) for record in records)


SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {
        "gold": Source(
            CAPTION,
            gold_relations.read,
            {"train": ("annotation/gold_train.jsonl",), "devel": ("annotation/gold_dev.jsonl",)},
        ),
        "captions": Source(CAPTION, _read_captions, {"train": ("captions/captions.jsonl.gz",)}),
        "evidence": Source(CAPTION, _read_evidence, {"train": tuple(f"corpora/bel/{name}.jsonl.gz" for name in _BEL)}),
        "BioNLP09-GE": _events("BioNLP09-GE", train="train"),
        "BioNLP11-EPI": _events("BioNLP11-EPI", train="train devel"),
        # Not for commercial use, so nothing is learned from it.
        "BioNLP11-GE": _events("BioNLP11-GE", devel="devel"),
        "BioNLP11-ID": _events("BioNLP11-ID", train="train devel"),
        "BioNLP13-CG": _events("BioNLP13-CG", train="train", devel="devel"),
        "BioNLP13-GE": _events("BioNLP13-GE", train="train devel"),
        "BioNLP13-GRO": _events("BioNLP13-GRO", train="train devel"),
        "BioNLP13-PC": _events("BioNLP13-PC", train="train", devel="devel"),
        "ChemProt": Source(
            CHEMPROT,
            chemprot.read,
            {split: (f"corpora/relations/ChemProt/{split}.jsonl.gz",) for split in ("train", "devel", "test")},
        ),
        "DrugProt-part": Source(
            CHEMPROT, chemprot.read, {"train": ("corpora/relations/DrugProt-part/devel.jsonl.gz",)}, repeats="ChemProt"
        ),
        **{name: Source(BEL, _read_bel, {"train": (f"corpora/bel/{name}.jsonl.gz",)}) for name in _BEL},
    }
)

CORPORA: Final[Mapping[str, RelationCorpus]] = MappingProxyType(
    {
        corpus.name: corpus
        for corpus in (
            RelationCorpus(CAPTION, CAPTION_LABELS, dict(CAPTION_MEANINGS)),
            RelationCorpus(EVENTS, CAPTION_LABELS, dict(CAPTION_MEANINGS)),
            RelationCorpus(CHEMPROT, chemprot.LABELS, dict(chemprot.MEANINGS)),
            RelationCorpus(BEL, CAPTION_LABELS, dict(CAPTION_MEANINGS)),
        )
    }
)
"""The corpora with their labels, without examples."""

PROTECTED: Final = (
    "annotation/gold_dev.jsonl",
    *(
        f"corpora/events/{name}/{split}.jsonl.gz"
        for name in ("BioNLP13-CG", "BioNLP13-PC")
        for split in ("devel", "test")
    ),
    "corpora/events/BioNLP11-GE/devel.jsonl.gz",
    *(f"corpora/relations/{name}/{split}.jsonl.gz" for name in ("BioRED", "ChemProt") for split in ("devel", "test")),
)
"""Files of whose texts nothing is learned."""


class Hidden:
    """Texts that must not be learned from: those of which more than half, by sentences, is in ``Protected``.

    One sentence proves nothing in a text as long as an abstract, since long names and set phrases recur.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._protected = Protected(texts)

    def __contains__(self, text: str) -> bool:
        sentences = _SENTENCE_END.split(text.strip())
        known = sum(len(sentence) for sentence in sentences if sentence in self._protected)
        return known * 2 > sum(map(len, sentences))


def hidden_texts(root: Path, files: Iterable[str] = PROTECTED) -> Iterator[str]:
    """The texts of ``files`` below the folder of shared data.

    Raises:
        FormatError: at a line that is no record with a text.
    """
    for file in files:
        yield from convert(root / file, lambda record: str(record["text"]), "a text")


def read_source(root: Path, name: str, split: str, tokenizer: Tokenizer) -> list[RelatedExample]:
    """A split of one source, unfiltered; ids begin with the source and a slash. Empty if it has no such split.

    Raises:
        ConfigError: if the source is unknown.
        FormatError: at a line that is no record of the source.
    """
    if name not in SOURCES:
        raise ConfigError("unknown source of relations", expected=" | ".join(SOURCES), found=repr(name))
    source = SOURCES[name]
    return [
        replace(example, id=f"{name}/{example.id}")
        for file in source.files.get(split, ())
        for example in source.read(root / file, tokenizer)
    ]


def read_relations(
    root: Path, split: str, *, leave_out: Collection[str] = (), tokenizer: Tokenizer | None = None
) -> list[RelationCorpus]:
    """The corpora that have the split; the train split is filtered.

    Args:
        root: folder of shared data.
        split: train, devel or test.
        leave_out: names of sources to do without.
        tokenizer: cuts sentences; one is made if there is none.

    Raises:
        ConfigError: if a source to leave out is unknown.
        FormatError: at a line that is no record of its source.
    """
    if unknown := set(leave_out) - set(SOURCES):
        raise ConfigError("unknown source of relations", expected=" | ".join(SOURCES), found=repr(sorted(unknown)))
    tokenizer = tokenizer or Tokenizer()
    hidden = Hidden(hidden_texts(root) if split == "train" else ())
    found: dict[str, list[RelatedExample]] = {name: [] for name in CORPORA}
    documents: dict[str, set[str]] = {}
    for name, source in SOURCES.items():
        if name in leave_out:
            continue
        examples = read_source(root, name, split, tokenizer)
        documents[name] = {_document(example) for example in examples}
        unwanted = documents.get(source.repeats, set())
        unwanted = unwanted | {_document(example) for example in examples if example.text in hidden}
        found[source.corpus] += [example for example in examples if _document(example) not in unwanted]
    return [replace(CORPORA[name], examples=tuple(examples)) for name, examples in found.items() if examples]


def _document(example: RelatedExample) -> str:
    """The id of the document in its source, of which ``example`` may be a piece."""
    return example.id.partition("/")[2].partition("#")[0]

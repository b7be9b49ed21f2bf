"""The texts that a run learns from and is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from corpora import annotated, captions, iob
from corpora.overlap import Protected
from corpora.relations import SOURCES, read_relations
from mention_model.models import heads
from nlp.config import fingerprint
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tags import TagSet
from nlp.training.examples import Example
from nlp.training.relation_examples import RelationCorpus

_CAPTIONS: Final = ("gold/", "captions/")
"""Sources of relations that are captions."""


@dataclass(frozen=True, slots=True)
class Data:
    """Everything a run reads, after filtering; ``files`` are the SHA-256 of what was read."""

    train: dict[str, list[Example]]
    devel: dict[str, list[Example]]
    tag_sets: dict[str, TagSet]
    files: dict[str, str]
    dropped: dict[str, int]


def read_data(config: Mapping[str, Any], root: Path, *, final: bool = False) -> Data:
    """Read captions and corpora, and leave out of training what is protected.

    Args:
        config: of the run.
        root: the folder that holds captions and corpora.
        final: whether to learn from the devel splits of the corpora as well.
    """
    files: dict[str, str] = {}

    def iob_split(corpus: str, split: str) -> list[Example]:
        path = root / "corpora" / "ner" / corpus / f"{split}.tsv.gz"
        files[str(path.relative_to(root))] = fingerprint(path)
        return list(iob.read(path))

    def caption_split(split: str) -> list[Example]:
        path = root / config["captions"][split]
        files[str(path.relative_to(root))] = fingerprint(path)
        return list(captions.read(path))

    def annotated_captions() -> list[Example]:
        if "annotated" not in config["captions"]:
            return []
        path = root / config["captions"]["annotated"]
        files[annotated.CAPTIONS.name] = fingerprint(annotated.CAPTIONS)
        records = annotated.records(annotated.CAPTIONS, path, annotated.caption_text)
        return list(map(captions.example, records))

    gold = {split: caption_split(split) for split in ("train", "devel")}
    guarded = [
        (corpus, split)
        for split, corpora in config["protected"].items()
        for corpus in corpora
        if split == "test" or not final
    ]
    protected = Protected(
        example.text
        for examples in (gold["devel"], *(iob_split(corpus, split) for corpus, split in guarded))
        for example in examples
    )
    train = {CAPTION_HEAD: gold["train"] + annotated_captions()}
    dropped = {}
    for corpus in config["corpora"]:
        found = iob_split(corpus, "train")
        if final and (root / "corpora" / "ner" / corpus / "devel.tsv.gz").exists():
            found += iob_split(corpus, "devel")
        train[corpus] = [example for example in found if example.text not in protected]
        dropped[corpus] = len(found) - len(train[corpus])
    devel = {CAPTION_HEAD: gold["devel"], **{corpus: iob_split(corpus, "devel") for corpus in config["scored"]}}
    return Data(train, devel, heads(config), files, dropped)


def relation_files(root: Path) -> dict[str, str]:
    """The SHA-256 of what relations are learned from, by the names of files."""
    paths = [root / file for source in SOURCES.values() for file in source.files.get("train", ())]
    named = {str(path.relative_to(root)): path for path in paths if path.exists()}
    return {name: fingerprint(path) for name, path in named.items()} | {
        annotated.EVIDENCE.name: fingerprint(annotated.EVIDENCE)
    }


def read_related(config: Mapping[str, Any], root: Path) -> list[RelationCorpus]:
    """The relation corpora's training texts, without what is protected.

    The captions stay as they are: no figure of theirs stands in a corpus, and what they share are turns of phrase.
    """
    tests = [root / "corpora" / "ner" / corpus / "test.tsv.gz" for corpus in config["protected"]["test"]]
    protected = Protected(example.text for path in tests for example in iob.read(path))
    return [
        replace(
            corpus,
            examples=[
                example
                for example in corpus.examples
                if example.id.startswith(_CAPTIONS) or example.text not in protected
            ],
        )
        for corpus in read_relations(root, "train")
    ]

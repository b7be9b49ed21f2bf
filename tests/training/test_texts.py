"""Plain text for pretraining: what is left out, and how sentences are put together again."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY

CONFIG = {
    "captions": {"train": "annotation/train.jsonl", "devel": "annotation/devel.jsonl"},
    "protected": {"devel": ["Tagged"]},
}
DEVEL = "The receptor takes up iron and the cell then grows faster than its neighbours do."
TEST = "Loss of the kinase lowers the level of the messenger in every cell that we have looked at so far."
TRAIN = "Zinc enters the mitochondria of the neuron and stops its respiration within an hour."
FIRST = "A kinase called here X1 binds the channel and opens it for calcium in the dark."
SECOND = "The heart of the fish regrows after a cut if the factor is there on the first day."


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    yield
    for name in [name for name in sys.modules if name.startswith("mention_model") and name not in known]:
        del sys.modules[name]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def write_records(path: Path, *records: Mapping[str, Any]) -> None:
    write(path, "".join(json.dumps(record) + "\n" for record in records))


def write_tagged(path: Path, *sentences: str) -> None:
    write(path, "\n".join("".join(f"{token}\tO\n" for token in sentence.split()) for sentence in sentences))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    caption = {"figid": "f1", "figtitle": "Zinc in neurons", "papertitle": "Zinc and its ways", "caption": TRAIN}
    hidden = {**caption, "figid": "f2", "figtitle": "", "caption": "Kept for measuring.", "papertitle": "Also hidden"}
    write_records(tmp_path / "captions" / "captions.jsonl.gz", caption, hidden)
    for split, id, text in (("train", "f1", TRAIN), ("devel", "f2", DEVEL)):
        write_records(tmp_path / "annotation" / f"{split}.jsonl", {"id": id, "text": text, "mentions": []})
    return tmp_path


def read(root: Path) -> list[str]:
    from mention_model.texts import unlabelled

    return list(unlabelled(CONFIG, root))


def tagged(root: Path, corpus: str, split: str, *sentences: str) -> None:
    write_tagged(root / "corpora" / "ner" / corpus / f"{split}.tsv.gz", *sentences)


def test_captions_come_once_and_without_those_of_devel(root: Path) -> None:
    tagged(root, "Tagged", "devel", "No more .")
    assert read(root) == [f"Zinc in neurons. {TRAIN}", "Zinc and its ways"]


def test_measured_sentences_are_left_out_wherever_they_stand(root: Path) -> None:
    tagged(root, "Tagged", "devel", SECOND)
    tagged(root, "Other", "train", SECOND, FIRST)
    write_records(root / "corpora" / "events" / "E" / "test.jsonl.gz", {"text": TEST})
    write_records(root / "corpora" / "events" / "E" / "devel.jsonl.gz", {"text": f"Title here. {TEST} More."})
    write_records(root / "corpora" / "standoff" / "S" / "train.jsonl.gz", {"text": f"Said before. {DEVEL}"})
    assert read(root)[2:] == [FIRST]


def test_documents_come_by_paragraphs_and_their_sentences_not_again(root: Path) -> None:
    tagged(root, "Tagged", "devel", "No more .")
    write_records(root / "corpora" / "standoff" / "S" / "train.jsonl.gz", {"text": f"Results\n\n{FIRST}\n\n{SECOND}\n"})
    tagged(root, "Other", "train", FIRST.replace(".", " ."))
    assert read(root)[2:] == [FIRST, SECOND]


def test_what_may_not_be_sold_is_left_out(root: Path) -> None:
    tagged(root, "Tagged", "devel", "No more .")
    write_records(root / "corpora" / "events" / "BioNLP11-GE" / "train.jsonl.gz", {"text": FIRST})
    write_records(root / "corpora" / "bel" / "selventa_small.jsonl.gz", {"evidence": FIRST})
    write_records(root / "corpora" / "bel" / "free.jsonl.gz", {"evidence": SECOND}, {"evidence": SECOND})
    assert read(root)[2:] == [SECOND]


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("IL - 2 ( 50 % ) rose , then fell .", "IL-2 (50%) rose, then fell."),
        ("the cell ' s wall [ 3 ] / membrane : thick ?", "the cell's wall [3]/membrane: thick?"),
        ("a rise = 2 . 5 .", "a rise = 2.5."),
        ("α - and β - chains", "α- and β-chains"),
    ],
)
def test_blanks_of_a_tokenizer_are_taken_away(tokens: str, text: str) -> None:
    from mention_model.texts import untokenised

    assert untokenised(tokens) == text


def test_only_sentences_that_follow_each_other_are_joined() -> None:
    from mention_model.texts import join

    assert list(join(["a b", "c d", "e", None, None, "f"], 3)) == ["a b c d", "e", "f"]
    assert list(join(["a b", "c"], 0)) == ["a b", "c"]

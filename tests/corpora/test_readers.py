from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from corpora import captions, iob
from corpora.overlap import Protected
from nlp.errors import FormatError
from nlp.networks.tags import LabelledSpan


def write(path: Path, text: str) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)
    return path


def test_iob_sentences(tmp_path: Path) -> None:
    path = write(
        tmp_path / "train.tsv.gz",
        "TNF\tB-Protein\n-\tI-Protein\nα\tI-Protein\nERK\tB-Protein\nrises\tO\n\n\nNo\tO\nname\tO\n",
    )
    first, second = iob.read(path)
    assert first.text == "TNF - α ERK rises"
    assert first.spans == (LabelledSpan(0, 7, "Protein"), LabelledSpan(8, 11, "Protein"))
    assert (second.text, second.spans) == ("No name", ())


def test_inside_after_another_label_begins(tmp_path: Path) -> None:
    (only,) = iob.read(write(tmp_path / "x.tsv.gz", "a\tB-X\nb\tI-Y\nc\tI-Y\n"))
    assert only.spans == (LabelledSpan(0, 1, "X"), LabelledSpan(2, 5, "Y"))


@pytest.mark.parametrize("line", ["token", "token\tE-X", "\tO", "a b"])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "x.tsv.gz", f"fine\tO\n{line}\n")
    with pytest.raises(FormatError, match=r"x\.tsv\.gz:2"):
        list(iob.read(path))


def test_captions(tmp_path: Path) -> None:
    mention = {"id": "T1", "type": "GENE", "start": 0, "end": 3, "text": "ERK"}
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": "f1", "text": "ERK rises.", "mentions": [mention]}) + "\n\n", encoding="utf-8")
    (only,) = captions.read(path)
    assert (only.id, only.spans) == ("f1", (LabelledSpan(0, 3, "GENE"),))


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": "f1", "text": "ERK"}',
        '{"id": "f1", "text": "ERK", "mentions": [{"type": "GENE", "start": 0, "end": 2, "text": "ERK"}]}',
    ],
)
def test_a_wrong_record_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"gold\.jsonl:2"):
        list(captions.read(path))


SENTENCE = "Loss of the kinase lowers the level of the messenger in every cell that we have looked at so far ."


def test_protected_texts_are_known_however_they_are_cut() -> None:
    protected = Protected([SENTENCE, "Short one"])
    assert SENTENCE in protected
    assert "short-ONE." in protected
    assert SENTENCE.replace("kinase", "kin ase").upper() in protected
    assert "As said before, l" + SENTENCE[1:] + " And this came after it." in protected
    assert SENTENCE[20:] in protected


def test_other_texts_are_not() -> None:
    protected = Protected([SENTENCE, "Short one"])
    assert "Short one more" not in protected
    assert "Loss of the kinase lowers the level of a receptor , and nothing else is known about it ." not in protected

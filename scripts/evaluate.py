"""Strict entity F1 of a model folder's tagger on standard corpora, each by the head of its label set, as a table.

    evaluate.py FOLDER --data DIR [--split test|devel] [--corpora NAME...] [--limit N] [--names FILE]
                [--processes N] [--device cpu|cuda | --torch CHECKPOINT] [--prepared DIR]

What ships is what is measured: in int8, told the names that the lexicon of FOLDER marks, sentences that follow each
other read together. FILE keeps the names, which take longer to look up than texts to read. With --torch it is the
checkpoint that FOLDER was made of, in float32, with the prepared texts that it was trained on. F1 has its 95 %
bootstrap interval over sentences, and is bold where it reaches the aim. ``pathcap evaluate`` measures captions.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import torch
from mention_model.checkpoints import load_checkpoint, read_run
from mention_model.names import Names
from mention_model.prepared import pieces_of
from numpy.typing import NDArray

from corpora import iob
from nlp.config import read_model_config
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Scores
from nlp.networks.graph import Graph
from nlp.networks.inputs import Window
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD, DESCRIPTION_FILE, TOKENIZER_FILE, open_graph, read_description
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import LabelledSpan
from nlp.training.prediction import predict, torch_scores

BARS: Final[Mapping[str, tuple[str, float]]] = {
    "BC5CDR": ("scispaCy 84.28", 87.5),
    "BioNLP13CG": ("scispaCy 77.84", 82.0),
    "JNLPBA": ("scispaCy 72.06", 74.0),
    "CRAFT": ("scispaCy 78.01", 80.0),
    "BC2GM": ("scispaCy 78.30", 81.0),
    "NCBI-disease": ("scispaCy 81.65", 86.0),
    "BioRED": ("AIONER 91.26", 87.0),
    "BioID": ("TurkuNLP 72.0", 76.0),
}
"""Published F1 on the test split, of scispaCy's NER models (Neumann et al. 2019), AIONER (Luo et al. 2023) and TurkuNLP
(Kaewphan et al. 2018), and what the tagger should reach."""
BUDGET: Final = 65536
"""Pieces that are read between two looks at all processes."""


class _Checkpoint:
    """A tagger as it was trained."""

    def __init__(self, model: MentionTagger) -> None:
        self._model = model

    def __call__(self, windows: Sequence[Window], head: str) -> list[NDArray[np.float32]]:
        return torch_scores(self._model, head, bfloat16=False)(windows)


def open_tagger(options: argparse.Namespace) -> Graph:
    """What is measured."""
    if options.torch is not None:
        config = read_run(options.torch, options.prepared)["config"]
        return _Checkpoint(load_checkpoint(options.torch, config, options.prepared).tagger)
    config = read_model_config(options.folder)
    return open_graph(config, read_description(config.file(DESCRIPTION_FILE)), device=options.device)


_own: dict[str, Graph] = {}


def _start(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    _own["graph"] = open_tagger(options)


def _read(window: Window, head: str) -> NDArray[np.float32]:
    (scores,) = _own["graph"]([window], head)
    return scores


@contextmanager
def started(options: argparse.Namespace) -> Iterator[Graph]:
    """The tagger, in as many processes as asked for; windows are read one by one."""
    if options.device != "cpu":
        yield open_tagger(options)
        return
    with ProcessPoolExecutor(options.processes, initializer=_start, initargs=(options,)) as pool:
        yield lambda windows, head: list(pool.map(_read, windows, itertools.repeat(head), chunksize=4))


def score(gold: Sequence[Sequence[LabelledSpan]], found: Sequence[Sequence[LabelledSpan]]) -> Scores:
    """Strict scores over sentences."""
    counts = []
    for theirs, ours in zip(gold, found, strict=True):
        right = len(set(theirs) & set(ours))
        counts.append(Counts(right, len(set(ours)), right, len(set(theirs))))
    return Bootstrap().scores({"": counts})[""]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=["test", "devel"], default="test")
    parser.add_argument("--corpora", nargs="*", metavar="NAME", help="by default those with a published reference")
    parser.add_argument("--limit", type=int, help="read at most so many sentences of each")
    parser.add_argument("--names", type=Path, metavar="FILE")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    measured = parser.add_mutually_exclusive_group()
    measured.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    measured.add_argument("--torch", type=Path, metavar="CHECKPOINT")
    parser.add_argument(
        "--prepared", type=Path, metavar="DIR", help="the prepared texts that CHECKPOINT was trained on"
    )
    options = parser.parse_args(arguments)
    if options.torch is not None and options.prepared is None:
        parser.error("--torch needs --prepared")
    config = read_model_config(options.folder)
    config.verify()
    if options.split == "devel" and learned_devel(options.folder):
        print("warning: the tagger has learned from the devel splits", file=sys.stderr)
    description = read_description(config.file(DESCRIPTION_FILE))
    tokenizer = PieceTokenizer(config.file(TOKENIZER_FILE))
    paths = {
        name: options.data / "corpora" / "ner" / name / f"{options.split}.tsv.gz"
        for name in description.heads
        if name != CAPTION_HEAD
    }
    chosen = options.corpora or [name for name in BARS if name in paths and paths[name].is_file()]
    if unknown := [name for name in chosen if name not in paths]:
        raise SystemExit(f"the tagger has no head {', '.join(unknown)}, but {', '.join(paths)}")
    corpora = {name: list(itertools.islice(iob.read(paths[name]), options.limit)) for name in chosen}
    with TemporaryDirectory() as temporary:
        names = Names(options.names or Path(temporary) / "names.json", options.folder)
        names.look_up(example.text for examples in corpora.values() for example in examples)
        names.save()
    print("| corpus | mentions | precision | recall | F1 | reference | aim |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with started(options) as graph:
        for name, examples in corpora.items():
            found = predict(
                pieces_of([example.text for example in examples], tokenizer, names),
                tokenizer,
                description.heads[name],
                lambda windows, head=name: graph(windows, head),  # type: ignore[misc]
                joined=True,
                limit=description.limit,
                budget=BUDGET,
            )
            print(row(name, score([example.spans for example in examples], found), options.split), flush=True)


def learned_devel(folder: Path) -> bool:
    """Whether a model folder says that its tagger has learned from the devel splits."""
    card = folder / "training.json"
    return card.exists() and bool(json.loads(card.read_text(encoding="utf-8")).get("final"))


def row(name: str, scores: Scores, split: str) -> str:
    """A row of the table; F1 is bold where it reaches the aim."""
    precision, recall, f1 = (100 * estimate.value for estimate in (scores.precision, scores.recall, scores.f1))
    interval = f"{100 * scores.f1.low:.2f}–{100 * scores.f1.high:.2f}"
    reference, aim, figure = "", "", f"{f1:.2f}"
    if split == "test" and name in BARS:
        reference, bar = BARS[name]
        aim, figure = (f"{bar}", f"**{figure}**") if f1 >= bar else (f"{bar}, missed", figure)
    cells = (f"{scores.counts.gold:,}", f"{precision:.2f}", f"{recall:.2f}", f"{figure} ({interval})", reference, aim)
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])

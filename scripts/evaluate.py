"""Strict entity F1 of a model folder's tagger on standard corpora, each by the head of its label set, as a table.

    evaluate.py FOLDER --data DIR [--split test|devel] [--corpora NAME...] [--limit N] [--threads N]

The graph that ships is what is measured. ``pathcap evaluate`` measures captions.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from corpora import iob
from nlp.config import read_model_config
from nlp.networks.graph import Graph
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD, DESCRIPTION_FILE, GRAPH_FILE, TOKENIZER_FILE, read_description
from nlp.training.prediction import predict
from nlp.training.scores import strict

# Published F1 on the test split: scispaCy's NER models (Neumann et al. 2019), AIONER (Luo et al. 2023) for BioRED, and
# TurkuNLP for BioID captions.
REFERENCES: Final[Mapping[str, float]] = {
    "BC5CDR": 84.28,
    "BioNLP13CG": 77.84,
    "JNLPBA": 72.06,
    "CRAFT": 78.01,
    "BC2GM": 78.30,
    "NCBI-disease": 81.65,
    "BioRED": 91.26,
    "BioID": 72.0,
}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=["test", "devel"], default="test")
    parser.add_argument("--corpora", nargs="*", metavar="NAME", help="by default those with a published reference")
    parser.add_argument("--limit", type=int, help="read at most so many sentences of each")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args(arguments)
    config = read_model_config(options.folder)
    config.verify()
    description = read_description(config.file(DESCRIPTION_FILE))
    tokenizer = PieceTokenizer(config.file(TOKENIZER_FILE))
    graph = Graph(config.file(GRAPH_FILE), description.heads, threads=options.threads)
    paths = {name: options.data / "corpora" / "ner" / name / f"{options.split}.tsv.gz" for name in description.heads}
    known = [name for name in REFERENCES if name in paths and paths[name].is_file()]
    print(f"| corpus ({options.split}) | gold | precision | recall | F1 | reference |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in options.corpora or known:
        if name not in description.heads or name == CAPTION_HEAD:
            raise SystemExit(f"the tagger has no head {name}, but {', '.join(description.heads)}")
        examples = list(itertools.islice(iob.read(paths[name]), options.limit))
        spans = predict(
            [example.text for example in examples],
            tokenizer,
            description.heads[name],
            lambda windows, head=name: graph(windows, head),  # type: ignore[misc]
            joined=True,
            limit=description.limit,
        )
        score = strict([example.spans for example in examples], spans)[""]
        figures = " | ".join(f"{100 * value:.2f}" for value in (score.precision, score.recall, score.f1))
        reference = f"{REFERENCES[name]:.2f}" if name in REFERENCES and options.split == "test" else ""
        print(f"| {name} | {score.gold} | {figures} | {reference} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

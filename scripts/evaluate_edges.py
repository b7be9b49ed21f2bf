"""F1 of a trained model on corpora with relations, entities given, each by the head of its label set.

    evaluate_edges.py CHECKPOINT --prepared DIR --data DIR [--split devel|test] [--sources NAME...]
                      [--model FOLDER]

CHECKPOINT is a folder that ``train.py`` left, or a file of averaged weights, read in float32. ChemProt is scored as its
task was: micro F1 over the five evaluated groups, a pair of entities having the likeliest group. The event corpora are
scored over directed pairs with type and sign. Intervals are 95 % bootstrap intervals over texts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from mention_model.checkpoints import load_checkpoint, read_run
from mention_model.cues import RuleCues
from mention_model.names import Names
from mention_model.prepared import POSITIONS, pieces_of
from numpy.typing import NDArray

from corpora import chemprot
from corpora.relations import CHEMPROT, EVENTS, read_relations
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Scores
from nlp.networks.edge_inputs import mention_words
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.tags import TagSet
from nlp.schema import MENTION_TYPES
from nlp.training.edge_prediction import edge_log_probabilities
from nlp.training.related_texts import RelatedText, prepare
from nlp.training.relation_examples import CAPTION_LABELS, RelatedExample

SOURCES: Final = ("ChemProt", "BioNLP13-PC", "BioNLP13-CG", "BioNLP11-GE")


def best_label(scores: NDArray[np.float32], groups: Sequence[str]) -> str:
    """The likeliest of ``groups``, which scores share: the first is that of no relation."""
    shares: dict[str, float] = {}
    for group, score in zip(groups, np.exp(scores).tolist(), strict=True):
        shares[group] = shares.get(group, 0.0) + score
    return max(shares, key=shares.__getitem__)


def score(
    examples: Iterable[RelatedExample],
    found: Iterable[Mapping[tuple[int, int], NDArray[np.float32]]],
    labels: Sequence[str],
    group: Callable[[str], str],
    counted: Callable[[str], bool],
) -> Scores:
    """Micro F1 over pairs and groups of labels.

    Args:
        examples: texts.
        found: what the model says of the pairs of each.
        labels: of its head.
        group: that each label counts as.
        counted: whether a group counts.
    """
    counts = []
    groups = ["", *map(group, labels)]
    for example, own in zip(examples, found, strict=True):
        gold = {
            (relation.source, relation.target, group(relation.label))
            for relation in example.relations
            if counted(group(relation.label))
        }
        ours = {(source, target, best_label(scores, groups)) for (source, target), scores in own.items()}
        ours = {item for item in ours if item[2] and counted(item[2])}
        right = len(gold & ours)
        counts.append(Counts(right, len(ours), right, len(gold)))
    return Bootstrap().scores({"": counts})[""]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=["devel", "test"], default="devel")
    parser.add_argument("--sources", nargs="*", default=SOURCES)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    config = read_run(options.checkpoint, options.prepared)["config"]
    model = load_checkpoint(options.checkpoint, config, options.prepared)
    tokenizer = PieceTokenizer(options.prepared / "tokenizer.json")
    names = Names(options.prepared / "names.json", options.model)
    cues, tags = RuleCues(), TagSet(MENTION_TYPES)
    print("| corpus | relations | precision | recall | F1 | 95 % |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for corpus in read_relations(options.data, options.split):
        if corpus.name not in (CHEMPROT, EVENTS):
            continue
        for source in options.sources:
            own = [
                example
                for example in corpus.examples
                if example.id.startswith(f"{source}/") and (example.judged or example.relations)
            ]
            if not own:
                continue
            names.look_up(example.text for example in own)
            pieces = pieces_of([example.text for example in own], tokenizer, names)
            texts: list[RelatedText] = []
            places: list[list[int] | None] = []
            for example, cut in zip(own, pieces, strict=True):
                alone = replace(corpus, examples=[example])
                found, _ = prepare(alone, [cut], 0, tokenizer, tags, limit=POSITIONS, cues=cues)
                bounds = mention_words(cut.spans, [(span.start, span.end) for span in example.mentions])
                texts += found
                places.append((bounds[:, 0] <= bounds[:, 1]).nonzero()[0].tolist() if found else None)
            said = iter(zip(texts, edge_log_probabilities(model, texts, corpus.name), strict=True))
            scores = [_by_pair(*next(said), numbers) if numbers is not None else {} for numbers in places]
            print(
                row(
                    source,
                    score(own, scores, corpus.labels, chemprot.GROUPS.__getitem__, chemprot.EVALUATED.__contains__)
                    if corpus.name == CHEMPROT
                    else score(own, scores, CAPTION_LABELS, str, bool),
                ),
                flush=True,
            )


def _by_pair(
    text: RelatedText, scores: NDArray[np.float32], numbers: Sequence[int]
) -> dict[tuple[int, int], NDArray[np.float32]]:
    """The scores of a text by the example's numbers of mentions."""
    pairs = text.pairs.tolist()
    return {(numbers[one], numbers[other]): own for (one, other), own in zip(pairs, scores, strict=True)}


def row(name: str, scores: Scores) -> str:
    """A row of the table."""
    estimates = (scores.precision, scores.recall, scores.f1)
    figures = " | ".join(f"{100 * estimate.value:.2f}" for estimate in estimates)
    return f"| {name} | {scores.counts.gold} | {figures} | {100 * scores.f1.low:.2f}–{100 * scores.f1.high:.2f} |"


if __name__ == "__main__":
    main(sys.argv[1:])

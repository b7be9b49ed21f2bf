"""A vocabulary for the field's texts: what of the old one occurs in them, and the words that they use often.

    vocabulary.py TEXT... --out FILE [--size N] [--least N]

TEXT are files with a document a line. Every word that becomes one piece is read in one place instead of several, which
saves time, and its vector can learn what no sum of syllables says.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from mention_model.models import pretrained

from nlp.networks.pieces import PieceTokenizer

LEAST = 20
"""How often a piece occurs at least, or a word to become one."""


def count(paths: Iterable[Path], tokenizer: PieceTokenizer) -> tuple[Counter[str], Counter[str]]:
    """How often each piece occurs, and each word that is cut into several, in the form that pieces have."""
    names = {id: piece for piece, id in tokenizer.vocabulary().items()}
    pieces: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            while batch := list(islice(lines, 1000)):
                for item in tokenizer(batch):
                    found = [names[id] for id in item.ids.tolist()]
                    pieces.update(found)
                    for start, end in pairwise([*item.firsts.tolist(), len(item)]):
                        if end - start > 1:
                            parts = [found[start], *(piece.removeprefix("##") for piece in found[start + 1 : end])]
                            words["".join(parts)] += 1
    return pieces, words


def choose(old: Sequence[str], pieces: Counter[str], words: Counter[str], size: int, least: int = LEAST) -> list[str]:
    """The pieces of the new vocabulary, in order.

    Args:
        old: pieces of the old one, in order: marks and single characters stay, others if they are used.
        pieces: how often each occurs.
        words: how often each word occurs that the old one cuts.
        size: most pieces.
        least: how often a piece occurs at least, old or new.
    """
    kept = [
        piece
        for piece in old
        if pieces[piece] >= least
        or (piece.startswith("[") and not piece.startswith("[unused"))
        or (len(piece.removeprefix("##")) == 1 and ord(piece[-1]) < 0x2E80)
    ]
    new = [word for word, often in words.most_common() if often >= least and word.isalnum() and "[UNK]" not in word]
    return kept + new[: max(0, size - len(kept))]


def write(source: Path, vocabulary: Sequence[str], target: Path) -> None:
    """Write a tokenizer like that of ``source`` with another vocabulary."""
    document: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    ids = {piece: index for index, piece in enumerate(vocabulary)}
    document["model"]["vocab"] = ids
    document["truncation"] = document["padding"] = None
    document["added_tokens"] = [{**mark, "id": ids[mark["content"]]} for mark in document["added_tokens"]]
    # Marks are put around pieces by nlp.networks.inputs.
    document["post_processor"] = None
    target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXT")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=24000)
    parser.add_argument("--least", type=int, default=LEAST)
    options = parser.parse_args(arguments)
    source = pretrained() / "tokenizer.json"
    tokenizer = PieceTokenizer(source)
    old = sorted(tokenizer.vocabulary(), key=tokenizer.vocabulary().__getitem__)
    pieces, words = count(options.texts, tokenizer)
    chosen = choose(old, pieces, words, options.size, options.least)
    write(source, chosen, options.out)
    new = [word for word in chosen if word in words]
    print(f"{len(chosen):,} pieces, of these {len(new):,} new words")


if __name__ == "__main__":
    main(sys.argv[1:])

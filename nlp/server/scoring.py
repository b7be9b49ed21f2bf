"""Scores of keywords against curated lists, as ``pathcap score`` gives them, for a few captions of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nlp.config import PROFILES
from nlp.evaluation.keyword_report import keyword_summary
from nlp.evaluation.outcomes import FigureScore
from nlp.pipeline import Pipeline
from nlp.scoring import ProfileScorer
from nlp.types import Caption, Document


def score_profiles(
    pipeline: Pipeline, captions: Sequence[Caption], documents: Mapping[str, Document], profile: str | None
) -> dict[str, Any]:
    """What ``POST /score`` answers.

    Args:
        pipeline: what made the documents.
        captions: with curated lists.
        documents: by their captions' ids.
        profile: of keywords; None for every one.
    """
    names = PROFILES if profile is None else (profile,)
    figures: dict[str, list[FigureScore]] = {name: [] for name in names}
    scorer = ProfileScorer(pipeline, names, each=lambda name, figure: figures[name].append(figure))
    for caption in captions:
        scorer.add(caption, documents.get(caption.id))
    return {
        "profiles": {
            name: {**keyword_summary(score), "per_figure": [*map(_figure, figures[name])]}
            for name, score in scorer.results().items()
        }
    }


def _figure(figure: FigureScore) -> dict[str, Any]:
    found, reachable = figure.reachable()
    counts = figure.counts()
    return {
        "id": figure.id,
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "reachable": reachable,
        "reachable_found": found,
        "curated": [
            {
                "keyword": outcome.keyword.keyword,
                "type": outcome.type,
                "surface": outcome.surface,
                "score": None if outcome.score is None else round(outcome.score, 4),
                "found": outcome.found,
            }
            for outcome in figure.curated
        ],
        "predicted": [
            {
                "keyword": outcome.keyword.keyword,
                "type": outcome.keyword.type,
                "curie": outcome.keyword.curie,
                "right": outcome.right,
                "score": round(outcome.score, 4),
                "surfaces": [*outcome.surfaces],
            }
            for outcome in figure.predicted
        ],
    }

"""Results as tables to read, and as files to work on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from nlp.evaluation import gold_report, keyword_report
from nlp.evaluation.comparison import Comparison
from nlp.evaluation.gold import Evaluation
from nlp.evaluation.html.gold import evaluation_page
from nlp.evaluation.html.keywords import keyword_page
from nlp.evaluation.keywords import KeywordScore
from nlp.evaluation.tables import Table, print_tables, to_markdown

PAGE: Final = "index.html"


def tables(
    result: Evaluation | KeywordScore, *, edges_only: bool = False, comparison: Comparison | None = None
) -> list[Table]:
    """The figures of a result, as tables to read.

    Args:
        result: of ``evaluate`` or ``score_keywords``.
        edges_only: leave out what says nothing where the mentions were given: the tables of mentions and of their
            scores. Makes no difference to a score of keywords.
        comparison: how the predictions of an evaluation differ from others. Nothing is made of it for keywords.
    """
    if isinstance(result, KeywordScore):
        return keyword_report.keyword_tables(result)
    return gold_report.evaluation_tables(result, edges_only=edges_only, comparison=comparison)


def print_report(
    result: Evaluation | KeywordScore,
    file: TextIO | None = None,
    *,
    edges_only: bool = False,
    comparison: Comparison | None = None,
) -> None:
    """Print the figures of a result; to standard output if ``file`` is None. For the others see ``tables``."""
    print_tables(tables(result, edges_only=edges_only, comparison=comparison), file)


def write_report(
    folder: Path,
    result: Evaluation | KeywordScore,
    *,
    edges_only: bool = False,
    comparison: Comparison | None = None,
) -> None:
    """Write a result into a folder, which is made if it is not there.

    ``summary.json`` and ``summary.md`` hold the figures with their intervals. For curated keywords there are also
    ``figures.tsv``, ``misses.tsv`` and ``extras.tsv``; for gold captions ``mentions.tsv`` and ``edges.tsv`` with
    everything missed and everything spurious, and ``references.tsv`` with every wrong one where gold has references.
    Tables have one header line, no quoting, and lists joined by ``|``.
    ``index.html`` shows all of it to a browser.

    Args:
        folder: where to.
        result: of ``evaluate`` or ``score_keywords``.
        edges_only: leave the tables of mentions out of what is for reading; the other files are the same.
        comparison: with other predictions, for an evaluation.

    Raises:
        OSError: if the folder cannot be written.
    """
    if isinstance(result, KeywordScore):
        write_profiles(folder, {"": result})
        return
    _write_files(folder, result, edges_only=edges_only, comparison=comparison)
    shown = tables(result, edges_only=edges_only, comparison=comparison)
    page = evaluation_page(result, shown, edges_only=edges_only)
    (folder / PAGE).write_text(page, encoding="utf-8")


def write_profiles(folder: Path, results: Mapping[str, KeywordScore]) -> None:
    """Write the scores of several profiles, each into a folder of its name, and one ``index.html`` over all of them.

    Args:
        folder: where to; made if it is not there.
        results: by profile; under an empty name it is the folder itself that is written into.

    Raises:
        OSError: if the folder cannot be written.
    """
    for name, result in results.items():
        _write_files(folder / name, result)
    page = keyword_page(results, {name: tables(result) for name, result in results.items()})
    (folder / PAGE).write_text(page, encoding="utf-8")


def _write_files(
    folder: Path,
    result: Evaluation | KeywordScore,
    *,
    edges_only: bool = False,
    comparison: Comparison | None = None,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(result, Evaluation):
        heading, summary = gold_report.HEADING, gold_report.evaluation_summary(result, comparison)
        gold_report.write_evaluation_rows(folder, result)
    else:
        heading, summary = keyword_report.HEADING, keyword_report.keyword_summary(result)
        keyword_report.write_keyword_rows(folder, result)
    text = json.dumps(summary, indent=1, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    (folder / "summary.md").write_text(
        f"# {heading}\n\n{to_markdown(tables(result, edges_only=edges_only, comparison=comparison))}", encoding="utf-8"
    )

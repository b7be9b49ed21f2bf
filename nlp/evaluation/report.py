"""Results as tables to read, and as files to work on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TextIO

from nlp.evaluation import gold_report, keyword_report
from nlp.evaluation.comparison import Comparison
from nlp.evaluation.gold import Evaluation
from nlp.evaluation.html.gold import evaluation_page
from nlp.evaluation.html.keywords import FigureList, keyword_page
from nlp.evaluation.keyword_report import KeywordRows
from nlp.evaluation.keywords import KeywordScore
from nlp.evaluation.outcomes import FigureScore
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
    folder.mkdir(parents=True, exist_ok=True)
    shown = tables(result, edges_only=edges_only, comparison=comparison)
    _write_summary(folder, gold_report.HEADING, gold_report.evaluation_summary(result, comparison), shown)
    gold_report.write_evaluation_rows(folder, result)
    page = evaluation_page(result, shown, edges_only=edges_only)
    (folder / PAGE).write_text(page, encoding="utf-8")


class KeywordReport:
    """The report of keywords in several profiles, prepared while they are scored; to be used in a ``with`` statement.

    Args:
        names: of the profiles, each of which gets a folder; an empty one for what is written into the folder itself.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._profiles = {name: (KeywordRows(), FigureList()) for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for rows, _ in self._profiles.values():
            rows.close()

    def add(self, name: str, figure: FigureScore) -> None:
        """Take the next figure of a profile."""
        for part in self._profiles[name]:
            part.add(figure)

    def write(self, folder: Path, results: Mapping[str, KeywordScore]) -> None:
        """Write the files of each profile, and one ``index.html`` over all of them.

        Args:
            folder: where to; made if it is not there.
            results: by profile, of all figures that were taken.

        Raises:
            OSError: if the folder cannot be written.
        """
        shown = {name: tables(result) for name, result in results.items()}
        for name, (rows, _) in self._profiles.items():
            own = folder / name
            own.mkdir(parents=True, exist_ok=True)
            summary = keyword_report.keyword_summary(results[name])
            _write_summary(own, keyword_report.HEADING, summary, shown[name])
            rows.save(own)
        page = keyword_page(results, {name: figures for name, (_, figures) in self._profiles.items()}, shown)
        (folder / PAGE).write_text(page, encoding="utf-8")


def write_profiles(folder: Path, results: Mapping[str, KeywordScore]) -> None:
    """Write the scores of several profiles, with all their figures, as ``KeywordReport`` does."""
    with KeywordReport(results) as report:
        for name, result in results.items():
            for figure in result.figures:
                report.add(name, figure)
        report.write(folder, results)


def _write_summary(folder: Path, heading: str, summary: Mapping[str, Any], shown: Sequence[Table]) -> None:
    text = json.dumps(summary, indent=1, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    (folder / "summary.md").write_text(f"# {heading}\n\n{to_markdown(shown)}", encoding="utf-8")

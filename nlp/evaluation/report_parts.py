"""What the reports of both kinds are made of: rows of figures, notes, and tables to work on."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from nlp.evaluation.bootstrap import CONFIDENCE, Bootstrap
from nlp.evaluation.calibration import Reliability
from nlp.evaluation.counts import Scores
from nlp.evaluation.tables import Table, decimal, interval, number

Row = Sequence[str | int]

SCORE_COLUMNS: Final = ("", "gold", "predicted", "precision", "recall", "F1")


def scores_row(name: str, scores: Scores) -> tuple[str, ...]:
    """A row of ``SCORE_COLUMNS``."""
    return (
        name,
        number(scores.counts.gold),
        number(scores.counts.predicted),
        interval(scores.precision),
        interval(scores.recall),
        interval(scores.f1),
    )


def reliability_tables(what: str, right: str, diagram: Reliability, notes: Sequence[str] = ()) -> list[Table]:
    """A reliability diagram as a table; none where there are no scores.

    Args:
        what: the items that have the scores, in the plural.
        right: what is right of an item that is right.
        diagram: of their scores.
        notes: more to say below it.
    """
    if not diagram.scored:
        return []
    return [
        Table(
            f"Scores of predicted {what}",
            ("score", "predicted", "mean score", "share right"),
            [
                (f"{one.low:.1f}–{one.high:.1f}", number(one.count), decimal(one.mean_score), interval(one.share_right))
                for one in diagram.bins
                if one.count
            ],
            (
                f"Expected calibration error {decimal(diagram.error)}: mean gap of score and share right.",
                f"Right: {right}.",
                *notes,
            ),
        )
    ]


def range_notes(unit: str, bootstrap: Bootstrap, asides: Mapping[str, int]) -> tuple[str, ...]:
    """What holds for all tables of a report, in lines of at most 80 characters.

    Args:
        unit: what was drawn, in the plural.
        bootstrap: how it was drawn.
        asides: what was left out or wanting, and how often; only what there is is told.
    """
    return (
        f"Ranges: {CONFIDENCE:.0%} bootstrap intervals over {unit}, {number(bootstrap.resamples)} resamples.",
        "With few items ranges are too narrow: where captions are alike, without width.",
        *(f"{what[0].upper()}{what[1:]}: {number(count)}." for what, count in asides.items() if count),
    )


def settings(bootstrap: Bootstrap) -> dict[str, Any]:
    """How intervals were drawn, for ``summary.json``."""
    return {**asdict(bootstrap), "confidence": CONFIDENCE}


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table with one header line and no quoting."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(map(_line, (columns, *rows)))


class RowFile:
    """The same table, written bit by bit: a temporary file without a name, which is gone when it is closed.

    Args:
        columns: the header line.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._file = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 — closed by ``close``
        self.write([columns])

    def write(self, rows: Iterable[Row]) -> None:
        """Write more rows."""
        self._file.writelines(map(_line, rows))

    def save(self, path: Path) -> None:
        """Copy what was written to a file of this name."""
        self._file.seek(0)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            shutil.copyfileobj(self._file, file)

    def close(self) -> None:
        """Be done."""
        self._file.close()


def _line(row: Row) -> str:
    # A tab or line break inside a cell would break the table.
    return "\t".join(" ".join(str(cell).split()) for cell in row) + "\n"

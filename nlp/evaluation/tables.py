"""Small tables of text, printed to a terminal or written as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from nlp.evaluation.counts import Estimate

_WIDTH: Final = 100  # every table of a report is narrower


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; the first column holds names, the others figures.

    Attributes:
        title: what it shows.
        columns: headings.
        rows: cells, as many in each row as there are columns.
        notes: sentences below it, each on a line of its own.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def number(value: int) -> str:
    return f"{value:,}"


def decimal(value: float) -> str:
    """Three digits, without the leading zero of a share: ``.472``."""
    text = f"{value:.3f}"
    return text.removeprefix("0") if text.startswith("0.") else text


def interval(estimate: Estimate) -> str:
    """A value and its interval: ``.472 .451–.493``."""
    return f"{decimal(estimate.value)} {decimal(estimate.low)}–{decimal(estimate.high)}"


def signed_interval(estimate: Estimate) -> str:
    """A difference and its interval: ``+.012 [-.034, +.058]``."""
    return f"{_signed(estimate.value)} [{_signed(estimate.low)}, {_signed(estimate.high)}]"


def _signed(value: float) -> str:
    text = decimal(abs(value))
    return text if float(text) == 0 else f"{'-' if value < 0 else '+'}{text}"


def print_tables(tables: Iterable[Table], file: TextIO | None = None) -> None:
    """Print tables one below the other; in colour only on a terminal.

    Args:
        tables: what to print.
        file: where to; standard output if None.
    """
    console = Console(file=file, highlight=False)
    gap = 1 if console.is_terminal and console.width < _WIDTH else 2
    # A pipe has no width of its own; and on a narrow terminal a line that wraps is better than figures cut off.
    console.width = max(console.width, _WIDTH) if console.is_terminal else _WIDTH
    for table in tables:
        console.print(Text(table.title, style="bold"))
        grid = RichTable(box=None, padding=(0, gap, 0, 0), pad_edge=False)
        for place, column in enumerate(table.columns):
            grid.add_column(Text(column, style="dim"), justify="right" if place else "left", no_wrap=True)
        for row in table.rows:
            grid.add_row(*(Text(cell) for cell in row))
        console.print(grid)
        for note in table.notes:
            console.print(Text(note, style="dim"))
        console.print()


def to_markdown(tables: Iterable[Table]) -> str:
    """The tables as sections of a Markdown text."""
    parts = []
    for table in tables:
        lines = [
            f"## {table.title}",
            "",
            _line(table.columns),
            _line(["---", *("---:" for _ in table.columns[1:])]),
            *(_line(row) for row in table.rows),
        ]
        if table.notes:
            lines += ["", *(f"- {note}" for note in table.notes)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

"""What all reports share: the page, its parts, and how they become HTML.

The page is one file. Its content security policy names the hashes of its own style and script and nothing else, so that
a browser loads nothing from elsewhere and runs nothing that a caption might hold.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nlp.evaluation.counts import Estimate
from nlp.evaluation.html import charts
from nlp.evaluation.html.charts import Drawing
from nlp.evaluation.surfaces import fold
from nlp.evaluation.tables import Table, decimal, number
from nlp.views.marks import TYPE_MARKS, type_mark

MAX_ITEMS: Final = 600
"""Figures or captions that a page lists with their details: more make a file that opens slowly."""
MAX_WORDS: Final = 60
"""Keywords or mentions in one list of one figure."""
MAX_FREQUENT: Final = 25
"""Rows of a table of the most frequent errors."""

_INTERVAL: Final = re.compile(r"(\S+) (\S+–\S+|\[.+\])")


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of the overview: what is measured, its counts, and estimates under the overview's columns."""

    section: str
    name: str
    counts: Sequence[int]
    estimates: Sequence[Estimate]


@dataclass(frozen=True, slots=True)
class Frequent:
    """A table of what goes wrong most often.

    Attributes:
        title: which errors.
        rows: what, its type, in how many figures, and an example of how captions spell it.
        total: how many different ones there are, shown or not.
    """

    title: str
    rows: Sequence[tuple[str, str, int, str]]
    total: int


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of a list in the details of a figure."""

    text: str
    type: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A list in the details of a figure: what became of its words, and how many there are, shown or not."""

    title: str
    flag: str
    words: Sequence[Word]
    total: int


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """An edge in the details of a caption.

    Attributes:
        outcome: found, missed or spurious.
        source, target: names, as the caption spells them.
        label: type and sign.
        before, trigger, after: the words that state it, within those around them; empty if none are told.
        note: what the other side says of the pair.
    """

    outcome: str
    source: str
    label: str
    target: str
    before: str = ""
    trigger: str = ""
    after: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A figure or caption: a row of numbers, and details.

    Attributes:
        id: figure or caption id.
        cells: under the columns of its list; a dash where a number means nothing.
        teaser: the beginning of the caption.
        caption: the caption with its marks.
        words: lists of keywords or mentions.
        edges: of a gold caption.
    """

    id: str
    cells: Sequence[str]
    teaser: str
    caption: Markup
    words: Sequence[Words]
    edges: Sequence[EdgeLine] = ()


@dataclass(frozen=True, slots=True)
class ItemList:
    """The figures or captions of a section.

    Attributes:
        unit: figures or captions.
        columns: headings of the numbers.
        items: those that are listed.
        total: how many there are, listed or not.
        choice: which are listed if not all are.
        legend: what flags in captions mean: class, sign and meaning.
        elsewhere: the file that lists all of them.
    """

    unit: str
    columns: Sequence[str]
    items: Sequence[Item]
    total: int
    choice: str
    legend: Sequence[tuple[str, str, str]]
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that stands by itself: one profile of keywords, or all of an evaluation.

    Attributes:
        name: its anchor, and its tab.
        title: its heading.
        about: a sentence on it.
        drawings: curves and diagrams.
        no_drawings: why there is none.
    """

    name: str
    title: str
    about: str
    tables: Sequence[Table]
    drawings: Sequence[Drawing]
    no_drawings: str
    frequent: Sequence[Frequent]
    list: ItemList


@dataclass(frozen=True, slots=True)
class Page:
    """A report.

    Attributes:
        heading: its title.
        about: a sentence or two on what was compared.
        counts: headings of the counts in the overview.
        measures: headings of the estimates in it.
        overview: the figures to look at first.
        terms: words of the page and what they mean.
        sections: one or several; if several, each has a tab.
    """

    heading: str
    about: str
    counts: Sequence[str]
    measures: Sequence[str]
    overview: Sequence[Measured]
    terms: Mapping[str, str]
    sections: Sequence[Section]


def render(page: Page) -> str:
    """The page as HTML. The same page gives the same text."""
    environment = Environment(
        loader=PackageLoader("nlp.evaluation.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"estimate": _estimate_cell, "decimal": decimal, "number": number, "slug": _slug}
    environment.globals |= {"charts": charts, "type_mark": type_mark, "types": [*TYPE_MARKS.values()]}
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    return environment.get_template("page.html").render(
        page=page,
        style=Markup(style),  # noqa: S704 — own files, not input
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=version("pathcap"),
    )


def first(items: Sequence[Word], title: str, flag: str) -> Words:
    """A list of words, cut to what a page can hold."""
    return Words(title, flag, items[:MAX_WORDS], len(items))


class ErrorCounts:
    """Counts errors of one word, in any spelling, and type; each with its commonest spelling and what is behind it.

    Args:
        title: which errors.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._spellings: dict[tuple[str, str], Counter[str]] = {}
        self._examples: dict[tuple[str, str], Counter[str]] = {}

    def add(self, word: str, type: str, behind: Iterable[str] = ()) -> None:
        """Count an error.

        Args:
            word: what it is about.
            type: of it.
            behind: an example or more of how it comes about.
        """
        key = (fold(word) or word, type)
        self._spellings.setdefault(key, Counter())[word] += 1
        self._examples.setdefault(key, Counter()).update(behind)

    def frequent(self) -> Frequent:
        """The most frequent ones."""
        times = {key: counter.total() for key, counter in self._spellings.items()}
        order = sorted(times, key=lambda key: (-times[key], key))
        rows = [
            (_commonest(self._spellings[key], 1), key[1], times[key], _commonest(self._examples[key], 3))
            for key in order[:MAX_FREQUENT]
        ]
        return Frequent(self._title, rows, len(times))


def counted(title: str, errors: Iterable[tuple[str, str, Iterable[str]]]) -> Frequent:
    """The most frequent of errors, each with word, type and examples as ``ErrorCounts`` takes them."""
    counts = ErrorCounts(title)
    for error in errors:
        counts.add(*error)
    return counts.frequent()


def _commonest(counter: Counter[str], most: int) -> str:
    return ", ".join(sorted(counter, key=lambda word: (-counter[word], word))[:most])


def teaser(text: str) -> str:
    """The beginning of a caption, on one line."""
    start = " ".join(text[:140].split())
    return f"{start}…" if len(text) > 140 else start


def _asset(name: str) -> str:
    return files("nlp.evaluation.html").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _slug(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-").casefold()


def _estimate_cell(cell: str) -> Markup:
    """A table's cell; of a value with its interval the value stands out."""
    if match := _INTERVAL.fullmatch(cell):
        return Markup("<b>{}</b> <small>{}</small>").format(*match.groups())
    return Markup("{}").format(cell)

"""A document as HTML for a notebook.

It stands for itself: nothing is loaded from elsewhere, nothing runs, and all of the caption is escaped. It brings its
own colours, those of the light or dark theme that the notebook has, and a paper of its own under them, so that text can
be read whatever is around it. A type is told by a letter too, which stays where a notebook that is not trusted drops
the style.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from nlp.types import Document, Mention, Reference, Relation
from nlp.views.marks import LONGEST, TYPE_MARKS, Mark, pieces, type_mark
from nlp.views.words import ARROWS, context, kind

MOST: Final = 200
"""Mentions, and edges, that are listed."""
RESOLVER: Final = "https://bioregistry.io/"
"""Leads from a CURIE to the page of what it names."""

LIGHT: Final = {
    "paper": "#ffffff",
    "ink": "#1d2327",
    "soft": "#57606a",
    "rule": "#d9dcde",
    "link": "#0b5c8a",
    "fill": "80% 88%",
    "letter": "65% 24%",
}
DARK: Final = {
    "paper": "#14181b",
    "ink": "#e6e8e9",
    "soft": "#a7b0b7",
    "rule": "#353d43",
    "link": "#7cc4f0",
    "fill": "50% 24%",
    "letter": "65% 84%",
}
"""Colours by use; of those of types, saturation and lightness."""

_RULES: Final = """
.pathcap { padding: .6em .9em; background: var(--p-paper); color: var(--p-ink); border-radius: 4px; line-height: 1.7;
 font-size: 14px; overflow-x: auto; }
.pathcap p { margin: 0 0 .5em; max-width: 80ch; white-space: pre-line; overflow-wrap: anywhere; color: inherit; }
.pathcap mark { padding: .05em .15em; border-radius: 3px; color: inherit; background: none; }
.pathcap b { margin-left: .25em; font-size: .75em; font-weight: 700; user-select: none; }
.pathcap table { margin: .25em 0 .5em; border-collapse: collapse; border: 0; font-size: 13px; color: inherit; }
.pathcap table tr:nth-child(n) { background: none !important; }
.pathcap table :is(th, td) { padding: .2em 1em .2em 0; border: 0; border-top: 1px solid var(--p-rule); color: inherit;
 text-align: left !important; vertical-align: top; background: none; max-width: 60ch; }
.pathcap table :is(th, td):last-child { min-width: 20em; }
.pathcap small span { white-space: nowrap; }
.pathcap table thead th { border-top: 0; color: var(--p-soft); font-weight: 400; }
.pathcap :is(summary, small) { color: var(--p-soft); }
.pathcap summary { cursor: pointer; }
.pathcap a { color: var(--p-link); text-decoration: underline; }
.pathcap em { font-style: normal; font-weight: 600; text-decoration: underline; }
"""
_DARK_HOSTS: Final = (
    'body[data-jp-theme-light="false"] .pathcap, body.vscode-dark .pathcap, body.vscode-high-contrast .pathcap, '
    'html[theme="dark"] .pathcap, [data-theme="dark"] .pathcap'
)
_UNTOLD_HOSTS: Final = (
    'html:not([theme="light"], [data-theme="light"]) '
    'body:not([data-jp-theme-light="true"], .vscode-light, [data-theme="light"]) .pathcap'
)


def to_html(document: Document) -> str:
    """The caption with its mentions marked, a table of its edges, and one of its mentions with their references."""
    types = dict.fromkeys(mention.type for mention in document.mentions)
    parts = [
        Markup("<style>{}</style>").format(STYLE),
        Markup("<p>{}</p>").format(_caption(document)),
        *([_legend(list(types))] if types else ()),
        *([_edges(document)] if document.relations else ()),
        *([_mentions(document.mentions)] if document.mentions else ()),
    ]
    return str(Markup('<div class="pathcap">{}</div>').format(Markup("").join(parts)))


def _style() -> Markup:
    """The rules, with the colours of types and of the two themes."""
    types = (f".pathcap .{mark.css} {{ --p-hue: {mark.hue}; }}" for mark in TYPE_MARKS.values())
    names = ", ".join(f".{mark.css}" for mark in TYPE_MARKS.values())
    coloured = f".pathcap :is({names}) {{ background: hsl(var(--p-hue) var(--p-fill)); }}"
    letters = f".pathcap :is({names}) b {{ color: hsl(var(--p-hue) var(--p-letter)); }}"
    light, dark = ("".join(f"--p-{name}: {value}; " for name, value in colours.items()) for colours in (LIGHT, DARK))
    themes = (
        f".pathcap {{ {light}color-scheme: light; }}",
        f"@media (prefers-color-scheme: dark) {{ {_UNTOLD_HOSTS} {{ {dark}color-scheme: dark; }} }}",
        f"{_DARK_HOSTS} {{ {dark}color-scheme: dark; }}",
    )
    return Markup("\n").join(map(Markup, (*themes, _RULES.strip(), *types, coloured, letters)))  # own text


STYLE: Final = _style()


def _caption(document: Document) -> Markup:
    marks = [Mark(mention.start, mention.end, mention.type, title=_title(mention)) for mention in document.mentions]
    parts = []
    for text, end, on in pieces(document.text, marks):
        shortest = min(on, key=lambda mark: mark.end - mark.start, default=None)
        if shortest is None:
            parts.append(Markup("{}").format(text))
            continue
        letters = " ".join(type_mark(mark.type).letter for mark in on if mark.end == end)
        parts.append(
            Markup('<mark class="{}" title="{}">{}{}</mark>').format(
                type_mark(shortest.type).css,
                "; ".join(dict.fromkeys(mark.title for mark in on)),
                text,
                Markup("<b>{}</b>").format(letters) if letters else "",
            )
        )
    if len(document.text) > LONGEST:
        parts.append(Markup("… <small>(the first {:,} of {:,} characters)</small>").format(LONGEST, len(document.text)))
    return Markup("").join(parts)


def _title(mention: Mention) -> str:
    best = mention.references[:1]
    return ", ".join([mention.type, *(f"{one.curie} {one.name}".strip() for one in best), f"{mention.score:.2f}"])


def _legend(types: Sequence[str]) -> Markup:
    items = (
        Markup('<span><mark class="{}"><b>{}</b></mark> {}</span>').format(
            type_mark(type).css, type_mark(type).letter, type
        )
        for type in types
    )
    return Markup("<p><small>{}</small></p>").format(Markup(" &nbsp; ").join(items))


def _edges(document: Document) -> Markup:
    names = {mention.id: mention for mention in document.mentions}
    rows = [_edge(document, relation, names) for relation in document.relations[:MOST]]
    return _table(("source", "", "target", "edge", "score", "stated by"), rows, len(document.relations))


def _edge(document: Document, relation: Relation, names: dict[str, Mention]) -> Sequence[Markup | str]:
    before, trigger, after = context(document, relation)
    return (
        _name(names[relation.source]),
        ARROWS[relation.sign],
        _name(names[relation.target]),
        kind(relation),
        f"{relation.score:.2f}",
        Markup("{}<em>{}</em>{}").format(before, trigger, after) if trigger else "",
    )


def _name(mention: Mention) -> Markup:
    mark = type_mark(mention.type)
    return Markup('<mark class="{}" title="{}">{}<b>{}</b></mark>').format(
        mark.css, _title(mention), mention.text, mark.letter
    )


def _mentions(mentions: Sequence[Mention]) -> Markup:
    rows = [
        (
            _name(mention),
            mention.type,
            f"{mention.score:.2f}",
            Markup("<br>").join(map(_reference, mention.references)),
        )
        for mention in mentions[:MOST]
    ]
    table = _table(("mention", "type", "score", "references"), rows, len(mentions))
    return Markup("<details><summary>{} mentions</summary>{}</details>").format(len(mentions), table)


def _reference(reference: Reference) -> Markup:
    return Markup('<a href="{}{}" target="_blank" rel="noopener noreferrer">{}</a> {} <small>{:.2f}</small>').format(
        RESOLVER, quote(reference.curie, safe=":"), reference.curie, reference.name, reference.score
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[Markup | str]], total: int) -> Markup:
    head = Markup("").join(Markup("<th>{}</th>").format(column) for column in columns)
    lines = (
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in rows
    )
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, Markup("").join(lines))
    left = total - len(rows)
    return table + (Markup("<small>… and {} more</small>").format(left) if left else Markup(""))

"""Pages of the Pathway Figure OCR database (PFOCR), of both generations.

A page is a Markdown file that is all YAML front matter. Older pages hold the annotations behind their keywords
themselves (``genes``, ``chemicals``, ``diseases``); those of newer ones are tables in the folder ``_data`` beside the
pages' folder.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
import yaml.reader
import yaml.scanner

from nlp.errors import FormatError, InputError, Location
from nlp.formats.base import OnError, caption_id, caption_text, optional_text, read_text
from nlp.formats.curation import ANNOTATION_FIELDS, KEYWORD_TYPES, Row, curate, is_missing, read_keywords, read_rows
from nlp.types import Caption, CuratedList

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_TAGS: Final = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", None)


class _StringLoader(yaml.CSafeLoader):
    """Reads every scalar as the string it was: YAML 1.1 would make a boolean of ``NO`` and a number of ``1E10``."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own attribute
    yaml_constructors = {tag: yaml.CSafeLoader.yaml_constructors[tag] for tag in _TAGS}  # noqa: RUF012


def read(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The caption of a page, with its curated keywords.

    A table of annotations that cannot be read is an error of its own: the caption is given without it.
    """
    try:
        fields, lines = _front_matter(path)
        yield _caption(path, fields, lines, on_error)
    except InputError as error:
        on_error(error)


def is_annotation_table(path: Path) -> bool:
    """Whether a file is one of the tables that belong to pages, not a table of captions."""
    return path.parent.name == "_data" and path.stem.rpartition("-")[2] in ANNOTATION_FIELDS and path.suffix == ".tsv"


def _front_matter(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The fields of a page, and the line of each field's key."""
    source = str(path)
    match = _FRONT_MATTER.match(read_text(path))
    if match is None:
        raise FormatError("no front matter", expected="YAML between two lines of ---", where=Location(source, 1))
    text = match[1]
    try:
        loader = _StringLoader(text)
        node = loader.get_single_node()
        fields = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        # What a scalar that is not closed runs into is far from where it begins.
        scanning = isinstance(error, yaml.scanner.ScannerError)
        mark = (error.context_mark if scanning else None) or error.problem_mark
        raise FormatError(
            "the front matter is not YAML",
            found=error.problem,
            where=Location(source, mark.line + 2 if mark is not None else 1),
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.encode("utf-8").count(b"\n", 0, error.position) + 2
        raise FormatError("the front matter is not YAML", found=error.reason, where=Location(source, line)) from error
    except RecursionError as error:
        raise FormatError("the front matter is nested too deeply", where=Location(source, 1)) from error
    if not isinstance(fields, dict) or not isinstance(node, yaml.MappingNode):
        raise FormatError(
            "the front matter is of the wrong kind",
            expected="keys and values",
            found=type(fields).__name__,
            where=Location(source, 1),
        )
    return fields, {key.value: key.start_mark.line + 2 for key, _ in node.value if isinstance(key, yaml.ScalarNode)}


def _caption(path: Path, fields: dict[str, Any], lines: dict[str, int], on_error: OnError) -> Caption:
    figid = fields.get("figid")
    id = caption_id([None if is_missing(figid) else figid], path.stem, Location(str(path), lines.get("figid", 1)))
    if "caption" not in fields:
        raise InputError("no caption", expected="a key caption", where=Location(str(path), 1, id))
    where = Location(str(path), lines["caption"], id)
    text = caption_text("" if is_missing(fields["caption"]) else fields["caption"], where)
    present = {key: value for key, value in fields.items() if not is_missing(value)}
    return Caption(
        id=id,
        text=text,
        title=optional_text(present, ("figtitle",)),
        paper_title=optional_text(present, ("papertitle",)),
        curated=_curated(path, id, fields, lines, on_error),
        where=where,
    )


def _curated(
    path: Path, id: str, fields: dict[str, Any], lines: dict[str, int], on_error: OnError
) -> CuratedList | None:
    where = Location(str(path), lines.get("schema-jsonld", 1), id)
    if is_missing(fields.get("schema-jsonld")):
        return None
    schema = fields["schema-jsonld"]
    if not isinstance(schema, dict):
        raise InputError(
            "schema-jsonld is of the wrong kind", expected="keys and values", found=type(schema).__name__, where=where
        )
    keywords = read_keywords(schema.get("keywords"), where)
    rows: dict[str, tuple[Row, ...]] = {}
    for field, mention_type in ANNOTATION_FIELDS.items():
        place = Location(str(path), lines.get(field, where.line), id)
        rows[mention_type] = (
            *read_rows(fields.get(field), field, place),
            *_table(path, f"{id}-{field}.tsv", id, on_error),
        )
    # PFOCR looks for all three in every figure of its own; an empty or missing table means that none was found.
    return curate(keywords, rows, KEYWORD_TYPES)


def _table(page: Path, name: str, id: str, on_error: OnError) -> tuple[Row, ...]:
    path = page.absolute().parent.parent / "_data" / name
    reader = None
    try:
        if not path.is_file():
            return ()
        reader = csv.DictReader(io.StringIO(read_text(path), newline=""), delimiter="\t", strict=True)
        return tuple({key: cell for key, cell in row.items() if isinstance(cell, str) and cell} for row in reader)
    except InputError as error:
        on_error(error)
    except (OSError, ValueError, csv.Error) as error:
        line = reader.reader.line_num if reader is not None else None
        on_error(
            FormatError("a table of annotations cannot be read", found=str(error), where=Location(str(path), line, id))
        )
    return ()

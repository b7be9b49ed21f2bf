"""Captions from an XML file, which its root tells to be BioC or an article in JATS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nlp.errors import InputError
from nlp.formats import bioc_reading, jats
from nlp.formats.base import OnError
from nlp.formats.safe_xml import read_elements
from nlp.types import Caption


def read(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a file, one article or document of it in memory at a time."""
    for root, element, where in read_elements(path, {**bioc_reading.ROOTS, **jats.ROOTS}, on_error):
        if root in jats.ROOTS:
            yield from jats.captions_of(element, where, on_error)
            continue
        try:
            document = bioc_reading.object_of(element, where, annotated=False)
        except InputError as error:
            on_error(error)
        else:
            yield from bioc_reading.captions_of(document, where, on_error)

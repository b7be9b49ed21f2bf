"""pathcap: text mining of pathway figure captions.

    >>> from nlp import Pipeline
    >>> pipeline = Pipeline.load()
    >>> document = pipeline("Esketamine activates ERK.")
    >>> for relation in document.relations:
    ...     source, target = document.mention(relation.source), document.mention(relation.target)
    ...     print(source.text, relation.type, relation.sign, target.text)
    Esketamine activation 1 ERK

``__all__`` has all public names; ``__version__`` is the version of the distribution.
"""

import typing as _typing
from importlib.metadata import version as _version

from nlp.client import Client
from nlp.errors import (
    AnnotationError,
    ConfigError,
    FormatError,
    InputError,
    LexiconError,
    Location,
    ModelError,
    PathcapError,
    PipelineError,
    ServerError,
)
from nlp.options import Options
from nlp.types import (
    Abbreviation,
    Caption,
    CuratedKeyword,
    CuratedList,
    Document,
    Keyword,
    Mention,
    Reference,
    Relation,
    Span,
    Trigger,
)

if _typing.TYPE_CHECKING:
    from nlp.pipeline import Pipeline

__version__ = _version("pathcap")

__all__ = [
    "Abbreviation",
    "AnnotationError",
    "Caption",
    "Client",
    "ConfigError",
    "CuratedKeyword",
    "CuratedList",
    "Document",
    "FormatError",
    "InputError",
    "Keyword",
    "LexiconError",
    "Location",
    "Mention",
    "ModelError",
    "Options",
    "PathcapError",
    "Pipeline",
    "PipelineError",
    "Reference",
    "Relation",
    "ServerError",
    "Span",
    "Trigger",
    "__version__",
]


def __getattr__(name: str) -> _typing.Any:
    # The pipeline brings spaCy with it, which types, networks and training can do without.
    if name == "Pipeline":
        from nlp.pipeline import Pipeline

        return Pipeline
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

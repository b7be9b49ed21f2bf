"""pathcap: text mining of pathway figure captions.

from nlp import Pipeline

pipeline = Pipeline.load()
document = pipeline("Esketamine activates ERK.")
for document in pipeline.stream(captions): ...
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

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
)
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

if TYPE_CHECKING:
    from nlp.pipeline import Pipeline

__version__ = version("pathcap")

__all__ = [
    "Abbreviation",
    "AnnotationError",
    "Caption",
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
    "PathcapError",
    "Pipeline",
    "PipelineError",
    "Reference",
    "Relation",
    "Span",
    "Trigger",
    "__version__",
]


def __getattr__(name: str) -> Any:
    # The pipeline brings spaCy with it, which types, networks and training can do without.
    if name == "Pipeline":
        from nlp.pipeline import Pipeline

        return Pipeline
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

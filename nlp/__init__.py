"""pathcap: text mining of pathway figure captions.

from nlp import Pipeline

pipeline = Pipeline.load()
document = pipeline("Esketamine activates ERK.")
for document in pipeline.stream(captions): ...
"""

from importlib.metadata import version

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
from nlp.pipeline import Pipeline
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

"""pathcap as a component of spaCy: ``language.add_pipe("pathcap")``.

    >>> import spacy
    >>> language = spacy.blank("en")
    >>> _ = language.add_pipe("pathcap", config={"types": ["GENE", "CHEMICAL"], "min_mention_score": 0.5})
    >>> doc = language("Esketamine activates ERK.")
    >>> [(ent.text, ent.label_, ent._.references[0].curie) for ent in doc.ents]
    [('Esketamine', 'CHEMICAL', 'CHEBI:60799'), ('ERK', 'GENE', 'FPLX:ERK')]
    >>> [(edge.source.text, edge.type, edge.sign, edge.target.text) for edge in doc._.relations]
    [('Esketamine', 'activation', 1, 'ERK')]
    >>> doc._.pathcap.keywords[0].keyword
    'MAPK1'

spaCy finds the component by its entry point, so that nothing of pathcap need be imported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import raise_error

from nlp.errors import PathcapError
from nlp.options import Options
from nlp.pipeline import Pipeline
from nlp.types import Caption, Document
from nlp.views import spacy_docs

ErrorHandler = Callable[[str, "PathcapComponent", Sequence[Doc], Exception], None]


@Language.factory(
    "pathcap",
    assigns=["doc.ents", "doc.spans", "doc._.pathcap", "doc._.relations", "span._.references"],
    requires=[],
    default_config={
        "model": None,
        "profile": None,
        "device": "auto",
        "threads": None,
        "types": None,
        "relation_types": None,
        "min_mention_score": 0.0,
        "min_relation_score": 0.0,
        "min_reference_score": 0.0,
        "keep_ents": False,
    },
)
def make_component(
    nlp: Language,  # noqa: ARG001 — spaCy hands it over by this name
    name: str,
    model: str | Path | None,
    profile: str | None,
    device: str,
    threads: int | None,
    types: list[str] | None,
    relation_types: list[str] | None,
    min_mention_score: float,
    min_relation_score: float,
    min_reference_score: float,
    keep_ents: bool,
) -> PathcapComponent:
    """Make the component ``pathcap``.

    Args:
        nlp: the spaCy pipeline it becomes part of.
        name: of the component in it.
        model: as ``Pipeline.load`` takes it.
        profile: as ``Pipeline.load`` takes it.
        device: as ``Pipeline.load`` takes it.
        threads: as ``Pipeline.load`` takes it; 1 is best with ``n_process`` above 1.
        types: as ``Options`` has them; None for all.
        relation_types: as ``Options`` has them; None for all, and an empty list for no relations.
        min_mention_score: from 0 to 1.
        min_relation_score: from 0 to 1.
        min_reference_score: from 0 to 1.
        keep_ents: keep the entities that another component has set, and add mentions only where there are none.

    Raises:
        ModelError: if the model is incomplete or altered.
        ConfigError: if an option is not understood, or another package has taken a name of the extensions.
    """
    options = Options().changed(
        profile=profile,
        types=types,
        relation_types=relation_types,
        min_mention_score=min_mention_score,
        min_relation_score=min_relation_score,
        min_reference_score=min_reference_score,
    )
    return PathcapComponent(Pipeline.load(model, device=device, threads=threads), options, name, keep_ents=keep_ents)


class PathcapComponent:
    """Annotates ``Doc``s with a pipeline; see ``nlp.views.spacy_docs`` for what it sets.

    It keeps nothing of what it sees, and all there is to save of it is its configuration, which spaCy saves.

    Args:
        pipeline: that annotates.
        options: what is wanted of its documents.
        name: of the component.
        keep_ents: keep the entities that are there, and add mentions only where there are none.
    """

    def __init__(self, pipeline: Pipeline, options: Options, name: str = "pathcap", *, keep_ents: bool = False) -> None:
        spacy_docs.register()
        self.pipeline = pipeline.with_options(options)
        self.name = name
        self.keep_ents = keep_ents
        self._error_handler: ErrorHandler = raise_error

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one ``Doc``."""
        return self._write(doc, self.pipeline(_caption(doc)))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 1000) -> Iterator[Doc]:  # noqa: ARG002 — spaCy gives it
        """Annotate ``Doc``s in batches, in their order.

        Args:
            stream: of them no more are taken ahead than ``Pipeline.stream`` takes.
            batch_size: as spaCy gives it, and passed over: documents do not depend on it, and the pipeline knows which
                size is fastest.
        """
        waiting: deque[Doc] = deque()

        def captions() -> Iterator[Caption]:
            for doc in stream:
                waiting.append(doc)
                yield _caption(doc)

        def on_error(_: Caption, error: PathcapError) -> None:
            self._error_handler(self.name, self, [waiting.popleft()], error)

        for document in self.pipeline.stream(captions(), on_error=on_error):
            yield self._write(waiting.popleft(), document)

    def set_error_handler(self, error_handler: ErrorHandler) -> None:
        """Take what spaCy is to call with a ``Doc`` that cannot be annotated; it is then left out."""
        self._error_handler = error_handler

    def get_error_handler(self) -> ErrorHandler:
        """What is called with a ``Doc`` that cannot be annotated; by default it raises the error."""
        return self._error_handler

    def _write(self, doc: Doc, document: Document) -> Doc:
        return spacy_docs.write(doc, document, keep_ents=self.keep_ents)


def _caption(doc: Doc) -> Caption:
    # The same id for all: spaCy has none, and in several processes numbers would not be unique.
    return Caption("caption", doc.text)

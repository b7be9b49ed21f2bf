"""How a document is shown and handed on: as text, as HTML, as a graph, in a spaCy ``Doc``."""

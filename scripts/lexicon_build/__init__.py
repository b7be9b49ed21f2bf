"""Builder of the compiled lexicon: one module a source."""

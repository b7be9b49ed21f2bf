"""Steps of the pipeline, each a module."""

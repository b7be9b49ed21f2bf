"""Reading captions and writing documents, a module for each format."""

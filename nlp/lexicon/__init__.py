"""Names of genes, chemicals and the rest, compiled into one file."""

"""From labelled examples to weights."""

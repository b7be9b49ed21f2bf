"""What ``benchmark.py`` is made of: what is measured, how, and how it is told."""

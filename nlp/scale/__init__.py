"""Annotation of more captions than fit in one run or on one machine."""

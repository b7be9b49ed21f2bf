"""Transparent rules for relations: a table of trigger words, a light reading of the sentence, and patterns over it."""

"""Readers of labelled corpora, for training and measuring only."""

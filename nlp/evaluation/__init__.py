"""Comparing predictions with gold annotations and with curated keywords."""

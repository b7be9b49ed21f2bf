"""Which of the entries that a name may mean is meant: candidates, what speaks for each, and how much that weighs."""

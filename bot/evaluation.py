"""`bangban eval`: the matching, cross-validated over the collected sayings and the starter catalogue."""

from __future__ import annotations


def evaluate_matching() -> str:
    """The table, by kind of saying."""
    raise NotImplementedError

"""Entities (what is named in a sentence): dates, times, people, places, numbers, amounts, ages. Begin in `found.py`.

A module a kind, the words in `nlu/data/entities/`. Nothing is imported here: `nlu.text` needs `spoken.py` alone.
"""

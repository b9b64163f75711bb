"""Rasa inside our process."""

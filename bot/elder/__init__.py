"""长辈版: what is said to the elderly, in short sentences, plain words, two choices at a time."""

from bot.elder.step import more_choices, plainly, said_plainly, shown

__all__ = ["more_choices", "plainly", "said_plainly", "shown"]

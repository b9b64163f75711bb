"""Visits in the chat: book, move, cancel, ask when it is (预约)."""

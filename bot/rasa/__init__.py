"""Rasa inside our process. Whoever imports this package gets the stand-ins first; the service asks for more of them."""

from bot.standins import install

install()

from bot.standins import install  # noqa: F401

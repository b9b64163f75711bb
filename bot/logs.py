"""One line a turn, as JSON: ids, intent, matter code, milliseconds; never a resident's words."""

from __future__ import annotations

import logging
import sys

import structlog

QUIET = ("rasa", "sqlalchemy", "aiosqlite", "asyncio", "apscheduler", "matplotlib", "jieba", "alembic", "rasa_sdk")


def configure(level: str, *, as_json: bool = True) -> None:
    """Send our log to standard error and hush the libraries (Rasa would print every message's text)."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=number, stream=sys.stderr, format="%(name)s: %(message)s", force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.ERROR))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

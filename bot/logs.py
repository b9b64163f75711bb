"""One line a turn, as JSON: ids, intent, matter code, milliseconds; never a resident's words."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

QUIET = ("rasa", "sqlalchemy", "aiosqlite", "asyncio", "apscheduler", "matplotlib", "jieba", "alembic", "rasa_sdk")


def _without_rasas(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Rasa's own events, which carry what residents said, have dotted names; ours have none."""
    if "." in str(event.get("event", "")):
        raise structlog.DropEvent
    return event


def configure(level: str, *, as_json: bool = True) -> None:
    """Send our log to standard error and hush the libraries (Rasa would print every message's text)."""
    number = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=number, stream=sys.stderr, format="%(name)s: %(message)s", force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.ERROR))
    structlog.configure(
        processors=[
            _without_rasas,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

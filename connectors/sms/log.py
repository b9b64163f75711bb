"""No provider: what would be sent is counted in the log, by its id alone."""

from __future__ import annotations

from datetime import date

import structlog

from connectors.sms.service import SmsText

log = structlog.get_logger()


class LogSms:
    """Sends nothing. Neither the number nor the text is in the log."""

    async def send(self, id: str, telephone: str, message: SmsText) -> str:
        """Say that it would be sent now."""
        log.info("sms_not_sent", sms=id, text=message.key)
        return "log"

    async def sent(self, id: str, telephone: str, day: date) -> str | None:
        """What would be sent once more is only logged once more."""
        return None

    async def close(self) -> None:
        """Nothing is open."""

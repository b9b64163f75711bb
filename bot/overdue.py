"""Cases whose promised day has passed (超时预警): looked for now and then, told to the resident once each.

Telling is a letter of the outbox under a key of its own, so that of several processes, and after any restart, it is
told once a case and promised day.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from bot.background import Rounds
from knowledge.cases import Cases
from knowledge.database import Database
from knowledge.quiet import is_quiet
from knowledge.submissions import Submissions

EVERY_SECONDS = 1800.0
"""Half an hour: a promised day ends at midnight, and nobody is told of it in the night."""


class OverdueCases:
    """Leaves a letter for each case that has become overdue. `clock` gives aware times."""

    def __init__(
        self, database: Database, cases: Cases, submissions: Submissions, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._cases = cases
        self._submissions = submissions
        self._clock = clock

    async def look(self) -> int:
        """Leave the letters that are not there yet; how many cases are overdue. Raises DatabaseUnavailable."""
        now = self._clock()
        if is_quiet(now):
            return 0
        overdue = await self._cases.overdue(now)
        for case in overdue:
            async with self._database.transaction():
                await self._submissions.tell_overdue(case, now)
        return len(overdue)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Look in the background."""
        return Rounds("overdue", self.look, EVERY_SECONDS).running()

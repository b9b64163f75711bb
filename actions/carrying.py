"""换个地方聊: the chat goes on on a page, or in another channel."""

from __future__ import annotations

from actions.services import Services
from actions.turn import Capability, Turn
from knowledge.carrying import Carrying, page_address, said_as


class CarryOver(Capability):
    """Says the code for another channel, and the page's address where there is one."""

    label = "action_carry_over"

    def __init__(self, services: Services) -> None:
        self._carrying = Carrying(services.database)
        self._clock, self._public_url = services.clock, services.public_url

    async def answer(self, turn: Turn) -> None:
        """Both are good once."""
        now = self._clock()
        code = await self._carrying.offer(turn.conversation, "code", now)
        if not self._public_url:
            turn.say("utter_carry_over", say=said_as(code.secret))
            return
        link = await self._carrying.offer(turn.conversation, "link", now)
        address = page_address(self._public_url, link.secret)
        turn.say("utter_carry_over_link", say=said_as(code.secret), link=address)

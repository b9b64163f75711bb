"""What is written in the mini program passes WeChat's content check (内容安全), where the county has it checked.

The chat of the mini program speaks the HTTP contract, as the page does: whose conversation goes on in the mini program
is checked, nobody else.
"""

from __future__ import annotations

from bot.conversation import Answer, Assistant, Opened
from connectors.message import Inbound, Start
from connectors.wechat.program import NAME, MiniProgramChannel
from knowledge.channel_users import ChannelUser, ChannelUsers
from knowledge.conversations import Conversations


class Checked:
    """The assistant of the HTTP contract behind the check. What is risky is not taken up, and nothing of it is kept."""

    def __init__(
        self, assistant: Assistant, conversations: Conversations, users: ChannelUsers, program: MiniProgramChannel
    ) -> None:
        self._assistant = assistant
        self._conversations = conversations
        self._users = users
        self._program = program

    async def open(
        self, channel: str, region: str | None = None, elder: bool = False, start: Start | None = None
    ) -> Opened:
        """As the assistant's."""
        return await self._assistant.open(channel, region, elder, start)

    async def take(self, inbound: Inbound) -> Answer:
        """As the assistant's; to a text that is risky a sentence that asks for other words."""
        user = await self._writes_there(inbound) if inbound.text and inbound.choice is None else None
        if user is not None and await self._program.is_risky(user, inbound.text):
            mode = (await self._conversations.find(inbound.conversation)).mode
            return Answer(list(self._program.risky()), mode)  # type: ignore[arg-type]
        return await self._assistant.take(inbound)

    async def delivered(self, conversation: str, number: int) -> None:
        """As the assistant's."""
        await self._assistant.delivered(conversation, number)

    async def _writes_there(self, inbound: Inbound) -> ChannelUser | None:
        """Whoever was heard last in the conversation, if that was in the mini program."""
        users = await self._users.of_conversation(inbound.conversation)
        return users[0] if users and users[0].address.channel == NAME else None

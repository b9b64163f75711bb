"""The running service's parts, by name; bot/app.py puts them together."""

from __future__ import annotations

from dataclasses import dataclass

from actions import Services
from bot.after_wiring import After
from bot.casework import Following
from bot.channels import Channels
from bot.conversation import Assistant
from bot.foundation import Foundation
from bot.home_visits import VisitsPart
from bot.links import LinksPart
from bot.people import People
from bot.talk import Talk
from bot.texting import Texting
from bot.understanding import Understanding
from bot.video import Video
from bot.window import Window


@dataclass(frozen=True, slots=True)
class Bangban:
    """The running service."""

    base: Foundation
    understanding: Understanding
    services: Services
    people: People
    talk: Talk
    after: After
    following: Following
    video: Video
    texting: Texting
    links: LinksPart
    channels: Channels
    visits: VisitsPart
    window: Window

    @property
    def assistant(self) -> Assistant:
        """Who answers residents."""
        return self.talk.assistant

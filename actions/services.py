"""What the actions need of the rest of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from connectors.intake.service import Intake
from knowledge.agents import Agents
from knowledge.applications import Applications
from knowledge.appointments import Appointments
from knowledge.cases import Cases
from knowledge.catalogue import Catalogue
from knowledge.consents import Consents
from knowledge.database import Database
from knowledge.files import Files
from knowledge.handoffs import Handoffs
from knowledge.home_visits import HomeVisits
from knowledge.keyring import Keyring
from knowledge.outbox import Outbox
from knowledge.papers import Papers
from knowledge.proxies import Proxies
from knowledge.rating_rules import RatingRules
from knowledge.ratings import Ratings
from knowledge.residents import Residents
from knowledge.rounds import Rounds
from knowledge.sms_contacts import SmsContacts
from knowledge.submissions import Submissions
from knowledge.ticket_hall import Hall
from knowledge.ticket_rules import TicketRules, ticket_rules
from knowledge.tickets import Tickets
from knowledge.visit_rules import Visits, visits
from knowledge.waiting_list import WaitingList
from knowledge.wanting import Wanting
from knowledge.window_visits import WindowVisits


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators that the application gives to the actions. `clock` tells the time, aware, in UTC."""

    database: Database
    catalogue: Catalogue
    clock: Callable[[], datetime]
    keyring: Keyring
    intake: Intake
    outbox: Outbox
    handoffs: Handoffs
    agents: Agents
    rating_rules: RatingRules | None = None
    sms_contacts: SmsContacts | None = None
    """None: the county sends no short messages, and nobody is asked."""
    remind_after: timedelta = timedelta(days=3)
    """When residents are reminded of what they put off; zero: never."""
    visits: Visits = field(default_factory=visits)
    tickets_file: Path | None = None
    """The county's own rules of tickets over the shipped ones."""
    public_url: str = ""
    """Where residents open the page; "": no links to it."""
    answered_there: frozenset[str] = frozenset()
    """Channels on which people of that platform answer, and not our desk."""
    reads_on: frozenset[str] = frozenset()
    """Channels on which replies can be read aloud as voice messages."""
    residents: Residents = field(init=False)
    appointments: Appointments = field(init=False)
    waiting_list: WaitingList = field(init=False)
    tickets: Tickets = field(init=False)
    hall: Hall = field(init=False)
    consents: Consents = field(init=False)
    applications: Applications = field(init=False)
    files: Files = field(init=False)
    papers: Papers = field(init=False)
    cases: Cases = field(init=False)
    submissions: Submissions = field(init=False)
    wanting: Wanting = field(init=False)
    ratings: Ratings = field(init=False)
    home_visits: HomeVisits = field(init=False)
    rounds: Rounds = field(init=False)
    window_visits: WindowVisits = field(init=False)
    proxies: Proxies = field(init=False)

    def __post_init__(self) -> None:
        """The stores, all of the one database."""
        for name, kind in SEALED_STORES.items():
            object.__setattr__(self, name, kind(self.database, self.keyring))
        object.__setattr__(self, "ratings", Ratings(self.database, self.keyring, self.rating_rules))
        object.__setattr__(self, "waiting_list", WaitingList(self.database, self.appointments))
        object.__setattr__(self, "tickets", Tickets(self.database))
        object.__setattr__(self, "hall", Hall(self.tickets, self.appointments))
        object.__setattr__(self, "window_visits", WindowVisits(self.database))
        object.__setattr__(self, "consents", Consents(self.database))
        object.__setattr__(self, "rounds", Rounds(self.database))
        object.__setattr__(self, "wanting", Wanting(self.handoffs, self.agents, self.catalogue))
        object.__setattr__(self, "submissions", Submissions(self.cases, self.outbox))

    def ticket_rules(self, region: str) -> TicketRules:
        """The rules of tickets that hold there. Raises TicketRulesInvalid."""
        return ticket_rules(region, self.tickets_file)


SEALED_STORES = {
    "residents": Residents,
    "appointments": Appointments,
    "applications": Applications,
    "files": Files,
    "papers": Papers,
    "cases": Cases,
    "home_visits": HomeVisits,
    "proxies": Proxies,
}

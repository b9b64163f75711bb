"""What the actions need of the rest of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from knowledge.catalogue import Catalogue
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators that the application gives to the actions. `clock` tells the time, aware, in UTC."""

    database: Database
    catalogue: Catalogue
    clock: Callable[[], datetime]

"""Authorisations: asked for by Bangban, decided by the resident, over when they expire or are taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ulid import ULID

from connectors.sandbox.callbacks import Callbacks
from connectors.sandbox.people import Known, People, identity_json
from connectors.sandbox.refusing import Refused
from connectors.sandbox.store import Store

KIND = "authorisation"
TO_DECIDE = timedelta(minutes=30)
"""How long the resident has to open the page."""


class Authorisations:
    """What residents allow."""

    def __init__(self, store: Store, people: People, callbacks: Callbacks, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._people = people
        self._callbacks = callbacks
        self._clock = clock

    def start(self, request: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """A pending one."""
        id = str(ULID())
        now = self._clock()
        kept = {
            "id": id,
            "url": f"{origin}/authorise/{id}",
            "code": self._free_code(),
            "state": "pending",
            "purpose": request["purpose"],
            "scope": request["scope"],
            "reference": request.get("reference", ""),
            "minutes": request.get("minutes", 60),
            "expires_at": (now + TO_DECIDE).isoformat(),
            "id_number": None,
            "clerk": request.get("clerk"),
        }
        self._store.put(KIND, id, kept)
        return self._shown(kept)

    def at_window(self, request: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """A granted one: the clerk has the ID card in hand. Raises Refused (person_unknown)."""
        known = self._people.find(request["identity"]["id_number"], request["identity"]["name"])
        if known is None:
            raise Refused("person_unknown")
        started = self.start(request, origin)
        return self.grant(started["id"], known.person.id_number, tell=False)

    def read(self, id: str) -> dict[str, Any]:
        """How it stands. Raises Refused (authorisation_unknown)."""
        return self._shown(self._found(id))

    def minutes(self, id: str) -> int:
        """How long it holds once granted. Raises Refused (authorisation_unknown)."""
        return int(self._found(id)["minutes"])

    def by_code(self, code: str) -> dict[str, Any] | None:
        """The pending one of that code."""
        found = [self._now(each) for each in self._store.where(KIND, "code", code)]
        return next((each for each in found if each["state"] == "pending"), None)

    def grant(self, id: str, id_number: str, *, tell: bool = True) -> dict[str, Any]:
        """The resident of that number agrees. Raises Refused (person_unknown, authorisation_ended)."""
        if self._people.find(id_number) is None:
            raise Refused("person_unknown")
        kept = self._pending(id)
        until = self._clock() + timedelta(minutes=kept["minutes"])
        return self._change({**kept, "state": "granted", "id_number": id_number, "expires_at": until.isoformat()}, tell)

    def refuse(self, id: str) -> dict[str, Any]:
        """The resident doesn't agree. Raises Refused (authorisation_ended)."""
        return self._change({**self._pending(id), "state": "refused"}, True)

    def revoke(self, id: str, *, tell: bool = False) -> None:
        """It ends; one that has ended stays as it is. `tell`: the platform's page did it, so it is called back."""
        kept = self._found(id)
        if kept["state"] in ("pending", "granted"):
            self._change({**kept, "state": "revoked"}, tell)

    def holder(self, id: str, scope: str | None = None) -> Known:
        """Who granted it. Raises Refused (authorisation_missing, authorisation_ended)."""
        kept = self._found(id)
        if kept["state"] in ("refused", "expired", "revoked"):
            raise Refused("authorisation_ended")
        if kept["state"] == "pending" or (scope and scope not in kept["scope"]):
            raise Refused("authorisation_missing")
        return self._known(kept)

    def was_granted(self, id: str) -> Known:
        """Who granted it, also if it has expired since: what waited in an outbox still counts. Raises Refused."""
        kept = self._store.get(KIND, id)
        if kept is None or (kept["state"] == "pending" and not kept["id_number"]):
            raise Refused("authorisation_missing")
        if kept["state"] in ("refused", "revoked"):
            raise Refused("authorisation_ended")
        return self._known(kept)

    def _known(self, kept: Mapping[str, Any]) -> Known:
        known = self._people.find(kept["id_number"])
        if known is None:
            raise Refused("person_unknown")
        return known

    def _found(self, id: str) -> dict[str, Any]:
        kept = self._store.get(KIND, id)
        if kept is None:
            raise Refused("authorisation_unknown")
        return self._now(kept)

    def _now(self, kept: dict[str, Any]) -> dict[str, Any]:
        over = datetime.fromisoformat(kept["expires_at"]) <= self._clock()
        return {**kept, "state": "expired"} if over and kept["state"] in ("pending", "granted") else kept

    def _pending(self, id: str) -> dict[str, Any]:
        kept = self._found(id)
        if kept["state"] != "pending":
            raise Refused("authorisation_ended")
        return kept

    def _change(self, kept: dict[str, Any], tell: bool) -> dict[str, Any]:
        with self._store.changing():
            self._store.put(KIND, kept["id"], kept)
            if tell:
                self._callbacks.put(
                    {
                        "type": "authorisation_changed",
                        "id": str(ULID()),
                        "authorisation": kept["id"],
                        "reference": kept["reference"],
                        "state": kept["state"],
                        "at": self._clock().isoformat(),
                    }
                )
        return self._shown(kept)

    def _shown(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        tells = kept["state"] == "granted" and "identity" in kept["scope"]
        identity = identity_json(self._known(kept).person) if tells else None
        names = ("id", "url", "code", "state", "purpose", "scope", "reference", "expires_at")
        return {**{name: kept[name] for name in names}, "identity": identity}

    def _free_code(self) -> str:
        while True:
            code = f"{secrets.randbelow(1_000_000):06d}"
            if self.by_code(code) is None:
                return code

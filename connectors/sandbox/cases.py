"""Cases (办件): handed in by Bangban, decided by the platform's clerk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from connectors.sandbox.authorisations import Authorisations
from connectors.sandbox.callbacks import Callbacks
from connectors.sandbox.case_record import (
    CHINA,
    changed,
    decided_by,
    leading,
    matters_of,
    open_case,
    receipt,
    with_event,
)
from connectors.sandbox.matters import matters, required_fields
from connectors.sandbox.refusing import Refused
from connectors.sandbox.store import Store

KIND = "case"


class Cases:
    """All cases, and what may be done with them."""

    def __init__(
        self, store: Store, authorisations: Authorisations, callbacks: Callbacks, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._authorisations = authorisations
        self._callbacks = callbacks
        self._clock = clock

    def submit(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A new case; the receipt. Raises Refused."""
        self._check(request)
        with self._store.changing():
            number = self._next_number(request["region"])
            case = {
                "authorisation": None,
                "proxy": None,
                **request,
                "number": number,
                "id_number": request["applicant"]["id_number"],
                "state": "received",
                "sequence": 0,
                "due_on": None,
                "result": False,
                "supplements": [],
                "history": [],
            }
            return receipt(self._happens(case, "received", "已收到申请"))

    def supplement(self, number: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """What was asked for, or a correction; the receipt. Raises Refused (case_closed, file_unknown …)."""
        case = self.find(number)
        open_case(case)
        self._check_materials(request["materials"])
        accepted = any(each["state"] == "accepted" for each in case["history"])
        values = {**case["values"], **request["values"]}
        case = {**case, "values": values, "supplements": [*case["supplements"], request], "due_on": None}
        if accepted:
            case["due_on"] = decided_by(leading(case), self.today()).isoformat()
        asked = case["state"] == "supplement"
        text = "已收到补正材料，接着办" if asked else "已收到更正的内容"
        return receipt(self._happens(case, "accepted" if accepted else "received", text))

    def withdraw(self, number: str, reason: str) -> dict[str, Any]:
        """The applicant takes it back; the receipt. Raises Refused (case_closed)."""
        case = self.find(number)
        open_case(case)
        return receipt(self._happens({**case, "due_on": None}, "withdrawn", f"申请人撤回：{reason}"))

    def accept(self, number: str, text: str = "") -> dict[str, Any]:
        """The clerk accepts it (受理). Raises Refused (case_closed)."""
        case = self.find(number)
        open_case(case)
        due = decided_by(leading(case), self.today())
        return self._happens(case, "accepted", text or "材料齐全，已受理", due_on=due)

    def ask(self, number: str, materials: Sequence[str], due_on: date, text: str = "") -> dict[str, Any]:
        """The clerk asks for a supplement (补正) by that day. Raises Refused (case_closed)."""
        case = self.find(number)
        open_case(case)
        said = text or f"请补正：{'、'.join(materials)}"
        return self._happens(case, "supplement", said, materials, due_on)

    def approve(self, number: str, text: str = "", result: bool = True) -> dict[str, Any]:
        """The clerk approves it. `result`: whether there is a document. Raises Refused (case_closed)."""
        case = self.find(number)
        open_case(case)
        return self._happens({**case, "result": result, "due_on": None}, "approved", text or "审批通过，已办结")

    def refuse(self, number: str, reason: str) -> dict[str, Any]:
        """The clerk refuses it. Raises Refused (case_closed)."""
        case = self.find(number)
        open_case(case)
        return self._happens({**case, "due_on": None}, "refused", reason)

    def find(self, number: str) -> dict[str, Any]:
        """A case with all that was handed in. Raises Refused (case_unknown)."""
        case = self._store.get(KIND, number)
        if case is None:
            raise Refused("case_unknown")
        return case

    def all(self) -> list[dict[str, Any]]:
        """All, the newest first."""
        return sorted(self._store.all(KIND), key=lambda case: case["history"][0]["at"], reverse=True)

    def of(self, id_number: str) -> list[dict[str, Any]]:
        """Those of an applicant, the newest first."""
        return [case for case in self.all() if case["id_number"] == id_number]

    def put_file(self, sha256: str, media_type: str, content: bytes) -> None:
        """Keep a file for a case."""
        self._store.rows("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", sha256, media_type, content)

    def file(self, sha256: str) -> tuple[str, bytes]:
        """Its media type and content. Raises Refused (not_found)."""
        found = self._store.rows("SELECT media_type, content FROM file WHERE sha256 = ?", sha256)
        if not found:
            raise Refused("not_found")
        return found[0][0], found[0][1]

    def _happens(
        self,
        case: Mapping[str, Any],
        state: str,
        text: str,
        materials: Sequence[str] = (),
        due_on: date | None = None,
    ) -> dict[str, Any]:
        case = with_event(case, state, self._clock(), text, materials, due_on)
        with self._store.changing():
            self._store.put(KIND, case["number"], case)
            self._callbacks.put(changed(case))
        return case

    def _check(self, request: Mapping[str, Any]) -> None:
        known = [each["number"] for each in self._store.where(KIND, "reference", request["reference"])]
        if known:
            raise Refused("reference_known", number=known[0])
        self._check_matters(request)
        self._check_applicant(request)
        self._check_materials(request["materials"])

    def _check_matters(self, request: Mapping[str, Any]) -> None:
        for matter in matters_of(request):
            if matter["code"] not in matters():
                raise Refused("matter_unknown", matter["code"])
        # a bundle's merged form has one key for what its matters call differently
        wanted = () if request["bundle"] else required_fields(leading(request))
        missing = [key for key in wanted if request["values"].get(key) in (None, "")]
        if missing:
            raise Refused("wrong_case", "缺 " + "、".join(missing[:10]), fields=missing)

    def _check_applicant(self, request: Mapping[str, Any]) -> None:
        if not request.get("authorisation"):
            return
        holder = self._authorisations.was_granted(request["authorisation"])
        member = holder.seed.household.person(request["applicant"]["id_number"])
        if member is None or member.name != request["applicant"]["name"]:
            raise Refused("wrong_case", "申请人不是授权的人，也不是同一户的人", fields=["applicant"])

    def _check_materials(self, materials: Iterable[Mapping[str, Any]]) -> None:
        for material in materials:
            needed = {"file": "files", "licence": "licence", "later": "due_on"}.get(material["state"])
            if needed and not material.get(needed):
                raise Refused("wrong_case", f"{material['name']} 缺 {needed}", fields=[material["name"]])
            for sha256 in material.get("files", ()):
                if not self._store.rows("SELECT 1 FROM file WHERE sha256 = ?", sha256):
                    raise Refused("file_unknown", material["name"], fields=[material["name"]])

    def _next_number(self, region: str) -> str:
        known = self._store.rows("SELECT count(*) FROM document WHERE kind = ?", KIND)[0][0]
        return f"{region[:6]}{self.today():%Y%m%d}{known + 1:05d}"

    def today(self) -> date:
        """The day in China."""
        return self._clock().astimezone(CHINA).date()

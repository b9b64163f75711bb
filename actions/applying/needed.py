"""Which papers an application still needs: what the matters want, less what a licence or the platform has already."""

from __future__ import annotations

from actions.applying.draft import Draft
from actions.words import read
from knowledge.forms.known import names_of
from knowledge.merging import merged_requirements
from knowledge.requirements import Held, Requirement, requirements

PUT_OFF = frozenset({"later", "window"})
"""A paper that follows later, or is brought to the window."""

SETTLED = frozenset({"window", "none"})
"""A paper that is not asked for any more: it is brought to the window, or the resident's case is not one for it."""


def requirements_of(draft: Draft) -> list[Requirement]:
    """Every paper of the matters, and how it stands."""
    held = held_of(draft)
    return merged_requirements(draft.matters, held) if draft.bundle else requirements(draft.matter, held)


def held_of(draft: Draft) -> Held:
    """What there is by now: facts, licences, photos, promises."""
    papers = draft.application.papers
    return Held(
        known={**names_of(draft.known()), **draft.plain_values},
        licences=draft.licences,
        given=[name for name, kept in papers.items() if kept["state"] == "given"],
        later=[name for name, kept in papers.items() if kept["state"] in PUT_OFF],
        promised=[name for name, kept in papers.items() if kept["state"] == "promised"],
        bundle=[each.code for each in draft.matters],
        stages=draft.stages,
    )


def said_name(requirement: Requirement) -> str:
    """The material's name without the catalogue's notes to itself: 结婚证(可承诺)."""
    name = requirement.material.name
    for note in read("applying")["unsaid"]:
        name = name.replace(note, "")
    return name


def state_of(draft: Draft, requirement: Requirement) -> str:
    """How the paper stands, as people are told: `window` too, of one that is brought there."""
    kept = draft.application.papers.get(requirement.material.name) or {}
    return "window" if kept.get("state") == "window" else requirement.state


def needed(draft: Draft) -> list[Requirement]:
    """Those that have to be asked for: missing, or of which a side is missing."""
    partly = draft.note("partly") or ()
    shown = [name for name, kept in draft.application.papers.items() if kept["state"] in SETTLED]
    open_ones = (each for each in requirements_of(draft) if each.open or each.material.name in partly)
    return [each for each in open_ones if each.material.name not in shown]

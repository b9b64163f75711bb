"""Who is what to whom in a household: the file only says what each is to its head (户口簿: 妻, 子, 儿媳, 孙女 …).

Only what leaves no doubt is said: of two sons' wives neither is told to be the wife of one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from knowledge.forms.value import words
from knowledge.household import Household, Person


def relatives(household: Household, person: Person) -> dict[str, Person]:
    """The person's spouse, father and mother in the household, as far as that is sure."""
    found: dict[str, Person] = {}
    for name, kinds in RELATIVES.get(kind_of(person.relation), {}).items():
        those = [each for each in household.members if kind_of(each.relation) in kinds and _fits(name, person, each)]
        if len(those) == 1 and (name != "spouse" or not _has_rival(household, person)):
            found[name] = those[0]
    return found


def between(household: Household, person: Person, other: Person) -> str | None:
    """What `other` is to `person`, in one word (子女, 配偶, 父母, 孙子女 …); None when the file does not tell."""
    mine, theirs = kind_of(person.relation), kind_of(other.relation)
    if person.id_number in (other.id_number, "") or other not in household.members:
        return None
    return BETWEEN.get((mine, theirs))


@cache
def _kinds() -> Mapping[str, str]:
    return {word: kind for kind, spellings in words()["relations"].items() for word in spellings}


def kind_of(relation: str) -> str:
    """head, spouse, child, child_in_law, parent, parent_in_law, grandchild, sibling; "" for any other word."""
    return _kinds().get(relation, "")


def _fits(name: str, person: Person, other: Person) -> bool:
    expected = {"father": "男", "mother": "女", "spouse": "女" if person.gender == "男" else "男"}
    return other.gender == expected[name]


def _has_rival(household: Household, person: Person) -> bool:
    """Whether another member stands as they do: with two sons, whose wife the daughter-in-law is is not written."""
    mine = kind_of(person.relation), person.gender
    return sum((kind_of(each.relation), each.gender) == mine for each in household.members) > 1


RELATIVES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "head": {"spouse": ("spouse",), "father": ("parent",), "mother": ("parent",)},
    "spouse": {"spouse": ("head",), "father": ("parent_in_law",), "mother": ("parent_in_law",)},
    "child": {"spouse": ("child_in_law",), "father": ("head", "spouse"), "mother": ("head", "spouse")},
    "child_in_law": {"spouse": ("child",)},
    "grandchild": {"father": ("child", "child_in_law"), "mother": ("child", "child_in_law")},
}
"""What somebody is to the head → their relative → what that one is to the head."""

BETWEEN: Mapping[tuple[str, str], str] = {
    ("head", "spouse"): "配偶",
    ("head", "child"): "子女",
    ("head", "child_in_law"): "儿媳或女婿",
    ("head", "parent"): "父母",
    ("head", "grandchild"): "孙子女",
    ("head", "sibling"): "兄弟姐妹",
    ("spouse", "head"): "配偶",
    ("spouse", "child"): "子女",
    ("spouse", "child_in_law"): "儿媳或女婿",
    ("spouse", "grandchild"): "孙子女",
    ("parent", "head"): "子女",
    ("parent", "spouse"): "儿媳或女婿",
    ("parent", "child"): "孙子女",
    ("parent_in_law", "spouse"): "子女",
    ("parent_in_law", "head"): "儿媳或女婿",
    ("child", "head"): "父母",
    ("child", "spouse"): "父母",
    ("child_in_law", "head"): "公婆或岳父母",
    ("child_in_law", "spouse"): "公婆或岳父母",
    ("grandchild", "head"): "祖父母",
    ("grandchild", "spouse"): "祖父母",
    ("sibling", "head"): "兄弟姐妹",
}
"""(what the one is to the head, what the other is) → what the other is to the one."""

"""The flat XML of callbacks: read without DTDs or entities, written without letting words break out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

MOST_ELEMENTS = 200
SEVERAL = "List"


class XmlBroken(Exception):
    """It is no XML that a callback can have: not well formed, a DTD, an entity, too many elements."""


def read(body: bytes) -> dict[str, Any]:
    """The elements below the root: their text, or for those that hold others a dict. Of equal ones the first counts;
    only `List`s, which hold others and stand several times on purpose, are a list of them.

    Raises XmlBroken.
    """
    try:
        root = fromstring(body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        raise XmlBroken(type(error).__name__) from error
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise XmlBroken("too many elements")
    return _children(root, 0)


def write(values: Mapping[str, Any]) -> bytes:
    """`<xml>` with these: numbers bare, texts as CDATA, mappings and lists of `item`s nested."""
    return f"<xml>{_written(values)}</xml>".encode()


def _children(element: Element, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        nested = len(child) and depth < 3
        value = _children(child, depth + 1) if nested else (child.text or "").strip()
        if nested and child.tag == SEVERAL and isinstance(several := found.setdefault(SEVERAL, []), list):
            several.append(value)
        else:
            found.setdefault(child.tag, value)
    return found


def _written(values: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _written(value)
    if isinstance(value, list):
        return "".join(f"<item>{_written(each)}</item>" for each in value)
    if isinstance(value, int):
        return str(value)
    text = "".join(character for character in str(value) if character in "\t\n\r" or character >= " ")
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"

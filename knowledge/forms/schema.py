"""A form as JSON Schema (2020-12), and what is wrong with values, in words that a resident can act on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from knowledge.forms.form import Form, FormField
from knowledge.forms.formats import FORMATS
from knowledge.forms.value import words

DIALECT = "https://json-schema.org/draft/2020-12/schema"
JSON_TYPES = {"choice": "string", "date": "string", "list": "array"}
CHECKER = FormatChecker(formats=())
for _name, _is_valid in FORMATS.items():
    CHECKER.checks(_name)(_is_valid)


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with a field's value, or that there is none."""

    key: str
    label: str
    reason: str


def schema_of(form: Form, fields: tuple[FormField, ...] | None = None) -> dict[str, Any]:
    """The JSON Schema of a form's values by key. `fields`: those that apply; left out, all, and none is required
    that has a condition."""
    of = form.fields if fields is None else fields
    required = [each.key for each in of if each.required and (fields is not None or not each.when)]
    properties = {each.key: field_schema(each) for each in of}
    return {"$schema": DIALECT, "title": form.name, **_object(properties, required)}


def field_schema(field: FormField) -> dict[str, Any]:
    """The JSON Schema of one field's value."""
    schema: dict[str, Any] = {"title": field.label, "type": JSON_TYPES.get(field.type, field.type), **field.rule}
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.format:
        schema["format"] = field.format
    if field.type == "list":
        required = [each.key for each in field.items if each.required]
        schema["items"] = _object({each.key: field_schema(each) for each in field.items}, required)
    return schema


def _object(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def fits(field: FormField, value: Any) -> bool:
    """Whether the value may stand in the field."""
    return bool(_validator(field).is_valid(value))


def problem_with(field: FormField, value: Any) -> str | None:
    """Why the value can't stand in the field, in plain words; None when it can."""
    error = next(iter(_validator(field).iter_errors(value)), None)
    return None if error is None else reason_of(error, field)


def problems_of(form: Form, fields: list[FormField], values: Mapping[str, Any]) -> list[FormProblem]:
    """Everything that is wrong with the values of the fields that apply (`filling.active`), in the form's order."""
    return list(_problems(fields, values))


def _problems(fields: list[FormField], values: Mapping[str, Any]) -> Iterator[FormProblem]:
    for each in fields:
        reason = _reason(each, values)
        if reason is not None:
            yield FormProblem(each.key, each.label, reason)


def _reason(field: FormField, values: Mapping[str, Any]) -> str | None:
    if field.key in values:
        return problem_with(field, values[field.key])
    return str(words()["reasons"]["missing"]) if field.required else None


def reason_of(error: ValidationError, field: FormField) -> str:
    """A sentence for what the library found, by the keyword that was broken (`reasons` in words.yml)."""
    reasons: Mapping[str, str] = words()["reasons"]
    keyword = str(error.validator)
    name = f"{keyword}_{error.validator_value}" if keyword in ("format", "type") else keyword
    template = reasons.get(name) or reasons.get(keyword) or reasons["other"]
    return template.format(
        limit=error.validator_value, unit=field.unit, label=field.label, example=field.example, given=_given(error)
    )


def _given(error: ValidationError) -> str:
    return str(len(error.instance)) if isinstance(error.instance, str) else str(error.instance)


def _validator(field: FormField) -> Draft202012Validator:
    return _validator_of(json.dumps(field_schema(field), ensure_ascii=False))


@lru_cache(maxsize=2048)
def _validator_of(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema), format_checker=CHECKER)

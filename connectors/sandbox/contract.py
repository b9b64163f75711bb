"""Requests are held to `connectors/intake/openapi.yml`: what it doesn't allow is refused before it is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import orjson
import yaml
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

from connectors.sandbox.refusing import Refused, wrong_fields

METHODS = ("get", "post", "put", "delete")
LARGEST_JSON = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request: in the path, the query or a header."""

    name: str
    place: str
    required: bool
    whole_number: bool
    schema: Validator


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `body`: what JSON must be; `kinds`: the media types that are taken."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Validator | None
    kinds: frozenset[str]

    @property
    def creates(self) -> bool:
        """Whether an Idempotency-Key belongs to it."""
        return any(parameter.name == "Idempotency-Key" for parameter in self.parameters)


FORMATS = FormatChecker(formats=("date",))
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@FORMATS.checks("date", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_day(value: object) -> bool:
    # date.fromisoformat also reads 20261201 and 2026-W49-2
    return not isinstance(value, str) or bool(DAY.fullmatch(value) and date.fromisoformat(value))


@FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return "T" in value.upper() and datetime.fromisoformat(value.upper()).tzinfo is not None


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description."""
    loaded: dict[str, Any] = yaml.safe_load(
        resources.files("connectors.intake").joinpath("openapi.yml").read_text("utf-8")
    )
    return loaded


@cache
def operations() -> tuple[Operation, ...]:
    """All that can be asked."""
    return tuple(
        _operation(method, path, item)
        for path, item in description()["paths"].items()
        for method in METHODS
        if method in item
    )


def validator(schema: Mapping[str, Any]) -> Validator:
    """A validator of a schema of the description; references lead into it."""
    whole = {**schema, "components": description()["components"]}
    return Draft202012Validator(whole, format_checker=FORMATS)


def named(schema: str) -> Validator:
    """The validator of one of the named schemas."""
    return validator({"$ref": f"#/components/schemas/{schema}"})


def read_parameters(operation: Operation, request: web.Request) -> dict[str, Any]:
    """The path's and the query's parameters by name, checked; numbers are numbers. Raises Refused."""
    places: dict[str, Mapping[str, str]] = {
        "path": request.match_info,
        "query": request.query,
        "header": request.headers,
    }
    unknown = set(request.query) - {each.name for each in operation.parameters if each.place == "query"}
    if unknown:
        raise wrong_fields((name, "没有这个参数") for name in sorted(unknown))
    return {
        parameter.name: _value(parameter, given[parameter.name])
        for parameter in operation.parameters
        if _is_given(parameter, given := places[parameter.place])
    }


async def read_body(operation: Operation, request: web.Request) -> Any:
    """The JSON of the body, checked, or the bytes of a file. Raises Refused."""
    if not operation.kinds:
        return None
    if request.content_type not in operation.kinds:
        raise Refused("kind_refused", request.content_type)
    content = await request.read()
    if operation.body is None:
        return content
    if len(content) > LARGEST_JSON:
        raise Refused("too_large")
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refused("bad_request", "不是完整的 JSON") from error
    problems = [(_place(error.absolute_path), error.message[:100]) for error in operation.body.iter_errors(body)]
    if problems:
        raise wrong_fields(problems)
    return body


def _operation(method: str, path: str, item: Mapping[str, Any]) -> Operation:
    described = item[method]
    content = described.get("requestBody", {}).get("content", {})
    json = content.get("application/json")
    return Operation(
        id=described["operationId"],
        method=method,
        path=path,
        parameters=tuple(map(_parameter, [*item.get("parameters", ()), *described.get("parameters", ())])),
        body=validator(json["schema"]) if json else None,
        kinds=frozenset(content),
    )


def _parameter(given: Mapping[str, Any]) -> Parameter:
    found = _resolved(given)
    schema = _resolved(found["schema"])
    required = found.get("required", False)
    return Parameter(found["name"], found["in"], required, schema["type"] == "integer", validator(schema))


def _resolved(given: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in given:
        return given
    found: Any = description()
    for part in given["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _is_given(parameter: Parameter, given: Mapping[str, str]) -> bool:
    if parameter.name in given:
        return True
    if parameter.required:
        raise wrong_fields([(parameter.name, "没有给")])
    return False


def _value(parameter: Parameter, text: str) -> Any:
    value = int(text) if parameter.whole_number and re.fullmatch(r"-?[0-9]{1,9}", text) else text
    wrong = next(parameter.schema.iter_errors(value), None)
    if wrong:
        raise wrong_fields([(parameter.name, wrong.message[:100])])
    return value


def _place(path: Iterator[Any] | Any) -> str:
    return ".".join(map(str, path)) or "body"

"""What is wrong with a form itself, so that an import refuses it and no resident meets it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from knowledge.expressions import ExpressionBroken, read_expression
from knowledge.forms.form import Form, FormField
from knowledge.forms.formats import FORMATS
from knowledge.forms.known import ROOTS
from knowledge.forms.schema import field_schema

TYPES = frozenset({"string", "choice", "date", "number", "integer", "boolean", "list"})


def faults_of(form: Form) -> list[str]:
    """Everything that is wrong with a form, each with the field's key; empty: nothing is."""
    keys = [field.key for field in form.fields]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return [f"{key}:有两个字段是这个字段名" for key in twice] + [
        f"{field.key}:{fault}" for field in form.fields for fault in _faults(field, keys)
    ]


def _faults(field: FormField, keys: Collection[str]) -> Iterator[str]:
    if not field.key.isidentifier() or field.key in ROOTS:
        yield "字段名只能用字母、数字和下划线,也不能用取值来源的名字"
    if field.type not in TYPES:
        yield f"没有“{field.type}”这个类型,可填:{'、'.join(sorted(TYPES))}"
    if (field.type == "choice") != bool(field.choices):
        yield "有选项的类型是 choice,choice 要有选项"
    if (field.type == "list") != bool(field.items):
        yield "有每一条的字段的类型是 list,list 要有每一条的字段"
    yield from _rule_faults(field)
    yield from _expression_faults(field, keys)
    for item in field.items:
        yield from (f"{item.key}:{fault}" for fault in _rule_faults(item))


def _rule_faults(field: FormField) -> Iterator[str]:
    if field.format and field.format not in FORMATS:
        yield f"没有“{field.format}”这个格式,可填:{'、'.join(sorted(FORMATS))}"
    try:
        Draft202012Validator.check_schema(field_schema(field))
    except SchemaError as error:
        yield f"填写规则有错:{error.message}"


def _expression_faults(field: FormField, keys: Collection[str]) -> Iterator[str]:
    for text in (*field.known_from, *([field.when] if field.when else [])):
        try:
            names = read_expression(text).names
        except ExpressionBroken as error:
            yield str(error)
            continue
        roots = {name.partition(".")[0] for name in names}
        allowed = set(keys) if text is field.when else {*keys, *ROOTS}
        for unknown in sorted(roots - allowed):
            yield f"“{text}”里的 {unknown} 不知道是什么"

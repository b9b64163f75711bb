"""The one language of conditions and computed values in the data: forms (`when`, `from`), rules of the pre-review.

Python's syntax for a single expression, evaluated by simpleeval: names with dots (`applicant.birth`,
`licence.残疾人证.级别`), `and or not in == < if else`, arithmetic (a decimal is exact), lists, `[x for x in xs if …]`,
and the functions of `knowledge.expression_functions`. What is not known stays not known: `False and ?` is False,
`True or ?` is True, anything else with it raises NotKnown. None and "" mean not known. `known(a)` asks for it,
`first(a, b, 'else')` is the first that is known.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import simpleeval

from knowledge.expression_functions import functions_on

ALLOWED = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Load, ast.Store),
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.cmpop, ast.IfExp),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.FloorDiv),
    *(ast.Call, ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.comprehension),
)
SPECIAL = frozenset({"known", "first"})
PARTS_OF_A_DAY = frozenset({"year", "month", "day"})
CANNOT_BE_COMPUTED = (TypeError, ArithmeticError, ValueError, IndexError, KeyError, simpleeval.InvalidExpression)


class ExpressionBroken(ValueError):
    """The text is no expression of this language; the message says why."""


class NotKnown(LookupError):
    """What the expression needs is not known, or of another kind than it needs. The message names it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read and found sound. `names`: the dotted names it reads, such as `applicant.birth`."""

    text: str
    names: frozenset[str]
    calls: frozenset[str]
    tree: ast.Expr = field(repr=False, compare=False)

    def value(self, known: Mapping[str, Any]) -> Any:
        """Its value. `known`: values and mappings by name; `today` (a date) is needed for ages. Raises NotKnown."""
        if self.text in self.names:  # a bare path, as most are: thirty times quicker without an evaluator
            return _at(self.text, known)
        try:
            return _Evaluation(known).eval(self.text, self.tree)
        except CANNOT_BE_COMPUTED as error:
            raise NotKnown(f"{self.text}: {type(error).__name__}") from error

    def holds(self, known: Mapping[str, Any]) -> bool | None:
        """Whether it is true; None when that is not known."""
        try:
            return bool(self.value(known))
        except NotKnown:
            return None


@lru_cache(maxsize=4096)
def read_expression(text: str) -> Expression:
    """Read an expression. Raises ExpressionBroken."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionBroken(f"“{text}”写得不对:{error}") from error
    nodes = list(ast.walk(tree))
    calls = frozenset(_called(node, text) for node in nodes if isinstance(node, ast.Call))
    for node in nodes:
        _check(node, text)
    return Expression(text, _names(tree.body), calls, ast.Expr(tree.body))


def _check(node: ast.AST, text: str) -> None:
    if not isinstance(node, ALLOWED):
        raise ExpressionBroken(f"“{text}”里不能用 {type(node).__name__}")
    if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
        raise ExpressionBroken(f"“{text}”里不能用 {node.attr}")


def _called(node: ast.Call, text: str) -> str:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in SPECIAL | functions_on(None).keys() or node.keywords:
        raise ExpressionBroken(f"“{text}”里没有 {name} 这个算法")
    return name


def _names(node: ast.AST, bound: frozenset[str] = frozenset()) -> frozenset[str]:
    """The dotted names that are read from outside, without functions and the variables of comprehensions."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        name, root = ast.unparse(node), node
        while isinstance(root, ast.Attribute):
            root = cast(ast.Attribute, root.value)
        if isinstance(root, ast.Name):
            return frozenset() if root.id in bound else frozenset({name})
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        targets = (name for each in node.generators for name in ast.walk(each.target) if isinstance(name, ast.Name))
        bound = bound | {name.id for name in targets}
    inner = node.args if isinstance(node, ast.Call) else list(ast.iter_child_nodes(node))
    return frozenset().union(*(_names(child, bound) for child in inner))


class _Evaluation(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]
    """simpleeval over mappings, with exact decimals and with what is not known."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        operators = simpleeval.DEFAULT_OPERATORS | {ast.Div: _divided, ast.Add: _added}
        super().__init__(operators, functions_on(known.get("today")), known)

    def _check_disallowed_items(self, item: Any) -> None:
        """Nothing: only plain values are reached, and simpleeval would walk through a whole household at each step."""

    def _eval_name(self, node: ast.Name) -> Any:
        return _of(self.names.get(node.id), node)

    def _eval_attribute(self, node: ast.Attribute) -> Any:
        return _of(_part(self._eval(node.value), node.attr), node)

    def _eval_subscript(self, node: ast.Subscript) -> Any:
        return _of(super()._eval_subscript(node), node)

    @staticmethod
    def _eval_constant(node: ast.Constant) -> Any:
        return _exact(node.value)

    _eval_num = _eval_constant

    def _eval_boolop(self, node: ast.BoolOp) -> bool:
        """`and` and `or` of which one side may not be known."""
        decisive, unknown = isinstance(node.op, ast.Or), None
        for value in node.values:
            try:
                if bool(self._eval(value)) is decisive:
                    return decisive
            except NotKnown as error:
                unknown = error
        if unknown is not None:
            raise unknown
        return not decisive

    def _eval_call(self, node: ast.Call) -> Any:
        if cast(ast.Name, node.func).id not in SPECIAL:
            return super()._eval_call(node)
        found = [value for value in map(self._if_known, node.args) if value is not None]
        if cast(ast.Name, node.func).id == "known":
            return len(found) == len(node.args)
        return found[0] if found else _of(None, node)

    def _if_known(self, node: ast.AST) -> Any:
        try:
            return self._eval(node)
        except NotKnown:
            return None


def _at(path: str, known: Mapping[str, Any]) -> Any:
    """The value at a path of names. Raises NotKnown."""
    value: Any = known
    for name in path.split("."):
        value = _part(value, name)
        if value is None or value == "":
            raise NotKnown(path)
    return _exact(value)


def _part(owner: Any, name: str) -> Any:
    """What a mapping, a day or a dataclass has under that name; None when it has nothing."""
    if isinstance(owner, Mapping):
        return owner.get(name)
    readable = PARTS_OF_A_DAY if isinstance(owner, date) else _field_names(owner)
    return getattr(owner, name) if name in readable else None


def _of(value: Any, node: ast.AST) -> Any:
    if value is None or value == "":
        raise NotKnown(ast.unparse(node))
    return _exact(value)


def _exact(value: Any) -> Any:
    """A float as the decimal that is written: 0.1 + 0.2 == 0.3."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def _divided(one: Any, other: Any) -> Decimal:
    return Decimal(one) / Decimal(other)


def _added(one: Any, other: Any) -> Any:
    """Numbers are added, texts are joined; a number beside a text is joined as a text."""
    if isinstance(one, str) != isinstance(other, str):
        return f"{one}{other}"
    return operator.add(one, other)


def _field_names(value: Any) -> frozenset[str]:
    return frozenset(each.name for each in fields(value)) if is_dataclass(value) else frozenset()

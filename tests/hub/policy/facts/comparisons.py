"""Finds where a module compares a value by its name, in any form: a column in an expression of SQLAlchemy, a field or key of
a record in plain Python, a test for null, a truth value, the later or earlier of two, or a condition in SQL text."""

import ast
import re
from collections.abc import Collection, Iterator

METHODS = {
    "is_", "is_not", "isnot", "in_", "not_in", "notin_", "between", "is_distinct_from", "is_not_distinct_from", "op",
    "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__",
}  # fmt: skip
"""The methods by which an expression of SQLAlchemy is compared."""
CHOOSES = {"least", "greatest", "nullif", "min", "max"}
"""Functions that compare their arguments, if there are several."""
COMPARING = r"(?:is|not|in|between|[<>=!]+)"


def comparisons(
    tree: ast.AST, names: Collection[str], alone: Collection[str] = ()
) -> Iterator[tuple[str, int, str]]:
    """The comparisons of values with one of some names: the function, the line and the name. `alone`: the names that also
    count as variables, not only as columns, fields and keys."""
    yield from _within(tree, "", names, alone)


def _within(
    node: ast.AST, function: str, names: Collection[str], alone: Collection[str]
) -> Iterator[tuple[str, int, str]]:
    for operand in _operands(node):
        yield from ((function, line, name) for line, name in _named(operand, names, alone))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _within(child, inner, names, alone)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from ((function, node.lineno, name) for name in names if in_sql(node.value, name))


def in_sql(text: str, name: str) -> bool:
    """Whether SQL text compares a column."""
    return bool(
        re.search(rf"\b{name}\b(?:::\w+|\s*[-+]\s*\w+)?\s*{COMPARING}(?=\W)", text)
        or re.search(rf"(?:[<>=]|\bbetween)\s*(?:\w+\.)?{name}\b", text)
    )


def compares_a_word(node: ast.AST, enums: Collection[str]) -> bool:
    """Whether a node compares something with a member of some enums: `status is AidStatus.REVOKED`, or a tuple of them."""
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
    return (method or isinstance(node, ast.Compare)) and any(
        isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in enums
        for part in ast.walk(node)
    )


def _operands(node: ast.AST) -> list[ast.expr]:
    """The values that a node compares."""
    match node:
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Call(func=ast.Attribute(value, method)) if method in METHODS:
            return [value]
        case ast.Call(func=ast.Attribute(_, name) | ast.Name(name), args=args) if (
            name in CHOOSES and len(args) > 1
        ):
            return args
        case ast.BoolOp(op=ast.And()):
            return [value for value in node.values if _is_value(value)]
        case ast.UnaryOp(op=ast.Not()):
            return [node.operand] if _is_value(node.operand) else []
        case ast.If() | ast.IfExp() | ast.While():
            return [node.test] if _is_value(node.test) else []
        case ast.comprehension():
            return [test for test in node.ifs if _is_value(test)]
    return []


def _is_value(node: ast.expr) -> bool:
    """Whether a truth value is a field, key or variable itself."""
    return isinstance(node, ast.Attribute | ast.Subscript | ast.Name)


def _named(node: ast.expr, names: Collection[str], alone: Collection[str]) -> Iterator[tuple[int, str]]:
    """The names from which an operand is computed, by arithmetic, a default, a conversion or a function of SQL."""
    match node:
        case ast.Attribute(_, name) | ast.Subscript(slice=ast.Constant(str(name))) if name in names:
            yield node.lineno, name
        case ast.Call(func=ast.Attribute(_, "get"), args=[ast.Constant(str(name)), *_]) if name in names:
            yield node.lineno, name
        case ast.Name(name) if name in alone:
            yield node.lineno, name
        case (
            ast.BinOp()
            | ast.UnaryOp()
            | ast.BoolOp()
            | ast.Tuple()
            | ast.List()
            | ast.NamedExpr()
            | ast.IfExp()
        ):
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.expr):
                    yield from _named(part, names, alone)
        case ast.Call(func=ast.Attribute(value, _), args=args):
            of_sql = isinstance(value, ast.Name | ast.Attribute) and ast.unparse(value) in (
                "sa",
                "sa.func",
                "func",
            )
            for part in args if of_sql else [value]:
                yield from _named(part, names, alone)

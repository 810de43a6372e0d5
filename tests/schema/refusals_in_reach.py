"""The errors that a mutation can return, found in the code: the classes that its command names, and the classes that
everything it calls names.

The search follows the names in a function's body and its closure, the methods of a class and of its bases, and the class and
attributes of an object. It leaves out code outside the project, and the engine, which is the same for every mutation. It
finds too much rather than too little: a code for one caller of a function is found for all callers.
"""

import functools
from collections.abc import Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType, MappingProxyType, MethodType
from typing import Any

from hub.commands.context import CommandContext
from hub.foundation.errors import HubError
from schema.engine.declare.field_sources import Write
from schema.hub_schema import build

_OURS = ("hub.", "schema.")
_LEFT = ("hub.model.", "schema.engine.", "schema.user_errors")
"""Tables, which hold data only; the engine; and the code that makes a payload's errors, which names some error classes."""
_METHODS = (FunctionType, classmethod, staticmethod, property, functools.cached_property)


@cache
def codes_in_reach() -> Mapping[str, frozenset[str]]:
    """The codes of the errors that a mutation's command can raise or return for an item, by the mutation's name."""
    built = build()
    mutations: Any = built.graphql.mutation_type
    writes = {name: built.guards.reads[f"Mutation.{name}"] for name in mutations.fields}
    return {name: frozenset(_codes(write.run)) for name, write in writes.items() if isinstance(write, Write)}


def _codes(start: object) -> Iterator[str]:
    seen: set[int] = set()
    waiting: list[object] = [start, CommandContext]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, type) and issubclass(one, HubError):
            if one is not HubError:
                yield one.code
        else:
            waiting += _named_by(one)


def _named_by(one: object) -> list[object]:
    """The objects to which an object can lead."""
    match one:
        case dict() | MappingProxyType():
            return [*one.keys(), *one.values()]
        case list() | tuple() | set() | frozenset():
            return list(one)
        case functools.partial():
            return [one.func, one.args, one.keywords]
        case classmethod() | staticmethod() | MethodType():
            return [one.__func__, getattr(one, "__self__", None)]
        case property():
            return [one.fget]
        case functools.cached_property():
            return [one.func]
        case FunctionType():
            return _of_function(one)
        case type():
            return _of_class(one)
        case _ if _is_ours(type(one)):
            return [type(one), *getattr(one, "__dict__", {}).values()]
        case _:
            return []


def _of_function(one: FunctionType) -> list[object]:
    if not one.__module__.startswith(_OURS):
        return []
    found = [one.__globals__[name] for name in _names(one.__code__) if name in one.__globals__]
    closed_over = [cell.cell_contents for cell in one.__closure__ or ()]
    return [*found, *closed_over, getattr(one, "__wrapped__", None)]


def _of_class(one: type) -> list[object]:
    if not _is_ours(one):
        return []
    ours = [base for base in one.__mro__ if base.__module__.startswith(_OURS)]
    return [value for base in ours for value in vars(base).values() if isinstance(value, _METHODS)]


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith(_OURS) and not kind.__module__.startswith(_LEFT)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)

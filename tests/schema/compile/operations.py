"""Operations in the form that the passes of the compiler take."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql.execution.values import get_variable_values

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from schema.engine.compile.authorize import AuthorizedOperation, authorize
from schema.engine.compile.collect import Collector, SelectedField, walk
from schema.engine.execute.documents import Documents
from schema.hub_schema import build


def collected(query: str, variables: Mapping[str, Any] | None = None) -> tuple[SelectedField, ...]:
    """The selection of an operation; fails the test if the document is not valid."""
    document = Documents(build().graphql).read(query)
    operation = document.operation(None)
    values = get_variable_values(build().graphql, operation.variable_definitions or (), dict(variables or {}))
    assert not isinstance(values, list), values
    return Collector(build().graphql, document.fragments, values).collect(operation)


def coordinates(fields: Iterable[SelectedField]) -> set[str]:
    """Every coordinate of the selection."""
    return {field.coordinate for field in walk(fields)}


def grant_of(department: str, *, without: Iterable[Scope] = ()) -> Grant:
    """A department's whole grant at the city, without some scopes."""
    scopes = DEPARTMENTS[department].scopes - frozenset(without)
    return Grant(f"{department}@4101", "test", scopes, ("4101",), DEPARTMENTS[department].purposes[0])


def planned(query: str, grant: Grant, variables: Mapping[str, Any] | None = None) -> AuthorizedOperation:
    """An operation, authorized for a grant."""
    return authorize(build().graphql, build().guards, collected(query, variables), grant)

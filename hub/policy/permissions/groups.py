"""The lines of the table of field scopes that cover whole groups of columns.

The model states the group of a column (`guarded_column`), and the grammar of scopes gives the scope of the group:
`person.health:read` opens the group `health` of a person. So a new column of a group needs no line. No column is open by
omission: a column without a group has no scopes here, and a group without a scope stops the start.
"""

from collections import defaultdict
from collections.abc import Mapping

from sqlmodel import SQLModel

from auth.grant import ScopeSets
from auth.scopes import Scope
from hub.foundation.database import GROUP, table_of
from hub.foundation.errors import camel
from hub.policy.permissions.scope_sets import needs


class UnknownGroup(Exception):
    """A column belongs to a group that no scope opens; give the group a scope in auth/scopes.py."""


def groups_of(resource: str, row: type[SQLModel]) -> Mapping[str, ScopeSets]:
    """The lines for the groups of a table's columns, each with the scope that opens the group of the resource; raises
    UnknownGroup."""
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for column in table_of(row).columns:
        if group := column.info.get(GROUP):
            columns[group].append(camel(column.name))
    return {" ".join(names): needs(_opening(resource, group)) for group, names in columns.items()}


def _opening(resource: str, group: str) -> Scope:
    try:
        return Scope[f"{resource}_{group}_READ".upper()]
    except KeyError as error:
        raise UnknownGroup(f"{resource}.{group}") from error

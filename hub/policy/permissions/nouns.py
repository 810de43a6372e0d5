"""A noun of the table of field scopes."""

from collections.abc import Mapping
from dataclasses import dataclass

from auth.grant import ScopeSets
from auth.scopes import Scope


class UndeclaredField(Exception):
    """A field has no scopes; give it a line in hub/policy/permissions/field_scopes.py before anything reads it."""


class DuplicateField(Exception):
    """A field has two lines in the table of field scopes; the message names it."""


@dataclass(frozen=True, slots=True)
class Noun:
    """The scopes of a noun. `base` opens the existence of a record; `fields` has the scopes of each field, by its name in the
    schema."""

    base: ScopeSets
    fields: Mapping[str, ScopeSets]

    def __getitem__(self, field: str) -> ScopeSets:
        """The scopes that open a field; raises KeyError if it has no line."""
        return self.fields[field]

    def only(self, field: str) -> Scope:
        """The scope of a field that needs exactly one scope; raises ValueError for other fields."""
        ((scope,),) = self.fields[field]
        return scope


def noun(base: ScopeSets, lines: Mapping[str, ScopeSets]) -> Noun:
    """A noun from the lines of the table. A line names the fields that have the same scopes; raises DuplicateField."""
    fields: dict[str, ScopeSets] = {}
    for names, scopes in lines.items():
        for name in names.split():
            if name in fields:
                raise DuplicateField(name)
            fields[name] = scopes
    return Noun(base, fields)

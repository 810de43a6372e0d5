"""Checks that public codes in a read exist: regions and agencies. The caller is told of unknown ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.database import CODE, Database
from hub.foundation.prepared_sql import render
from schema.engine.compile.argument_errors import InvalidArgument
from schema.engine.declare.bind_parameters import KnownCodes, Named, Steps, unusable


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code that a request names, with the field `at` and the path in its arguments."""

    names: Named
    code: str
    at: tuple[str, ...]
    steps: Steps


class Existing:
    """The codes that this process found in the database. Regions and agencies are never removed, so a found code need not be
    looked up again."""

    def __init__(self, database: Database, codes: Mapping[Named, KnownCodes]) -> None:
        self._database = database
        self._codes = codes
        self._found: dict[Named, set[str]] = {names: set() for names in codes}
        self._look_up = render(sa.select(*(_found(names, one.column) for names, one in codes.items())))

    async def check(self, named: Sequence[NamedCode]) -> None:
        """Raise InvalidArgument for the first code that does not exist."""
        if all(one.code in self._found[one.names] for one in named):
            return
        sought = {names.value: [one.code for one in named if one.names is names] for names in self._codes}
        row = await self._database.fetch_row(self._look_up.text, self._look_up.values(sought))
        for names in self._codes:
            self._found[names].update(row[names.value])
        for one in named:
            if one.code not in self._found[one.names]:
                raise InvalidArgument(unusable(self._codes[one.names].unknown, one.steps), one.at)


def _found(names: Named, column: ColumnElement[Any]) -> ColumnElement[list[str]]:
    given = sa.bindparam(names.value, type_=pg.ARRAY(CODE))
    return sa.func.array(sa.select(column).where(column == sa.any_(given)).scalar_subquery()).label(
        names.value
    )

"""The households' rows for the plain evaluation, and the result of the hub's SQL for the same households."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.entitlements.entitled import entitled
from hub.foundation.database import table_of
from hub.model.aid import DETAIL_OF
from tests.hub.evaluation.entitlements.oracle import Claim, Family

EVERYBODY = Grant("civil_affairs@4101", "test", frozenset(Scope), ("4101",), "test")


def families(connection: psycopg.Connection[Any], only: Sequence[UUID] | None = None) -> list[Family]:
    """Every household, or some of them, with all of their rows."""

    def rows(table: str) -> list[dict[str, Any]]:
        key = "id" if table == "household" else "household_id"
        among = f"where {key} = any(%s)" if only is not None else ""
        with connection.cursor(row_factory=dict_row) as cursor:
            query = f"select * from {table} {among} order by id"
            return cursor.execute(query.encode(), [list(only)] if only is not None else None).fetchall()

    details = {
        (row["id"], row["version"]): row
        for detail in DETAIL_OF.values()
        for row in rows(table_of(detail).name)
    }
    of: dict[str, dict[UUID, list[Any]]] = {}
    for table in ("person", "certification", "circumstance", "aid_record", "referral"):
        of[table] = {}
        for row in rows(table):
            of[table].setdefault(row["household_id"], []).append(row)
    return [
        Family(
            household,
            of["person"].get(household["id"], []),
            of["certification"].get(household["id"], []),
            of["circumstance"].get(household["id"], []),
            of["aid_record"].get(household["id"], []),
            details,
            of["referral"].get(household["id"], []),
        )
        for household in rows("household")
    ]


def told(
    connection: psycopg.Connection[Any], day: date, only: Sequence[UUID] | None = None
) -> dict[UUID, list[Claim]]:
    """The hub's entitlements of every household, or of some, on a day, for a grant with all scopes."""
    rows = entitled(EVERYBODY, sa.cast(sa.literal(day.isoformat()), sa.Date))
    statement = sa.select(*(rows.c[name] for name in ("household_id", "rule", "person_id", "status")))
    if only is not None:
        statement = statement.where(rows.c.household_id.in_(only))
    text = str(statement.compile(dialect=pg.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    found: dict[UUID, list[Claim]] = {}
    for household_id, rule, person_id, status in connection.execute(text.replace("%%", "%")):
        found.setdefault(household_id, []).append((rule, person_id, status))
    return found

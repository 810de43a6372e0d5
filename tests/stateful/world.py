"""A database of the machine's own, the commands that are run on it, and what it holds afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.database import Database
from hub.errors import HubError
from hub.ledger.chain import verify_chain
from hub.secrecy import Secrecy
from schema.writer import Writer
from tests.stateful.model import Certification, Home, Model, Referral

T = TypeVar("T")


def grant_of(agency: str) -> Grant:
    """The whole grant of a client of an agency."""
    name, _, region = agency.partition("@")
    permissions = DEPARTMENTS[name]
    return Grant(agency, f"stateful-{agency}", permissions.scopes, (region,), permissions.purposes[0])


@dataclass
class World:
    """What a machine runs on."""

    url: str
    database: Database
    secrecy: Secrecy
    loop: asyncio.AbstractEventLoop

    def run(self, agency: str, write: Callable[[AsyncSession, Grant, Secrecy], Awaitable[T]]) -> T | HubError:
        """One command of an agency, in one transaction; answers its refusal where it is refused."""
        writer = Writer(grant_of(agency), self.database, self.secrecy)
        try:
            return self.loop.run_until_complete(
                writer.run(lambda session: write(session, writer.grant, self.secrecy))
            )
        except HubError as error:
            return error

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database holds."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def written(self) -> tuple[Any, ...]:
        """Changes with every write that is kept."""
        return self.rows(
            "select (select count(*) from chain_event), (select count(*) from write_receipt),"
            " (select count(*) from shown_household), (select count(*) from aid_record)"
        )[0]

    def chains_hold(self, households: Sequence[UUID]) -> bool:
        """Whether every link of the chains of some households is whole."""

        async def verify() -> bool:
            async with self.database.read() as connection:
                return all([(await verify_chain(connection, one)).whole for one in households])

        return self.loop.run_until_complete(verify())

    def model(self, codes: Sequence[str]) -> Model:
        """The households as they stand at the start."""
        homes = [
            Home(id, region, [one for (one,) in self.rows(_PERSONS, id)])
            for code in codes
            for id, region in self.rows("select id, region from household where code = %s", code)
        ]
        ids = [one.id for one in homes]
        return Model(
            homes,
            set(
                self.rows(
                    "select agency_id, household_id from shown_household where household_id = any(%s)", ids
                )
            ),
            self.certifications(ids),
            [Referral((row[0], row[1]), *row[2:]) for row in self.rows(_REFERRALS, ids)],
        )

    def certifications(self, ids: Sequence[UUID]) -> list[Certification]:
        """Those of some households, standing and ended."""
        return [Certification((row[0], row[1]), *row[2:]) for row in self.rows(_CERTIFICATIONS, list(ids))]

    def held(self, model: Model) -> dict[str, Any]:
        """What the tables hold of the households, as `model.rows_of` tells it."""
        ids = [one.id for one in model.homes]
        return {
            noun: {(row[0], row[1]): tuple(row[2:]) for row in self.rows(query, ids)}
            for noun, query in _HELD.items()
        }


_PERSONS = "select id from person where household_id = %s and left_on is null order by id"
_CERTIFICATIONS = (
    "select household_id, id, category, version, ended_on is not null from certification"
    " where household_id = any(%s) order by id"
)
_REFERRALS = (
    "select household_id, id, from_agency, to_agency, need, person_id is not null, status, version from referral"
    " where household_id = any(%s) order by id"
)
_HELD = {
    "referral": "select household_id, id, from_agency, to_agency, need, status, version from referral"
    " where household_id = any(%s)",
    "alert": "select household_id, id, status, version from alert where household_id = any(%s)",
    "conference": "select household_id, id, called_by, status, version from conference where household_id = any(%s)",
    "certification": "select household_id, id, category, ended_on is not null, version from certification"
    " where household_id = any(%s)",
    "aid_record": "select household_id, id, agency_id, kind, version from aid_record"
    " where household_id = any(%s) and superseded_at is null and client_id like 'stateful-%%'",
}

"""A database of the machine's own, the commands that run on it, and its contents afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.aid.continuing import RunningAid, running_aid
from hub.commands.context import CommandContext
from hub.evaluation.live.refreshing import refresh_stale
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy, place_of
from hub.foundation.errors import HubError
from hub.ledger.chain import verify_chain
from schema.engine.execute.transactions import Writer
from tests.hub.policy.permissions.reasons import LASTING
from tests.stateful.model import Certification, Home, Model, Referral

T = TypeVar("T")
COMMANDS_BETWEEN_EVALUATIONS = 9


def grant_of(agency: str) -> Grant:
    """The full grant of a client of an agency."""
    name, _, region = agency.partition("@")
    permissions = DEPARTMENTS[name]
    return Grant(agency, f"stateful-{agency}", permissions.scopes, (region,), permissions.purposes[0])


@dataclass
class World:
    """The database and the loop on which a machine runs."""

    url: str
    database: Database
    secrecy: Secrecy
    loop: asyncio.AbstractEventLoop
    commands: int = 0

    def run(self, agency: str, write: Callable[[CommandContext], Awaitable[T]]) -> T | HubError:
        """Run one command of an agency in one transaction; returns the error if it was refused."""
        self.commands += 1
        if self.commands % COMMANDS_BETWEEN_EVALUATIONS == 0:
            self.evaluate()
        writer = Writer(grant_of(agency), self.database, self.secrecy)
        try:
            return self.loop.run_until_complete(
                writer.run(lambda session: write(CommandContext(session, writer.grant, self.secrecy)))
            )
        except HubError as error:
            return error

    def evaluate(self) -> None:
        """Evaluate the households whose stored entitlements are stale, as the hub does beside the commands."""
        self.loop.run_until_complete(refresh_stale(self.database))

    def kept(self, households: Sequence[UUID]) -> dict[UUID, set[tuple[str, UUID, str]]]:
        """The stored entitlements of those households whose rows are not stale: rule, subject and status."""
        found: dict[UUID, set[tuple[str, UUID, str]]] = {
            id: set() for (id,) in self.rows(_EVALUATED, list(households), today())
        }
        for household, *claim in self.rows(_KEPT, list(found)):
            found[household].add(tuple(claim))
        return found

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def written(self) -> tuple[Any, ...]:
        """A value that changes with every stored write."""
        return self.rows(
            "select (select count(*) from chain_event), (select count(*) from write_receipt),"
            " (select count(*) from shown_household), (select count(*) from aid_record),"
            " (select count(*) from recovery), (select count(*) from recovery_repayment)"
        )[0]

    def chains_hold(self, households: Sequence[UUID]) -> bool:
        """Whether the chains of some households are whole."""

        async def verify() -> bool:
            async with self.database.read() as connection:
                return all([(await verify_chain(connection, household)).whole for household in households])

        return self.loop.run_until_complete(verify())

    def model(self, codes: Sequence[str]) -> Model:
        """The model of the households at the start."""
        homes = [
            self._home(id, region)
            for code in codes
            for id, region in self.rows("select id, region from household where code = %s", code)
        ]
        ids = [home.id for home in homes]
        return Model(
            homes,
            set(
                self.rows(
                    f"select agency_id, household_id from shown_household where {LASTING}"
                    " and because = 'CONFERENCE' and household_id = any(%s)",
                    ids,
                )
            ),
            self.certifications(ids),
            [Referral((row[0], row[1]), *row[2:]) for row in self.rows(_REFERRALS, ids)],
            {(county, residence): yuan for county, residence, yuan in self.rows(_STANDARDS, today())},
            dict(self.rows("select code, name from region")),
        )

    def _home(self, id: UUID, region: str) -> Home:
        persons = self.rows(_PERSONS, id)
        (first, sealed), *_ = persons
        number = self.secrecy.open(sealed, place_of("person.id_number", first.bytes))
        return Home(id, region, [one for one, _ in persons], number)

    def other_basic_living(self, person: UUID, form: str, begins: date, ends: date) -> bool:
        """Whether a person has basic living aid in another form than this one on some of the days (46-3.1)."""
        rows = self.rows(_BASIC_LIVING, person)
        return any(had != form and since <= ends and until >= begins for had, since, until in rows)

    def flagged(self, agency: str, key: tuple[UUID, UUID]) -> dict[str, int]:
        """The aid that the hub reports to an agency as running on after the end of a certification, in the shape of
        `running_on`."""

        async def look(context: CommandContext) -> list[RunningAid]:
            return await running_aid(context.session, context.grant, key)

        running = self.run(agency, look)
        assert isinstance(running, list)
        return {aid.kinds: aid.count for aid in running}

    def running_on(self, key: tuple[UUID, UUID]) -> dict[str, int]:
        """The aid that runs on after the end of a certification, for its household or person, without urgent aid (46-2.4,
        46-3.3): the number of records, under the names of their kinds."""
        ((whom, ended_on),) = self.rows(_ENDED, *key)
        kinds = [
            kind
            for kind, person, until, status in self.rows(_AID, key[0])
            if kind != "TEMPORARY"
            and status not in ("REVOKED", "ENDED")
            and until >= ended_on
            and whom in (None, person)
        ]
        return {", ".join(sorted(set(kinds))): len(kinds)} if kinds else {}

    def certifications(self, ids: Sequence[UUID]) -> list[Certification]:
        """The certifications of some households, in force or ended."""
        return [Certification((row[0], row[1]), *row[2:]) for row in self.rows(_CERTIFICATIONS, list(ids))]

    def held(self, model: Model) -> dict[str, Any]:
        """The rows that the tables contain for the households, in the shape of `model.rows_of`."""
        ids = [home.id for home in model.homes]
        return {
            noun: {(row[0], row[1]): tuple(row[2:]) for row in self.rows(query, ids)}
            for noun, query in _HELD.items()
        }


_PERSONS = "select id, id_number_sealed from person where household_id = %s and left_on is null order by id"
_CERTIFICATIONS = (
    "select household_id, id, category, version, ended_on is not null from certification"
    " where household_id = any(%s) order by id"
)
_REFERRALS = (
    "select household_id, id, from_agency, to_agency, need, person_id is not null, status, version,"
    " coalesce(closed_at < now() - interval '90 days', false) from referral"
    " where household_id = any(%s) order by id"
)
_STANDARDS = (
    "select distinct on (county, residence) county, residence, yuan from poverty_line"
    " where category = 'SUBSISTENCE_ALLOWANCE' and superseded_at is null and from_month <= %s"
    " order by county, residence, from_month desc"
)
_BASIC_LIVING = (
    "select d.form, a.period_from, a.period_until from aid_record a join basic_living_detail d using (household_id, id, version)"
    " join person p on p.household_id = a.household_id and p.id = a.person_id"
    " join person same on same.id_number_index = p.id_number_index"
    " where same.id = %s and a.superseded_at is null and a.status <> 'REVOKED'"
)
_EVALUATED = "select household_id from live_household where household_id = any(%s) and next_change_on > %s"
_KEPT = "select household_id, rule, subject_id, status from live_entitlement where household_id = any(%s) and status is not null"
_ENDED = "select person_id, ended_on from certification where household_id = %s and id = %s"
_AID = "select kind, person_id, period_until, status from aid_record where household_id = %s and superseded_at is null"
_HELD = {
    "referral": "select household_id, id, from_agency, to_agency, need, status, version from referral"
    " where household_id = any(%s)",
    "alert": "select household_id, id, status, version, disposition from alert where household_id = any(%s)",
    "conference": "select household_id, id, called_by, status, version from conference where household_id = any(%s)",
    "certification": "select household_id, id, category, ended_on is not null, version from certification"
    " where household_id = any(%s)",
    "aid_record": "select household_id, id, agency_id, kind, version, status, amount, revoked_because from aid_record"
    " where household_id = any(%s) and superseded_at is null and client_id like 'stateful-%%'",
    "recovery": "select household_id, id, aid_id, because, amount, waived, amount - coalesce(waived, 0) - coalesce((select"
    " sum(p.amount) from recovery_repayment p where p.household_id = r.household_id and p.recovery_id = r.id), 0), version"
    " from recovery r where household_id = any(%s)",
}

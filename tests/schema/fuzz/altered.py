"""Alters everything in a database that a grant may not see (`outside`), and nothing else, by plain SQL.

Households out of sight are changed in every column. A third of them is deleted with all dependent rows. Copies of households
in sight are put out of sight: the same persons, aid and events a second time. In households in sight each column without its
scope gets another value: null if it had a value, a value if it was null. Rows without their scope are changed, deleted and
added, and persons get new ids. Then the chains are hashed again, since a broken chain would be visible.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from auth.grant import Grant
from hub.foundation.encryption import Secrecy, place_of
from hub.ledger.chain import GENESIS, link_hash
from hub.model.every_table import metadata
from tests.hub.policy.permissions.reasons import LASTING
from tests.schema.fuzz.other_values import CATEGORY, other
from tests.schema.fuzz.outside import COLUMNS, NOTHING, ROWS, words_of

SEALED = {
    "id_number_sealed": "person.id_number",
    "phone_sealed": "person.phone",
    "account_sealed": "person.account",
}
BY_HAND = {*SEALED, "id_number_index", "hash", "previous_hash"}
DETAILS = tuple(table for table in COLUMNS if table.endswith("_detail"))
OF_HOUSEHOLD = (
    "person", "certification", "near_relative", "liability_decision", "circumstance", "share_entry", "aid_record",
    *DETAILS, "recovery",
    "recovery_repayment", "application", "referral", "referral_aid", "sent_household", "sent_member", "sent_certification",
    "sent_circumstance", "alert", "alert_referral", "visit", "conference", "conference_participant", "conference_measure",
    "disclosure_objection", "chain_event", "field_change",
)  # fmt: skip
"""Tables whose rows belong to a household, in the order in which they refer to each other."""
SENT = ("sent_household", "sent_member", "sent_certification", "sent_circumstance")
"""Tables whose rows belong to a referral."""
NUMBERS = ("monthly_share", "coverage", "coverage_category", "coverage_kind")
"""Tables whose rows are numbers of a region."""
OF_REGION = (*NUMBERS, "disclosure", "disclosure_entry")
"""Tables whose rows are visible by their region."""
POINT_AT_PERSONS = (
    "certification", "near_relative", "circumstance", "aid_record", "recovery", "application", "referral", "alert", "visit",
    "conference", "overlap_case",
)  # fmt: skip
OF_CONFERENCE = ("conference_participant", "conference_measure")
"""Tables whose rows belong to a conference, and are visible with it."""
NEXT_POSITION = "(select max(position) from chain_event) + row_number() over (order by t.position)"
TELLS_NOTHING_CLOSED = (
    "pg_temp.opened('audit:read') or"
    " (select coalesce(bool_and(pg_temp.opened(one)), true) from unnest(t.needs) one)"
)
"""SQL: whether the existence of an event `t` reveals only facts that the grant may read."""
IN_SIGHT_OF_A_CASE = (
    "pg_temp.is_caller(t.first_agency) or pg_temp.is_caller(t.second_agency)"
    " or t.household_id in (select household_id from pg_temp.sight)"
    " or t.first_household_id in (select household_id from pg_temp.sight)"
)
"""SQL: whether a case `t` may be visible to the grant: a case of its own, or in a household that it sees."""
SEEN_BESIDE = "exists (select from visit v where v.alert_id = t.id)"
"""SQL: whether a visit checked the alert `t`; the visit may be open although the alert is not."""
NOTICED = (
    "(pg_temp.opened('household.access:read') and split_part(t.agency_id, '@', 1) <> 'audit' and exists"
    " (select from household h where h.id = any (t.household_ids) and pg_temp.in_regions(h.region)))"
)
"""SQL: whether a family of the grant's own regions may see the access record `t`."""
THIRD = "mod(abs(hashtext(t.{id}::text)), 3) = {which}"


def _open(scope: str) -> str:
    """SQL: whether the grant has the scope that a row or a column of it needs."""
    if scope == NOTHING:
        return "false"

    def held(one: str) -> str:
        return "pg_temp.opened('" + one.replace("{", "' || lower(t.").replace("}", ") || '") + "')"

    either = (" and ".join(map(held, one.split("&"))) for one in scope.split("|"))
    return "(" + " or ".join(either) + ")"


def row_outside(table: str) -> str:
    """SQL: whether the row `t` of a table is outside the grant, with all its columns."""
    if table == "access_record":
        audited = "pg_temp.in_regions(split_part(t.agency_id, '@', 2)) and pg_temp.opened('audit:read')"
        hidden = f"not ({audited} or {NOTICED})"
    elif table in OF_REGION or table == "monitoring_run":
        hidden = "not pg_temp.in_regions(t.region)"
    elif table == "overlap_case":
        hidden = f"not ({IN_SIGHT_OF_A_CASE})"
    elif table == "monitoring_result":
        hidden = "not pg_temp.in_regions((select r.region from monitoring_run r where r.id = t.run_id))"
        hidden += f" or not ({TELLS_NOTHING_CLOSED})"
    else:
        household = "id" if table == "household" else "household_id"
        hidden = f"t.{household} not in (select household_id from pg_temp.sight)"
    if table in ("chain_event", "alert"):
        hidden += f" or not ({TELLS_NOTHING_CLOSED})"
    if table in ("conference", *OF_CONFERENCE):
        of = "id" if table == "conference" else "conference_id"
        hidden += (
            " or not (pg_temp.opened('conference:write') or pg_temp.opened('audit:read') or exists (select from"
            f" conference_participant c where c.household_id = t.household_id and c.conference_id = t.{of}"
            " and pg_temp.is_caller(c.agency_id)))"
        )
    return f"({hidden} or not {_open(ROWS[table])})" if table in ROWS else f"({hidden})"


def outside(table: str, column: str) -> str:
    """SQL: whether a column of the row `t` is outside the grant."""
    return f"({row_outside(table)} or not {_open(COLUMNS[table][column])})"


class Alteration:
    """One database, one grant; call `whole` once. Everything runs in the connection's transaction."""

    def __init__(self, connection: "psycopg.Connection[Any]", grant: Grant, secrecy: Secrecy) -> None:
        self._connection = connection
        self._grant = grant
        self._secrecy = secrecy

    def whole(self) -> None:
        """Alter everything. The triggers that write record events are disabled: the altered database needs no proof."""
        self._run("; ".join(f"alter table {name} disable trigger user" for name in metadata.tables))
        self._know_the_grant()
        self._run("delete from live_entitlement; delete from live_household")
        self._renew_persons()
        self._remove_rows()
        self._add_rows()
        for table in COLUMNS:
            self._change(table)
        self._seal()
        self._remove_households()
        self._copy_households()
        self._show_others()
        self._link()
        self._run(
            "update feed_counter set newest = greatest(newest, (select max(position) from chain_event))"
        )
        self._run(
            "insert into live_household (household_id, next_change_on, evaluation, partly_covered)"
            " select id, date '0001-01-01', '', false from household"
        )

    def _run(self, query: str) -> None:
        self._connection.execute(query.encode())

    def _know_the_grant(self) -> None:
        """An agency sees its own jurisdiction, the households shown to it, and what it wrote about others; scopes open the
        rest."""
        inside = " or ".join(f"code like '{prefix}%'" for prefix in self._grant.regions)
        scopes = ", ".join(f"'{word}'" for word in words_of(self._grant))
        for name, body in {
            "in_regions(code text)": inside,
            "opened(code text)": f"code in ({scopes})",
            "is_caller(code text)": f"code = '{self._grant.agency}'",
        }.items():
            self._run(f"create function pg_temp.{name} returns boolean language sql immutable return {body}")
        self._run(
            "create temporary table sight as select id as household_id from household where pg_temp.in_regions(region)"
            f" union select household_id from shown_household where agency_id = '{self._grant.agency}' and {LASTING}"
        )

    def _copy(self, table: str, where: str, **instead: str) -> None:
        """Copy the rows `t` of a table, with other values in some columns."""
        columns = [one.name for one in metadata.tables[table].columns]
        if table == "chain_event":
            instead |= {"position": NEXT_POSITION}
        values = ", ".join(instead.get(name, f"t.{name}") for name in columns)
        self._run(f"insert into {table} ({', '.join(columns)}) select {values} from {table} t where {where}")

    def _renew_persons(self) -> None:
        """Persons outside get new ids, so that their order changes."""
        gone = f"select t.household_id from person t where {row_outside('person')}"
        self._run(f"create temporary table renewed as {gone}")
        among = "household_id in (select household_id from pg_temp.renewed)"
        self._copy("person", among, id="md5(t.id::text)::uuid")
        for table in POINT_AT_PERSONS:
            self._run(f"update {table} set person_id = md5(person_id::text)::uuid where {among}")
        self._run(
            "delete from person p using person renewed where renewed.household_id = p.household_id"
            f" and renewed.id = md5(p.id::text)::uuid and p.{among}"
        )

    def _remove_rows(self) -> None:
        for table in (
            "certification",
            "near_relative",
            "liability_decision",
            "circumstance",
            "overlap_case",
            "visit",
            "access_record",
        ):
            self._run(
                f"delete from {table} t where {row_outside(table)} and {THIRD.format(id='id', which=0)}"
            )
        for table in (*SENT, "field_change"):
            self._run(
                f"delete from {table} t where {row_outside(table)} and mod(abs(hashtext(t::text)), 3) = 0"
            )
        for table in NUMBERS:
            key = "region || t.source_registry || t.month" if table == "monthly_share" else "region"
            third = THIRD.format(id=key, which=0)
            self._run(f"delete from {table} t where {row_outside(table)} and {third}")
        for table, hanging in {
            "aid_record": DETAILS,
            "recovery": ("recovery_repayment",),
            "referral": ("referral_aid", "alert_referral", *SENT),
            "alert": ("disclosure_objection", "alert_referral"),
            "conference": OF_CONFERENCE,
        }.items():
            key = "id" if table == "aid_record" else f"{table}_id"
            doomed = f"select t.household_id, t.id from {table} t where {row_outside(table)} and {THIRD.format(id='id', which=0)}"
            if table == "alert":
                doomed += f" and not exists (select from overlap_case o where o.alert_id = t.id) and not ({SEEN_BESIDE})"
            if table == "referral":  # a returned referral is not deleted while another one continues it
                carried_on = (
                    "select from referral r where (r.household_id, r.forwarded_from) = (t.household_id, t.id)"
                )
                doomed += f" and not exists ({carried_on})"
            for one in hanging:
                self._run(f"delete from {one} t where (t.household_id, t.{key}) in ({doomed})")
            self._run(f"delete from {table} t where (t.household_id, t.id) in ({doomed})")
        lists = f"select id from disclosure t where {row_outside('disclosure')} and {THIRD.format(id='id', which=0)}"
        for table in ("disclosure_objection", "disclosure_entry"):
            self._run(f"delete from {table} where disclosure_id in ({lists})")
        self._run(f"delete from disclosure where id in ({lists})")
        self._run(
            f"delete from chain_event t where {row_outside('chain_event')} and {THIRD.format(id='household_id', which=0)}"
            " and number = (select max(number) from chain_event e where e.household_id = t.household_id)"
        )
        closed = (
            f"t.household_id in (select household_id from pg_temp.sight) and not ({TELLS_NOTHING_CLOSED})"
        )
        self._run(f"delete from chain_event t where {closed} and {THIRD.format(id='subject_id', which=0)}")
        self._close_gaps()

    def _close_gaps(self) -> None:
        """Number every chain again, from 1, with the rows that refer to a number; first by negative numbers, which are free."""
        place = "row_number() over (partition by household_id order by number) as place from chain_event"
        self._run(f"create temporary table places as select household_id, number, {place}")
        self._run(
            "update chain_event t set answers = (select coalesce(array_agg(p.place::int order by p.place), '{}')"
            " from pg_temp.places p where p.household_id = t.household_id and p.number = any(t.answers))"
            " where t.answers <> '{}'"
        )
        self._run(
            "update chain_event t set number = -p.place from pg_temp.places p"
            " where p.household_id = t.household_id and p.number = t.number and p.number <> p.place"
        )
        self._run("update chain_event set number = -number where number < 0")
        self._run(
            "update field_change t set number = p.place from pg_temp.places p"
            " where p.household_id = t.household_id and p.number = t.number"
        )

    def _add_rows(self) -> None:
        more = "md5(t.id || 'more')::uuid"
        copied = THIRD.format(id="id", which=1)
        for table in (*POINT_AT_PERSONS, "person", "access_record"):
            changes = {"id": more}
            if table == "certification":
                changes |= {"ended_on": "t.valid_from", "ended_because": "'MISTAKE'"}
            if table == "referral":
                changes["forwarded_from"] = "null"  # only one referral may continue a returned one
            if table == "alert":
                changes["evidence"] = "t.evidence || 'M'"
            if table == "overlap_case":
                changes["second_external_id"] = "t.second_external_id || 'M'"
            self._copy(table, f"{row_outside(table)} and {copied}", **changes)
        for table in DETAILS:
            self._copy(table, f"{row_outside('aid_record')} and {copied}", id=more)
        self._copy(
            "chain_event",
            f"{row_outside('chain_event')} and {THIRD.format(id='household_id', which=1)}"
            " and number = (select max(number) from chain_event e where e.household_id = t.household_id)",
            number="t.number + 1",
            id=more,
        )
        if not any(scope == "household:read" for scope in self._grant.scopes):
            self._copy("household", copied, id=more, code="t.code || 'E'")

    def _change(self, table: str) -> None:
        """Another value in each column that is outside."""
        columns = metadata.tables[table].columns
        category = CATEGORY
        if table == "certification":
            category = f"(case when {outside(table, 'category')} then {CATEGORY} else t.category end)"
        changes = [
            f"{name} = case when {outside(table, name)} then {other(columns[name], category)} else t.{name} end"
            for name in COLUMNS[table]
            if name not in BY_HAND
        ]
        self._run(f"update {table} t set {', '.join(changes)}")

    def _seal(self) -> None:
        """Encrypted values are bound to their row. Persons who are outside get new ones in every column."""
        known = ", ".join(outside("person", column) for column in SEALED)
        changes = []
        for household, person, *closed in self._connection.execute(
            f"select t.household_id, t.id, {known} from person t".encode()
        ).fetchall():
            number = str(person.int)[:18]
            changes.append(
                {
                    "household": household,
                    "person": person,
                    **{
                        column: self._secrecy.seal(number, place_of(place, person.bytes))
                        if is_closed
                        else None
                        for (column, place), is_closed in zip(SEALED.items(), closed, strict=True)
                    },
                    "id_number_index": self._secrecy.blind_index(number) if closed[0] else None,
                }
            )
        settings = ", ".join(
            f"{column} = coalesce(%({column})s, {column})" for column in (*SEALED, "id_number_index")
        )
        self._many(
            f"update person set {settings} where household_id = %(household)s and id = %(person)s", changes
        )

    def _many(self, query: str, values: list[dict[str, Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(query.encode(), values)

    def _remove_households(self) -> None:
        seen = f"select t.household_id, t.first_household_id from overlap_case t where {IN_SIGHT_OF_A_CASE}"
        of_cases = f"select household_id from ({seen}) c union select first_household_id from ({seen}) c"
        hidden = (
            f"select t.id from household t where {row_outside('household')} and {THIRD.format(id='id', which=0)}"
            f" and t.id not in ({of_cases})"
        )
        self._run(f"create temporary table doomed as {hidden}")
        self._run("delete from overlap_case where first_household_id in (select id from pg_temp.doomed)")
        for table in ("shown_household", "overlap_case", *reversed(OF_HOUSEHOLD)):
            self._run(f"delete from {table} where household_id in (select id from pg_temp.doomed)")
        self._run("delete from disclosure_entry where household_id in (select id from pg_temp.doomed)")
        self._run("delete from household where id in (select id from pg_temp.doomed)")

    def _copy_households(self) -> None:
        """Put copies of households in sight out of sight."""
        copied = (
            f"{THIRD.format(id='{id}', which=2)} and t.{{id}} in (select household_id from pg_temp.sight)"
        )
        away = "(select code from region where not pg_temp.in_regions(code) order by md5(code) limit 1)"
        self._copy(
            "household",
            copied.format(id="id"),
            id="md5(t.id || 'away')::uuid",
            code="t.code || 'K'",
            region=away,
        )
        for table in OF_HOUSEHOLD:
            self._copy(
                table, copied.format(id="household_id"), household_id="md5(t.household_id || 'away')::uuid"
            )

    def _show_others(self) -> None:
        """Change which households other agencies are shown, and the external ids under which they wrote."""
        others = f"agency_id <> '{self._grant.agency}'"
        self._run(
            f"delete from shown_household t where {others} and {THIRD.format(id='household_id', which=0)}"
        )
        self._run(
            "insert into shown_household (household_id, agency_id, because, since) select h.id, a.id, 'OWN_RECORD', now()"
            f" from household h join agency a on a.id like 'charity@%' and a.id <> '{self._grant.agency}'"
            " on conflict do nothing"
        )
        self._run(
            f"update write_receipt set external_id = external_id || 'Z', digest = sha256(digest) where {others}"
        )

    def _link(self) -> None:
        """Hash every chain again."""
        changes: list[dict[str, Any]] = []
        household: UUID | None = None
        previous = GENESIS
        with self._connection.cursor(row_factory=dict_row) as cursor:
            events: list[Mapping[str, Any]] = list(
                cursor.execute("select * from chain_event order by household_id, number").fetchall()
            )
        for event in events:
            if event["household_id"] != household:
                household, previous = event["household_id"], GENESIS
            link = {**event, "previous_hash": previous}
            link["hash"] = previous = link_hash(link)
            if (link["hash"], link["previous_hash"]) != (event["hash"], event["previous_hash"]):
                changes.append(link)
        kept = ("household_id", "number", "hash", "previous_hash")
        self._many(
            "update chain_event set hash = %(hash)s, previous_hash = %(previous_hash)s"
            " where household_id = %(household_id)s and number = %(number)s",
            [{name: change[name] for name in kept} for change in changes],
        )

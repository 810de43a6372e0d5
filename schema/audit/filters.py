"""The filters of access records, for auditors."""

from datetime import datetime

import sqlalchemy as sa
import strawberry
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.foundation.database import TIMESTAMP, table_of
from hub.foundation.texts import Form, InvalidValue
from hub.model.households import HouseholdRow
from hub.model.ledger import AccessOutcome, AccessRecordRow, CoordinateSetRow
from hub.model.persons import PersonRow
from hub.policy.permissions.row_policies import visible
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.fields import where
from schema.engine.declare.filters import is_value, key_part, one_of
from schema.engine.declare.hexadecimal import digest_of_hex
from schema.regions.arguments import is_agency

_household, _person = table_of(HouseholdRow), table_of(PersonRow)


def _of_household(
    record: sa.FromClause, household_id: sa.ColumnElement[object], *more: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Whether a record touched a household. A subquery finds the household's records first, by their index. The planner does
    not know how few they are: without the subquery it would scan all records in the order of the page."""
    found = table_of(AccessRecordRow).alias()
    ids_found = sa.select(found.c.id).where(found.c.household_ids.contains(pg.array([household_id])))
    return sa.and_(record.c.id == sa.any_(sa.func.array(ids_found.scalar_subquery())), *more)


def _touched(record: sa.FromClause, value: ArgumentValue, grant: Grant) -> sa.ColumnElement[bool]:
    household = _household.alias()
    key = key_part(value, "Household", 1, 0)
    in_sight = sa.exists().where(household.c.id == key, visible(household, grant))
    return _of_household(record, key, in_sight)


def _concerned(record: sa.FromClause, value: ArgumentValue, grant: Grant) -> sa.ColumnElement[bool]:
    person = _person.alias()
    household_id, person_id = (key_part(value, "Person", 2, place) for place in range(2))
    in_sight = sa.exists().where(
        person.c.household_id == household_id, person.c.id == person_id, visible(person, grant)
    )
    named = record.c.person_ids.contains(pg.array([person_id]))
    return _of_household(record, household_id, sa.or_(record.c.whole_households, named), in_sight)


def _of_coordinate(record: sa.FromClause, value: ArgumentValue, grant: Grant) -> sa.ColumnElement[bool]:
    """Whether a record read a coordinate or was refused it."""
    read = table_of(CoordinateSetRow).alias()
    coordinate = value.bind(sa.Text, form=Form.LINE)
    sets = sa.select(read.c.digest).where(coordinate == sa.any_(read.c.coordinates), visible(read, grant))
    return sa.or_(
        record.c.coordinates_digest == sa.any_(sa.func.array(sets.scalar_subquery())),
        coordinate == sa.any_(record.c.forbidden),
    )


def _ended_with(record: sa.FromClause, value: ArgumentValue, _grant: Grant) -> sa.ColumnElement[bool]:
    code = value.bind(sa.Text, form=Form.LINE)
    return sa.or_(record.c.code == code, code == sa.any_(record.c.codes))


def _searched(record: sa.FromClause, value: ArgumentValue, _grant: Grant) -> sa.ColumnElement[bool]:
    digest = value.bind(sa.LargeBinary, digest_of_hex, form=Form.LINE)
    return sa.and_(
        record.c.numbers_named != sa.literal_column("'{}'"),
        record.c.numbers_named.contains(pg.array([digest])),
    )


def _at_least_one(rows: int) -> int:
    if rows < 1:
        raise InvalidValue("at least 1", "至少为 1")
    return rows


@strawberry.input(description="访问记录筛选 Which records; all fields must match")
class AccessRecordFilter:
    """Filters by caller, purpose, subject, time and outcome."""

    id: strawberry.ID | None = where(
        "AccessRecord.id",
        lambda r, v, _: r.c.id == key_part(v, "AccessRecord", 1, 0),
        "编号 The record with this id",
    )
    agency: str | None = where(
        "AccessRecord.agency",
        lambda r, v, _: is_agency(r.c.agency_id, v),
        "单位 The agency that made the request, by its code",
    )
    client: str | None = where(
        "AccessRecord.client", lambda r, v, _: is_value(r.c.client_id, v), "客户端 The client that asked"
    )
    person: str | None = where(
        "AccessRecord.person", lambda r, v, _: is_value(r.c.person, v), "操作人 The natural person who asked"
    )
    purpose: str | None = where(
        "AccessRecord.purpose",
        lambda r, v, _: is_value(r.c.purpose, v),
        "使用用途 The purpose that was claimed",
    )
    operation: str | None = where(
        "AccessRecord.operationName",
        lambda r, v, _: is_value(r.c.operation_name, v),
        "操作名 The operation's name",
    )
    coordinate: str | None = where(
        "AccessRecord.coordinates",
        _of_coordinate,
        "字段 It read this coordinate, as in Person.name, or was refused it",
    )
    household: strawberry.ID | None = where(
        "AccessRecord.households", _touched, "家庭 It touched or named this household, which you see"
    )
    subject: strawberry.ID | None = where(
        "AccessRecord.people",
        _concerned,
        "人员 It read data of this person, or data of the household that may be this person's, or named the person;"
        " you must see the person",
    )
    number: str | None = where(
        "AccessRecord.numbersNamed",
        _searched,
        "身份证号摘要 It searched for the number with this digest, as in `numbersNamed`",
    )
    from_: datetime | None = where(
        "AccessRecord.at",
        lambda r, v, _: r.c.at >= v.bind(TIMESTAMP),
        "不早于 At this instant or later",
        name="from",
    )
    until: datetime | None = where(
        "AccessRecord.at", lambda r, v, _: r.c.at < v.bind(TIMESTAMP), "早于 Before this instant"
    )
    outcome: list[AccessOutcome] | None = where(
        "AccessRecord.outcome", lambda r, v, _: one_of(r.c.outcome, v), "结果 Ended as one of these"
    )
    code: str | None = where("AccessRecord.codes", _ended_with, "错误码 One of its errors has this code")
    min_rows: int | None = where(
        "AccessRecord.rows",
        lambda r, v, _: r.c.rows >= v.bind(sa.Integer, _at_least_one),
        "最少行数 It read at least so many rows",
    )

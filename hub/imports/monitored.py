"""`hub import monitored`: agriculture's monthly list of households at risk of returning to poverty (46-1.2.2, 46-2.2).

One row for each certification of a household, found by its code or by its head's identity number. The export of the national
monitoring system has a row for each member instead; a row whose relation is not the head's names a member. The code, the
number and the name of a row must belong together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.certifications.changes import Wish
from hub.certifications.lists import certify_listed
from hub.certifications.rules import certifying_refusal, end_fault, faults
from hub.foundation.database import table_of
from hub.foundation.errors import AmbiguousIdentity, ForbiddenWrite, HubError
from hub.households.import_lock import one_at_a_time
from hub.households.refusals import ForeignHousehold, ValueMissing
from hub.imports import words
from hub.imports.aid_words import truth
from hub.imports.cells import compact, name, text
from hub.imports.codes import names_in, reads_names
from hub.imports.days import beginning, ending
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.households import identity_reader
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.imports.refusals import HeadMismatch, SubjectMissing, UnknownHousehold
from hub.imports.words import ColumnMismatch, or_nothing
from hub.ledger.named_subjects import NamedSubjects
from hub.model.certifications import Category, EndReason
from hub.model.circumstances import CircumstanceKind
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow, Relation
from hub.persons.names import NameMismatch, same_name
from hub.policy.facts.persons import present
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.write_scopes import NAMING_BY_NUMBER
from hub.regions.places import Places
from hub.shares.commands import share

_household = table_of(HouseholdRow)
_person = table_of(PersonRow)


@dataclass(frozen=True, slots=True)
class _Member:
    """A present member of a household: its region, the name, and whether it is the head."""

    region: str
    name: str
    head: bool


class MemberMismatch(HubError):
    """This person is not a member of the household with that code.
    此人不是该户编号对应家庭的成员。
    """


class CodesOfAnotherRegister(HubError):
    """{count} rows have household codes that are not registered here; they were found by number and name.
    {count} 行的户编号在本平台没有登记,已按证件号码和姓名找到该户。
    """


def columns(_places: Places, sample: bool) -> tuple[Column, ...]:
    """The columns of the monthly list."""
    return (
        Column("householdCode", "户编号 户号 户编码 家庭编号 家庭编码", compact),
        Column(
            "headIdNumber",
            "户主身份证号 户主身份证号码 户主证件号码 户主证件号 身份证号 身份证号码 证件号码 公民身份号码",
            identity_reader(sample),
        ),
        Column("head", "户主 户主姓名 姓名", name),
        Column("relation", "与户主关系 与户主的关系", words.RELATION),
        Column(
            "subtype",
            "监测对象类别 监测对象类型 监测类别 监测户类型 监测对象识别类别",
            words.MONITORED_SUBTYPE,
            required=True,
        ),
        Column(
            "validFrom",
            "认定日期 认定时间 纳入日期 纳入时间 纳入监测日期 纳入监测时间 识别监测日期 识别监测时间 识别日期 识别时间"
            " 风险识别日期 风险识别时间",
            beginning,
            required=True,
        ),
        Column("riskGone", "风险是否已消除 风险是否消除 是否消除风险 是否已消除风险", truth),
        Column(
            "endedOn",
            "风险消除日期 风险消除时间 消除监测日期 消除监测时间 消除日期 消除时间 退出日期 退出时间",
            ending,
        ),
        Column("endReason", "风险消除原因 消除原因 退出原因 风险消除方式 消除方式", or_nothing(text)),
    )


def refusal(grant: Grant) -> HubError | None:
    """The error for an agency that may not send such a list; None if it may."""
    return certifying_refusal(grant)


def read_monitored(importing: Importing, table: Table, columns: Sequence[Column]) -> Iterator[Record]:
    """The rows with a subject and a first day."""
    for record in read_records(table, columns, frozenset({"relation", "endReason"})):
        importing.tally.rows += 1
        values = record.values
        if values.get("headIdNumber") and NAMING_BY_NUMBER not in importing.grant.scopes:
            unnamed = ForbiddenWrite(scope=NAMING_BY_NUMBER.value)
            record.faults.append(("headIdNumber", unnamed, None))
        if not record.faults and not (values.get("householdCode") or values.get("headIdNumber")):
            missing = SubjectMissing(
                columns="householdCode or headIdNumber", columns_zh="户编号或户主身份证号"
            )
            record.faults.append(("householdCode", missing, None))
        if not record.faults:
            _check(record)
        if record.faults:
            importing.refuse(record)
        else:
            record.add_notices(importing.tally)
            yield record


def _check(record: Record) -> None:
    """Check the certification of a row, by the same rules as for requests."""
    values = record.values
    begins, ends = values["validFrom"], values.get("endedOn")
    found = faults(Category.POVERTY_RELAPSE_MONITORED, begins, None, values["subtype"], None)
    record.faults += [(key, error, str(values[key])) for key, error in found]
    if ends and (error := end_fault(begins, ends)):
        record.faults.append(("endedOn", error, str(ends)))
    gone = values.get("riskGone")
    if gone and ends is None:
        record.faults.append(("endedOn", ValueMissing(), None))
    elif gone is False and ends is not None:
        other = ColumnMismatch(column="riskGone", column_zh="风险是否已消除")
        record.faults.append(("endedOn", other, str(ends)))


async def certify_monitored(session: AsyncSession, importing: Importing, records: Sequence[Record]) -> None:
    """Certify, correct or end as the rows state, in the session's transaction."""
    await one_at_a_time(session)
    found: list[tuple[Record, UUID]] = []
    for record, household in zip(records, await _find(session, importing, records), strict=True):
        if isinstance(household, tuple):
            importing.tally.refuse(record.row, *household)
        else:
            found.append((record, household))
    ids = {household for _, household in found}
    importing.named.households |= ids
    wishes = [_wish(record, household) for record, household in found]
    certifying = await certify_listed(importing.context(session), wishes)
    importing.tally.notice_rows(certifying.notices)
    importing.tally.changed += len(certifying.changed_rows)
    if importing.month is not None and ids:
        named = {CircumstanceKind.MONITORED: {(id, id) for id in ids}}
        await share(session, importing.grant, importing.month, named)


def _wish(record: Record, household_id: UUID) -> Wish:
    values = record.values
    states: dict[str, Any] = {"subtype": values["subtype"]}
    if ended_on := values.get("endedOn"):
        states |= {
            "ended_on": ended_on,
            "ended_because": EndReason.RISK_GONE,
            "end_reason": values.get("endReason"),
        }
    of_month = "validFrom" in record.months
    category = Category.POVERTY_RELAPSE_MONITORED
    return Wish(record.row, (household_id, None), category, values["validFrom"], states, of_month)


async def _find(
    session: AsyncSession, importing: Importing, records: Sequence[Record]
) -> list[UUID | tuple[str, HubError]]:
    """The household of each row, or the refusal with its column."""
    indexes = {
        record.row: importing.secrecy.blind_index(identity.number)
        for record in records
        if (identity := record.values.get("headIdNumber"))
    }
    codes = {code for record in records if (code := record.values.get("householdCode"))}
    by_code = await _by_code(session, importing.grant, codes)
    by_number = await _by_number(session, importing.grant, set(indexes.values()))
    reached = {id for found in by_code.values() for id in found}
    _note(importing.named, indexes.values(), by_number, reached)
    names = await names_in(session, importing.grant, reached)
    compared = reads_names(importing.grant)

    def find(record: Record) -> UUID | tuple[str, HubError]:
        values = record.values
        of_head = values.get("relation") in (None, Relation.HEAD)
        members = by_number.get(indexes.get(record.row, b""), {})
        numbered = {id: member for id, member in members.items() if member.head or not of_head}
        code, name = values.get("householdCode"), values.get("head") if compared else None
        if code and code not in by_code and _vouched(name, numbered):
            importing.tally.count(CodesOfAnotherRegister)
            code = None
        candidates = by_code.get(code, {}) if code else {id: member.region for id, member in numbered.items()}
        key = "householdCode" if code else "headIdNumber"
        if not candidates:
            return key, UnknownHousehold()
        if len(candidates) > 1:
            return key, AmbiguousIdentity()
        id, region = next(iter(candidates.items()))
        if not importing.registration_rules.places.within(region):
            return key, ForeignHousehold()
        if record.row in indexes:
            if id not in numbered:
                return key, HeadMismatch() if of_head else MemberMismatch()
            if name and not same_name(name, numbered[id].name):
                return "head", NameMismatch()
        elif fault := names[id].fault(None if of_head else name, name if of_head else None):
            return "head", fault[1]
        return id

    return [find(record) for record in records]


def _note(
    named: NamedSubjects,
    indexes: Iterable[bytes],
    by_number: Mapping[bytes, Mapping[UUID, _Member]],
    by_code: Set[UUID],
) -> None:
    """Note for the access record whom the rows name, found or not, before a row is refused."""
    named.households |= by_code
    for index in indexes:
        named.number(index)
        for household_id in by_number.get(index, ()):
            named.member(index, household_id, in_sight=True)


def _vouched(name: str | None, numbered: Mapping[UUID, _Member]) -> bool:
    """Whether a number and a name together identify one household, because the national system has its own codes."""
    return (
        name is not None
        and len(numbered) == 1
        and all(same_name(name, member.name) for member in numbered.values())
    )


async def _by_code(session: AsyncSession, grant: Grant, codes: set[str]) -> dict[str, dict[UUID, str]]:
    """The visible households with these codes, with their regions."""
    rows = await session.execute(
        sa.select(_household.c.code, _household.c.id, _household.c.region).where(
            _household.c.code == sa.any_(sa.cast(list(codes), pg.ARRAY(sa.Text))), visible(_household, grant)
        )
    )
    return {row.code: {row.id: row.region} for row in rows}


async def _by_number(
    session: AsyncSession, grant: Grant, indexes: set[bytes]
) -> dict[bytes, dict[UUID, _Member]]:
    """The households in which one of these persons is a present member."""
    rows = await session.execute(
        sa.select(
            _person.c.id_number_index,
            _household.c.id,
            _household.c.region,
            _person.c.name,
            _person.c.relation,
        )
        .join_from(_person, _household, _household.c.id == _person.c.household_id)
        .where(
            _person.c.id_number_index == sa.any_(sa.cast(list(indexes), pg.ARRAY(sa.LargeBinary))),
            present(_person),
            visible(_household, grant),
        )
    )
    found: dict[bytes, dict[UUID, _Member]] = {}
    for row in rows:
        member = _Member(row.region, row.name, row.relation is Relation.HEAD)
        found.setdefault(row.id_number_index, {})[row.id] = member
    return found
